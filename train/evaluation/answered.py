"""Photos and what a model said of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.manifest import Manifest
from edge_runtime.bundle.thresholds import Thresholds
from train.data.truth import Truth


@dataclass(frozen=True, eq=False)
class Photos:
    """N prepared photos and what is known of them.

    ``names`` are such as a person finds them by, ``groups`` int (N,) the group of each. ``images``
    is uint8 (N, height, width, 3), RGB, as the model sees them.
    """

    names: Sequence[str]
    truth: Truth
    groups: npt.NDArray[np.integer]
    images: npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Answered:
    """N photos and what a model said of them.

    ``probabilities`` float (N, C) are in the order of ``classes``. ``maps`` gives float32 (n, h, w)
    for n indices, the signed Grad-CAM of the class that was predicted. ``faults`` say of each photo
    why it can't be graded, or None; they are None where no quality gate was asked. ``thresholds``
    are referral thresholds, if there are any, ``evidence_outside_max`` is the limit of a photo's
    evidence outside of the eye.
    """

    photos: Photos
    probabilities: npt.NDArray[np.floating]
    classes: tuple[str, ...]
    maps: Callable[[npt.NDArray[np.intp]], npt.NDArray[np.float32]]
    faults: tuple[str | None, ...] | None = None
    thresholds: Thresholds | None = None
    evidence_outside_max: float = Manifest.evidence_outside_max
