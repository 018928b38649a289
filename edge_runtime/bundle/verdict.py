"""What a validation said of a model, checked against the bundle's own gates and thresholds."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from edge_runtime.bundle.thresholds import Thresholds

#: The gates that a whole validation of this version judges by, in their order.
GATES = (
    "accuracy_ratio_min", "recall_loss_max", "agreement_min", "ece_rise_max",
    "drift_correlation_min", "drift_iou_min", "evidence_outside_max", "peak_outside_max",
    "specificity_min", "saturation_max", "weights_sqnr_min",
)  # fmt: skip

#: What is known of a model: "passed in part" is by fewer gates than those.
Validation = Literal["passed", "passed in part", "failed", "not judged"]


class GateVerdict(Struct, frozen=True):
    """What a gate said; ``judged`` is false where the photos weren't enough to judge by.

    ``value`` is None where it couldn't be measured.
    """

    name: str
    holds: bool
    value: float | None = None
    limit: float | None = None
    judged: bool = True


class Verdict(Struct, frozen=True):
    """What a validation said of a model, against which reference and on how many photos.

    ``thresholds`` are the referral thresholds by class that it judged, empty without any; None in
    verdicts of older versions.
    """

    passed: bool
    reference: str
    photos: int
    gates: tuple[GateVerdict, ...]
    created: str = ""
    reference_sha256: str = ""
    data: str = ""
    data_fingerprint: str = ""
    split: str = ""
    cautions: tuple[str, ...] = ()
    thresholds: Mapping[str, float] | None = None


def validation_of(verdict: Verdict | None) -> Validation:
    """Say in a word or three what a validation said of a model; None is that there was none."""
    if verdict is None:
        return "not judged"
    if not verdict.passed:
        return "failed"
    return "passed in part" if _left_out(verdict) else "passed"


def doubt_of(verdict: Verdict | None) -> str | None:
    """Say why a model isn't to be relied on, in words to stand after its name; None if it is."""
    match validation_of(verdict), verdict:
        case "failed", Verdict():
            missed = ", ".join(gate.name for gate in verdict.gates if not gate.holds)
            return f"FAILED its validation ({missed}): don't rely on its results"
        case "passed in part", Verdict():
            lacking = ", ".join(_left_out(verdict))
            return (
                f"was judged by fewer gates than this version's (without {lacking}): let "
                "'fundus-edge validate --record' judge it anew before you rely on it"
            )
        case "not judged", _:
            return (
                "has no verdict of a validation: let 'fundus-edge validate --record' judge it "
                "before you rely on it"
            )
    return None


def _left_out(verdict: Verdict) -> list[str]:
    judged = {gate.name for gate in verdict.gates}
    return [name for name in GATES if name not in judged]


def within_limit(gate: str, value: float, limit: float) -> bool:
    """Say whether a gate holds: of ``..._min`` the limit is the least value, else the greatest."""
    return value >= limit if gate.endswith("_min") else value <= limit


def check_verdict(
    verdict: Verdict, *, gates: Mapping[str, float], thresholds: Thresholds | None
) -> None:
    """Check that a model's verdict follows from its gates, and is of the thresholds it has.

    Whoever can write a bundle can make a verdict too: this finds thresholds and limits that were
    changed behind it, not a forged one.

    Args:
        verdict: The model's.
        gates: The manifest's limits.
        thresholds: Those that hold for the model.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after "manifest.json".
    """
    if verdict.gates and verdict.passed != all(gate.holds for gate in verdict.gates):
        raise ValueError("records a verdict that its own gates contradict")
    for gate in verdict.gates:
        if not _follows(gate):
            raise ValueError(
                f"records that the gate '{gate.name}' holds, or not, against its value"
            )
        asked = gates.get(gate.name)
        if gate.holds and not _holds(gate, asked):
            raise ValueError(
                f"asks for {asked:g} by its gate '{gate.name}', but its validation passed "
                f"{gate.value}; validate it anew"
            )
    if verdict.thresholds is None:
        return
    found = (
        {name: each.threshold for name, each in thresholds.classes.items()} if thresholds else {}
    )
    if found != dict(verdict.thresholds):
        raise ValueError("has other thresholds than its validation judged; validate it anew")


def _follows(gate: GateVerdict) -> bool:
    """Say whether what a gate said follows from its value and its limit."""
    return gate.holds == (_holds(gate, gate.limit) if gate.judged else True)


def _holds(gate: GateVerdict, limit: float | None) -> bool:
    if limit is None or not gate.judged:
        return gate.holds
    return gate.value is not None and within_limit(gate.name, gate.value, limit)
