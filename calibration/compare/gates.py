"""Judge a model's figures by limits that a user can change."""

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibration.errors import GatesError

#: The limits that hold unless the manifest or a file says otherwise. ``..._min`` is the least
#: allowed value, ``..._max`` the greatest.
DEFAULT_GATES: Mapping[str, float] = {
    "accuracy_ratio_min": 0.99,
    "recall_loss_max": 0.02,
    "agreement_min": 0.99,
    "ece_rise_max": 0.01,
    "drift_correlation_min": 0.95,
    "drift_iou_min": 0.8,
    "evidence_outside_max": 0.02,
    "peak_outside_max": 0.02,
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
    "evidence_outside_max": "photos with more evidence outside of the eye than the bundle allows",
    "peak_outside_max": "photos whose hottest point lies outside of the eye",
    "unusable_max": "photos whose outputs aren't numbers",
    "saturation_max": "weights of 8 bits on an x86 processor without VNNI (1 yes, 0 no)",
    "weights_sqnr_min": "weights of the worst layer, signal to error against the original's, dB",
}

_MOST_SHOWN = 40


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
        file: A JSON object of numbers of 0 or more by gate, or None.
        manifest: The gates in the bundle's manifest.

    Raises:
        GatesError: The file isn't that, or either names a gate that doesn't exist.
    """
    chosen = _checked(manifest, "the bundle's manifest")
    if file is not None:
        chosen |= _checked(_read(file), str(file))
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


def missed_by_original(figures: Mapping[str, Any], gates: Mapping[str, float]) -> frozenset[str]:
    """Name the gates on where a model's own evidence lies that the original misses about as much.

    All other gates hold a model against the original, which can't miss them. A model that is
    worse than its original by more than the limit has to answer for that itself.

    Args:
        figures: The entry of one model in ``validation.json``.
        gates: From ``read_gates``.
    """
    original, model = (_evidence(figures["evidence"][key]) for key in ("original", "model"))
    return frozenset(
        name
        for name, value in original.items()
        if gates[name] < value and model[name] <= value + gates[name]
    )


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
        **_evidence(figures["evidence"]["model"]),
        "unusable_max": figures["unusable"],
        "saturation_max": float(figures["may_saturate"]),
        "weights_sqnr_min": figures["weights"]["sqnr_db"],
    }


def _evidence(found: Mapping[str, float]) -> dict[str, float]:
    return {"evidence_outside_max": found["flagged"], "peak_outside_max": found["peak_outside"]}


def _read(file: Path) -> Any:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise GatesError(str(file), f"can't be read: {cause}") from error
    except UnicodeDecodeError as error:
        raise GatesError(str(file), "is not UTF-8 text") from error
    if not text.strip():
        raise GatesError(str(file), "is empty")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise GatesError(str(file), f"is not JSON: {error.msg.lower()} at {where}") from error
    except (RecursionError, ValueError) as error:
        raise GatesError(str(file), "is nested too deep or has too long a number") from error


def _checked(raw: Any, source: str) -> dict[str, float]:
    if not isinstance(raw, Mapping):
        raise GatesError(source, f"holds {_shown(raw)}, not an object")
    for name, value in raw.items():
        if name not in DEFAULT_GATES:
            raise GatesError(
                source, f"names the gate '{name}', which isn't one of {', '.join(DEFAULT_GATES)}"
            )
        if type(value) not in (int, float) or not 0 <= value <= sys.float_info.max:
            raise GatesError(
                source, f"gives '{name}' the limit {_shown(value)}, not a number of 0 or more"
            )
    return {name: float(value) for name, value in raw.items()}


def _shown(value: Any) -> str:
    """Name a JSON value in a sentence."""
    if isinstance(value, list | Mapping):
        return "a list" if isinstance(value, list) else "an object"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
