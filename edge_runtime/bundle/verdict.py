"""What a validation said of a model, checked against the bundle's own gates and thresholds."""

from collections.abc import Mapping

from msgspec import Struct

from edge_runtime.bundle.thresholds import Thresholds


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
