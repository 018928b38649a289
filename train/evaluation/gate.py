"""Say which photos the quality gate turns away, by class and by source."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from msgspec import UNSET

from edge_runtime.bundle.metrics import GateFigures, Refused
from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.photo.prepare import decode_timed, prepare_timed
from train.data.labelled import LabelledPhoto
from train.data.truth import Truth
from train.evaluation.by_source_table import shown_source
from train.evaluation.markdown import cell, table


def photo_faults(
    photos: Sequence[LabelledPhoto], *, size: tuple[int, int], limits: QualityLimits
) -> tuple[str | None, ...]:
    """Ask the quality gate about photos, as the device does.

    Args:
        photos: N photos that can be read.
        size: (height, width) of the model's input.
        limits: Of the gate.

    Returns:
        N clauses that say why a photo can't be graded, None for those that can.

    Raises:
        PhotoNotFoundError, PhotoUnreadableError: A photo can't be read.
    """

    def ask(photo: LabelledPhoto) -> str | None:
        decoded, decode_ms = decode_timed(photo.path)
        return prepare_timed(decoded, size=size, limits=limits, decode_ms=decode_ms).fault

    with ThreadPoolExecutor() as pool:
        return tuple(pool.map(ask, photos))


def gate_figures(faults: Sequence[str | None], truth: Truth, classes: Sequence[str]) -> GateFigures:
    """Count the photos that a gate turns away.

    A gate that turns away one class or one camera more than another changes what the figures
    behind it mean.

    Args:
        faults: N clauses that say why a photo can't be graded, None for those that can.
        truth: What is known of the N photos.
        classes: The C class names.
    """
    refused = np.array([fault is not None for fault in faults], bool)
    every = _refused(refused)
    return GateFigures(
        every.photos,
        every.ungradable,
        every.share,
        by_class=_by_name(refused, truth.names(classes)),
        reasons=dict(Counter(filter(None, faults)).most_common()),
        by_source=_by_name(refused, truth.sources) if any(truth.sources) else UNSET,
    )


def gate_table(gate: GateFigures) -> str:
    """Write what ``gate_figures`` found as Markdown below a heading of the second level."""
    rows = [["all", *_row(gate)]]
    rows += [[cell(name), *_row(found)] for name, found in gate.by_class.items()]
    rows += [
        [f"source {cell(shown_source(name))}", *_row(found)]
        for name, found in (gate.by_source or {}).items()
    ]
    parts = [
        "## The quality gate",
        "The figures above are of all photographs, as with `--no-quality-gate`. `predict` calls "
        f"{gate.ungradable} of the {gate.photos} ungradable and gives them no class.",
        table(["", "photographs", "ungradable", "share"], rows),
    ]
    if gate.reasons:
        parts.append("\n".join(f"- {count}: {cell(why)}" for why, count in gate.reasons.items()))
    return "\n\n".join(parts) + "\n"


def _by_name(refused: npt.NDArray[np.bool_], names: Sequence[str]) -> dict[str, Refused]:
    of = np.array(names, object)
    return {name: _refused(refused[of == name]) for name in sorted(set(names))}


def _refused(refused: npt.NDArray[np.bool_]) -> Refused:
    return Refused(len(refused), int(refused.sum()), float(refused.mean()))


def _row(found: Refused) -> list[str]:
    return [str(found.photos), str(found.ungradable), f"{found.share:.1%}"]
