"""Judge a model's figures by limits that a user can change."""

import json
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from calibration.compare.comparison import ModelFigures
from calibration.errors import GatesError
from edge_runtime.bundle.verdict import GateVerdict, within_limit


@dataclass(frozen=True)
class Gate:
    """A figure of a model and the limit that holds unless the manifest or a file says otherwise.

    ``asks`` says it for people, ``value`` is None where it couldn't be measured. Then the gate is
    missed; if it ``can_be_unjudged``, it neither passes nor fails.
    """

    limit: float
    asks: str
    value: Callable[[ModelFigures], float | None]
    can_be_unjudged: bool = False


def _accuracy_ratio(figures: ModelFigures) -> float | None:
    accuracy = figures.paired.accuracy
    return accuracy.model / accuracy.original if accuracy.original else None


def _recall_loss(figures: ModelFigures) -> float:
    """Take what an interval's end in the model's favour still concedes as lost."""
    return max(0.0, *(-row.interval[1] for row in figures.paired.recall.values()))


def _median(figures: ModelFigures, measure: str) -> float | None:
    measures = figures.explanation.measures
    return measures[measure].median if measures else None


def _specificity(figures: ModelFigures) -> float | None:
    """Take that of the model's own thresholds; by the predicted class it promises nothing."""
    flips = figures.referral
    return flips.specificity_model if flips and flips.rule == "thresholds" else None


#: By name: of ``..._min`` the limit is the least allowed value, of ``..._max`` the greatest.
GATES: Mapping[str, Gate] = {
    "accuracy_ratio_min": Gate(0.99, "accuracy as a share of the original's", _accuracy_ratio),
    "recall_loss_max": Gate(
        0.02,
        "largest loss of a class's recall that its 95 % interval leaves no doubt of",
        _recall_loss,
    ),
    "agreement_min": Gate(
        0.99, "photos on which both choose the same class", lambda found: found.agreement.top1
    ),
    "ece_rise_max": Gate(
        0.01, "rise of the expected calibration error", lambda found: found.confidence.ece_rise
    ),
    "drift_correlation_min": Gate(
        0.95, "correlation of the Grad-CAMs, median", lambda found: _median(found, "pearson")
    ),
    "drift_iou_min": Gate(
        0.8,
        "overlap (IoU) of the hottest tenth of the heatmaps, median",
        lambda found: _median(found, "iou"),
    ),
    "evidence_outside_max": Gate(
        0.02,
        "photos with more evidence outside of the eye than the bundle allows",
        lambda found: found.evidence["model"].flagged,
    ),
    "peak_outside_max": Gate(
        0.02,
        "photos whose hottest point lies outside of the eye",
        lambda found: found.evidence["model"].peak_outside,
    ),
    "specificity_min": Gate(
        0.4,
        "healthy eyes that the thresholds don't refer",
        _specificity,
        can_be_unjudged=True,
    ),
    "saturation_max": Gate(
        0,
        "weights of 8 bits on an x86 processor without VNNI (1 yes, 0 no)",
        lambda found: float(found.may_saturate),
    ),
    "weights_sqnr_min": Gate(
        27,
        "weights of the worst layer, signal to error against the original's, dB",
        lambda found: found.weights.sqnr_db,
        can_be_unjudged=True,
    ),
}

#: Gates of older versions, which files and manifests may name: answers that aren't numbers end a
#: validation now.
RETIRED = ("unusable_max",)

_MOST_SHOWN = 40


def read_gates(file: Path | None, *, manifest: Mapping[str, float]) -> dict[str, float]:
    """Put the limits together: a file's, where it has none the manifest's, else the default.

    Args:
        file: A JSON object of numbers of 0 or more by gate, or None.
        manifest: The gates in the bundle's manifest.

    Raises:
        GatesError: The file isn't that, or either names a gate that doesn't exist.
    """
    chosen = {name: gate.limit for name, gate in GATES.items()}
    chosen |= _checked(manifest, "the bundle's manifest")
    if file is not None:
        chosen |= _checked(_read(file), str(file))
    return chosen


def judge(figures: ModelFigures, limits: Mapping[str, float]) -> tuple[GateVerdict, ...]:
    """Hold a model's figures against the limits of ``read_gates``."""
    found = []
    for name, limit in limits.items():
        value = GATES[name].value(figures)
        if value is None or not math.isfinite(value):
            judged = value is not None or not GATES[name].can_be_unjudged
            found.append(GateVerdict(name, not judged, None, limit, judged))
        else:
            found.append(GateVerdict(name, within_limit(name, value, limit), value, limit))
    return tuple(found)


def missed_by_original(figures: ModelFigures, limits: Mapping[str, float]) -> frozenset[str]:
    """Name the gates on where a model's own evidence lies that the original misses about as much.

    Of a quantisation all other gates hold it against the original, which can't miss them, or judge
    nothing. A model that is worse than its original by more than the limit has to answer for that
    itself.
    """
    first, own = figures.evidence["original"], figures.evidence["model"]
    pairs = {
        "evidence_outside_max": (first.flagged, own.flagged),
        "peak_outside_max": (first.peak_outside, own.peak_outside),
    }
    return frozenset(
        name
        for name, (original, model) in pairs.items()
        if limits[name] < original and model <= original + limits[name]
    )


def said(gate: GateVerdict) -> str:
    """Say in a word or two what a gate said."""
    if not gate.judged:
        return "not judged"
    return "holds" if gate.holds else "MISSED"


def shown_value(gate: GateVerdict) -> str:
    """Write the value of a gate, or that there is none."""
    if gate.value is None:
        return "not measured" if gate.judged else "not compared"
    return f"{gate.value:.4f}"


def shown_margin(gate: GateVerdict) -> str:
    """Write how far the value is on the right side of the limit; below 0 it is on the wrong one."""
    if gate.value is None or gate.limit is None:
        return "-"
    margin = gate.value - gate.limit
    return f"{(margin if gate.name.endswith('_min') else -margin) + 0.0:+.4f}"


def bound(gate: GateVerdict) -> str:
    """Say on which side of the limit the value must be."""
    return "at least" if gate.name.endswith("_min") else "at most"


def _read(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise GatesError(str(file), _cause(error)) from error


def _cause(error: Exception) -> str:
    match error:
        case OSError():
            return f"can't be read: {(error.strerror or str(error)).lower()}"
        case UnicodeDecodeError():
            return "is not UTF-8 text"
        case json.JSONDecodeError(doc=text) if not text.strip():
            return "is empty"
        case json.JSONDecodeError(msg=cause, lineno=line, colno=column):
            return f"is not JSON: {cause.lower()} at line {line}, column {column}"
    return "is nested too deep or has too long a number"


def _checked(raw: object, source: str) -> dict[str, float]:
    if not isinstance(raw, Mapping):
        raise GatesError(source, f"holds {_shown(raw)}, not an object")
    for name, value in raw.items():
        if name not in (*GATES, *RETIRED):
            raise GatesError(
                source, f"names the gate '{name}', which isn't one of {', '.join(GATES)}"
            )
        if type(value) not in (int, float) or not 0 <= value <= sys.float_info.max:
            raise GatesError(
                source, f"gives '{name}' the limit {_shown(value)}, not a number of 0 or more"
            )
    return {name: float(value) for name, value in raw.items() if name in GATES}


def _shown(value: object) -> str:
    """Name a JSON value in a sentence."""
    if isinstance(value, list | Mapping):
        return "a list" if isinstance(value, list) else "an object"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
