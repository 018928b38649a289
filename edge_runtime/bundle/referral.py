"""Decide whether a photo's person should be referred to a doctor, and say why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Referral:
    """A decision: ``score`` is the probability that it compared with ``threshold``.

    ``why`` is the clause that a person reads.
    """

    refer: bool
    score: float
    threshold: float
    why: str


def referral(probabilities: Mapping[str, float], thresholds: Mapping[str, Any]) -> Referral | None:
    """Decide by a bundle's thresholds.

    The score is the sum over all classes that need a referral, so that a disease that is taken for
    another one still counts. Every such class has its own threshold, at which its photos reach the
    wanted sensitivity, and a photo that reaches any of them is referred.

    Args:
        probabilities: By class name.
        thresholds: The manifest's.

    Returns:
        The decision; None where the bundle has no thresholds.
    """
    if not thresholds:
        return None
    names = tuple(probabilities)
    row = np.array([[probabilities[name] for name in names]], np.float64)
    score = float(referral_score(row, names, no_referral=thresholds["no_referral"])[0])
    limits = {name: float(entry["threshold"]) for name, entry in thresholds["classes"].items()}
    lowest = min(limits, key=lambda name: limits[name])
    refer = score >= limits[lowest]
    why = (
        f"{_percent(score)} for any class but {' or '.join(thresholds['no_referral'])} "
        f"{'reaches' if refer else 'is below'} {_percent(limits[lowest])}, "
        f"the threshold of {lowest} for a sensitivity of {thresholds['sensitivity']:.0%}"
    )
    return Referral(refer, score, limits[lowest], why)


def referral_score(
    probabilities: npt.NDArray[np.floating], classes: Sequence[str], *, no_referral: Sequence[str]
) -> npt.NDArray[np.float64]:
    """Add up the probabilities of the classes that need a referral.

    Args:
        probabilities: (N, C).
        classes: The C class names in the same order.
        no_referral: Those that need none, usually the healthy one.

    Returns:
        float64 (N,), 0..1.
    """
    needed = [name not in no_referral for name in classes]
    return np.asarray(probabilities[:, needed].sum(axis=1, dtype=np.float64))


def yes_or_no(refer: bool) -> str:
    """Write a decision as results show it."""
    return "yes" if refer else "no"


def referral_line(decision: Referral) -> str:
    """Write a decision and its why, as text output shows it."""
    return f"refer: {yes_or_no(decision.refer)}, {decision.why}"


def check_thresholds(thresholds: Mapping[str, Any], classes: Sequence[str]) -> None:
    """Check that a manifest's thresholds are empty or can be decided by.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after "manifest.json".
    """
    if not thresholds:
        return
    healthy, entries = thresholds.get("no_referral"), thresholds.get("classes")
    if not isinstance(healthy, list) or not healthy or not set(healthy) < set(classes):
        raise ValueError("has 'thresholds.no_referral' that isn't a list of some of its classes")
    if not isinstance(entries, dict) or set(entries) != set(classes) - set(healthy):
        raise ValueError("has 'thresholds.classes' that aren't those that need a referral")
    for name, entry in entries.items():
        value = entry.get("threshold") if isinstance(entry, dict) else None
        if type(value) not in (int, float) or not 0 <= float(value or 0) <= 1:
            raise ValueError(f"has 'thresholds.classes.{name}.threshold' that isn't 0 to 1")
    wanted = thresholds.get("sensitivity")
    if type(wanted) is not float or not 0 < wanted < 1:
        raise ValueError("has 'thresholds.sensitivity' that isn't between 0 and 1")


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 or share == 0 else "under 0.1%"
