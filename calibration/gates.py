"""Judge a model's figures by limits that a user can change."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_runtime.errors import GatesError

#: The limits that hold unless the manifest or a file says otherwise. ``..._min`` is the least
#: allowed value, ``..._max`` the greatest.
DEFAULT_GATES: Mapping[str, float] = {
    "accuracy_ratio_min": 0.99,
    "recall_loss_max": 0.02,
    "agreement_min": 0.99,
    "ece_rise_max": 0.01,
    "drift_correlation_min": 0.95,
    "drift_iou_min": 0.8,
    "unusable_max": 0,
    "saturation_max": 0,
    "weights_sqnr_min": 27,
}

#: Gates that say nothing of a model for which they can't be computed: it neither passes nor fails.
CAN_BE_UNJUDGED = frozenset({"weights_sqnr_min"})

#: What each gate asks, for people.
SENTENCES: Mapping[str, str] = {
    "accuracy_ratio_min": "accuracy as a share of the original's",
    "recall_loss_max": "largest loss of a class's recall that its 95 % interval leaves no doubt of",
    "agreement_min": "photos on which both choose the same class",
    "ece_rise_max": "rise of the expected calibration error",
    "drift_correlation_min": "correlation of the Grad-CAMs, median",
    "drift_iou_min": "overlap (IoU) of the hottest tenth of the heatmaps, median",
    "unusable_max": "photos whose outputs aren't numbers",
    "saturation_max": "weights of 8 bits on an x86 processor without VNNI (1 yes, 0 no)",
    "weights_sqnr_min": "weights of the worst layer, signal to error against the original's, dB",
}


@dataclass(frozen=True)
class Judgement:
    """What one gate said.

    ``value`` is None where it couldn't be measured, and then the gate is missed, or not ``judged``
    if it is one of ``CAN_BE_UNJUDGED``: then it ``holds`` for want of a reason to fail.
    """

    name: str
    value: float | None
    limit: float
    holds: bool
    judged: bool = True


def read_gates(file: Path | None, *, manifest: Mapping[str, float]) -> dict[str, float]:
    """Put the limits together: a file's, where it has none the manifest's, else the default.

    Args:
        file: A JSON object of numbers by gate, or None.
        manifest: The gates in the bundle's manifest.

    Raises:
        GatesError: The file isn't that, or either names a gate that doesn't exist.
    """
    chosen = _checked(manifest, "the bundle's manifest")
    if file is not None:
        try:
            raw = json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise GatesError(str(file), "can't be read") from error
        except ValueError as error:
            raise GatesError(str(file), "is not JSON") from error
        chosen |= _checked(raw, str(file))
    return dict(DEFAULT_GATES) | chosen


def judge(figures: Mapping[str, Any], gates: Mapping[str, float]) -> tuple[Judgement, ...]:
    """Hold a model's figures against the limits.

    Args:
        figures: The entry of one model in ``validation.json``.
        gates: From ``read_gates``.
    """
    values = _values(figures)
    judgements = []
    for name, limit in gates.items():
        value = values[name]
        if value is None and name in CAN_BE_UNJUDGED:
            judgements.append(Judgement(name, None, limit, holds=True, judged=False))
        elif value is None or not math.isfinite(value):
            judgements.append(Judgement(name, None, limit, holds=False))
        else:
            holds = value >= limit if name.endswith("_min") else value <= limit
            judgements.append(Judgement(name, value, limit, holds))
    return tuple(judgements)


def said(gate: Mapping[str, Any]) -> str:
    """Say in a word or two what a gate of ``validation.json`` said."""
    if not gate.get("judged", True):
        return "not judged"
    return "holds" if gate["holds"] else "MISSED"


def shown_value(gate: Mapping[str, Any]) -> str:
    """Write the value of a gate of ``validation.json``, or that there is none."""
    if gate["value"] is None:
        return "not measured" if gate.get("judged", True) else "not compared"
    return f"{gate['value']:.4f}"


def _values(figures: Mapping[str, Any]) -> dict[str, float | None]:
    paired = figures["paired"]
    accuracy, confidence = paired["accuracy"], figures["confidence"]
    measures = figures["explanation"]["measures"]
    # What the interval's end in the model's favour still concedes as lost.
    losses = [-row["interval"][1] for row in paired["recall"].values()]
    return {
        "accuracy_ratio_min": (
            accuracy["model"] / accuracy["original"] if accuracy["original"] else None
        ),
        "recall_loss_max": max(0.0, *losses),
        "agreement_min": figures["agreement"]["top1"],
        "ece_rise_max": confidence["ece_rise"],
        "drift_correlation_min": measures["pearson"]["median"] if measures else None,
        "drift_iou_min": measures["iou"]["median"] if measures else None,
        "unusable_max": figures["unusable"],
        "saturation_max": float(figures["may_saturate"]),
        "weights_sqnr_min": figures["weights"]["sqnr_db"],
    }


def _checked(raw: Any, source: str) -> dict[str, float]:
    if not isinstance(raw, Mapping):
        raise GatesError(source, "isn't an object")
    for name, value in raw.items():
        if name not in DEFAULT_GATES:
            raise GatesError(
                source, f"names the gate '{name}', which isn't one of {', '.join(DEFAULT_GATES)}"
            )
        if type(value) not in (int, float) or not math.isfinite(value):
            raise GatesError(source, f"has '{name}' that isn't a number")
    return {name: float(value) for name, value in raw.items()}
