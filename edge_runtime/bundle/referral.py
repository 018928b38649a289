"""Decide whether a photo's person should be referred to a doctor, and say why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.thresholds import Thresholds


@dataclass(frozen=True)
class Referral:
    """A decision: ``score`` is the probability that it compared with ``threshold``.

    ``why`` is the clause that a person reads.
    """

    refer: bool
    score: float
    threshold: float
    why: str


def referral(probabilities: Mapping[str, float], thresholds: Thresholds | None) -> Referral | None:
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
    if thresholds is None:
        return None
    names = tuple(probabilities)
    row = np.array([[probabilities[name] for name in names]], np.float64)
    score = float(referral_score(row, names, no_referral=thresholds.no_referral)[0])
    limit = thresholds.classes[thresholds.lowest].threshold
    refer = score >= limit
    likeliest = max(thresholds.classes, key=lambda name: probabilities[name])
    return Referral(refer, score, limit, _why(score, likeliest, thresholds))


def _why(score: float, likeliest: str, thresholds: Thresholds) -> str:
    """Say why: by the lowest threshold, which decides, and by that of the likeliest class."""
    lowest = thresholds.lowest
    least, own = (thresholds.classes[name].threshold for name in (lowest, likeliest))
    score_of = f"{_percent(score)} for any class but {' or '.join(thresholds.no_referral)}"
    reaches = "reaches" if score >= least else "is below"
    decides = f"{score_of} {reaches} {_percent(least)}, the threshold of {lowest}"
    if likeliest == lowest:
        return f"{decides}, the likeliest, and the lowest, which decides"
    also = " and reached too" if score >= own else ""
    return (
        f"{decides}, the lowest, which decides; that of {likeliest}, the likeliest, is "
        f"{_percent(own)}{also}"
    )


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


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 or share == 0 else "under 0.1%"
