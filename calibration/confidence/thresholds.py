"""Choose the threshold at which a class's photos are referred with a wanted sensitivity."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge_runtime.errors import UnknownNameError
from train.data.contrasts import HEALTHY

#: What a product of floats may lack of a whole number.
_ROUNDING = 1e-9

# The share by which a threshold lies below the score that sets it: in its last digits the same
# photo's score hangs on how many are answered at once, and more so on the processor.
_MARGIN = 1e-3


@dataclass(frozen=True)
class ConfidenceOptions:
    """What is wanted of temperature and thresholds.

    ``no_referral`` are the classes that need no referral; without any there are no thresholds.
    ``sensitivity`` is the wanted share of each other class's photos that get one, ``seed`` that of
    folds and draws. Where a class has too few photos for a threshold there are none either, unless
    ``few_photos`` takes 0 for its threshold, at which every photo is referred, whatever it shows.
    """

    no_referral: tuple[str, ...]
    sensitivity: float = 0.95
    seed: int = 0
    few_photos: bool = False


def choose_threshold(scores: npt.NDArray[np.floating], *, sensitivity: float) -> float:
    """Take the highest threshold that keeps the wanted sensitivity on photos not seen yet.

    It is the k-th smallest of the n scores with k = floor((1 - sensitivity) * (n + 1)): a new
    score of the same kind falls below it with a probability of at most k / (n + 1). It lies a
    thousandth of itself lower, so that the photo that sets it reaches it however it is computed.
    With fewer photos than ``photos_needed`` k is 0 and the threshold too: everything is referred.

    Args:
        scores: (n,), the referral scores of a class's photos.
        sensitivity: The wanted share of them at or above the threshold.

    Source: Split conformal prediction, e.g. Angelopoulos and Bates, arXiv 2107.07511.
    """
    rank = math.floor((1 - sensitivity) * (len(scores) + 1) + _ROUNDING)
    return float(np.sort(scores)[rank - 1]) * (1 - _MARGIN) if rank else 0.0


def photos_needed(sensitivity: float) -> int:
    """Count the photos from which on ``choose_threshold`` can promise a sensitivity, 0..1."""
    return math.ceil((1 - _ROUNDING) / (1 - sensitivity)) - 1


def scarce_classes(
    labels: npt.NDArray[np.integer], classes: Sequence[str], options: ConfidenceOptions
) -> dict[str, int]:
    """Name the classes with too few photos for a threshold of their own, and how many they have.

    Args:
        labels: (N,), indices into ``classes``.
        classes: The class names.
        options: Which need no threshold, and for which sensitivity; without any nothing is asked.
    """
    if not options.no_referral:
        return {}
    counts = np.bincount(labels, minlength=len(classes)).tolist()
    return {
        name: count
        for name, count in zip(classes, counts, strict=True)
        if name not in options.no_referral and count < photos_needed(options.sensitivity)
    }


def said_of_scarcity(
    labels: npt.NDArray[np.integer], classes: Sequence[str], options: ConfidenceOptions
) -> str | None:
    """Say of which classes val_dir has too few photos, and what comes of it; None if of none.

    Args:
        labels: (N,), indices into ``classes``.
        classes: The class names.
        options: As for ``scarce_classes``.
    """
    scarce = scarce_classes(labels, classes, options)
    if not scarce:
        return None
    have = " and ".join(f"{count} of {name}" for name, count in scarce.items())
    comes = (
        "their threshold is 0, so every photo will be referred"
        if options.few_photos
        else "the bundle gets no referral thresholds (add photos or lower --sensitivity; "
        "--few-photos takes thresholds that refer every photo)"
    )
    return (
        f"too few photos in val_dir, {have}: a sensitivity of {options.sensitivity:.1%} needs "
        f"{photos_needed(options.sensitivity)} of each class; {comes}"
    )


def choose_thresholds(
    scores: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer],
    classes: Sequence[str],
    options: ConfidenceOptions,
) -> dict[str, float]:
    """Choose the threshold of every class that needs a referral, by its name.

    Args:
        scores: (N,), from ``edge_runtime.bundle.referral.referral_score``.
        labels: (N,), indices into ``classes``.
        classes: The class names.
        options: Which need none, and the wanted share of each other's photos at its threshold or
            above.
    """
    return {
        name: choose_threshold(scores[labels == label], sensitivity=options.sensitivity)
        for label, name in enumerate(classes)
        if name not in options.no_referral
    }


def healthy_classes(chosen: tuple[str, ...] | None, classes: tuple[str, ...]) -> tuple[str, ...]:
    """Say which classes need no referral: those chosen, or the one named ``HEALTHY``.

    Raises:
        UnknownNameError: A chosen one is none of the classes.
    """
    if chosen is None:
        return (HEALTHY,) if HEALTHY in classes else ()
    for name in chosen:
        if name not in classes:
            raise UnknownNameError("class", name, classes)
    return chosen
