"""Say which photos the quality gate turns away, by class and by source."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec import UNSET

from edge_runtime.bundle.metrics import GateFigures, Refused
from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.photo.prepare import decode_timed, prepare_timed
from train.data.dataset import load_photos
from train.data.labelled import LabelledPhoto
from train.data.truth import Truth
from train.evaluation.by_source_table import shown_source
from train.evaluation.markdown import cell, table

#: The columns of ``gate_rows``.
HEADS = ("", "photographs", "ungradable", "share")


def gated_photos(
    photos: tuple[LabelledPhoto, ...], *, size: tuple[int, int], limits: QualityLimits
) -> tuple[npt.NDArray[np.uint8], tuple[str | None, ...]]:
    """Prepare photos and ask the quality gate about them, as the device does, each read once.

    Args:
        photos: N photos.
        size: (height, width) of the model's input.
        limits: Of the gate.

    Returns:
        What ``load_photos`` gives, uint8 (N, height, width, 3), and N clauses that say why a photo
        can't be graded, None for those that can.

    Raises:
        PhotosUnreadableError: Some photos can't be read; the sentence counts and names them.
    """
    faults: dict[Path, str | None] = {}

    def ask(path: Path) -> npt.NDArray[np.uint8]:
        decoded, decode_ms = decode_timed(path)
        prepared = prepare_timed(decoded, size=size, limits=limits, decode_ms=decode_ms)
        faults[path] = prepared.fault
        return prepared.image

    images = load_photos(photos, size=size, read=ask)
    return images, tuple(faults[photo.path] for photo in photos)


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


def gate_rows(gate: GateFigures) -> list[list[str]]:
    """Write what ``gate_figures`` found as rows of plain text under ``HEADS``."""
    rows = [["all", *_row(gate)]]
    rows += [[name, *_row(found)] for name, found in gate.by_class.items()]
    return rows + [
        [f"source {shown_source(name)}", *_row(found)]
        for name, found in (gate.by_source or {}).items()
    ]


def gate_table(gate: GateFigures) -> str:
    """Write what ``gate_figures`` found as Markdown below a heading of the second level."""
    parts = [
        "## The quality gate",
        "The figures above are of all photographs, as with `--no-quality-gate`. `predict` calls "
        f"{gate.ungradable} of the {gate.photos} ungradable and gives them no class.",
        table(HEADS, gate_rows(gate)),
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
