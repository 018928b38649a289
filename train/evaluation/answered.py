"""Photos and what a model said of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.manifest import Manifest
from train.data.truth import Truth


@dataclass(frozen=True, eq=False)
class Answered:
    """N photos and what a model said of them.

    ``photos`` are names that a person finds them by, ``groups`` int (N,) the group of each,
    ``probabilities`` float (N, C) in the order of ``classes``. ``images`` is uint8
    (N, height, width, 3), RGB, as the model saw them. ``maps`` gives float32 (n, h, w) for n
    indices, the signed Grad-CAM of the class that was predicted. ``faults`` say of each photo why
    it can't be graded, or None; they are None where no quality gate was asked. ``thresholds`` are
    referral thresholds of a manifest, if there are any, ``evidence_outside_max`` its limit of a
    photo's evidence outside of the eye.
    """

    photos: Sequence[str]
    truth: Truth
    groups: npt.NDArray[np.integer]
    probabilities: npt.NDArray[np.floating]
    classes: tuple[str, ...]
    images: npt.NDArray[np.uint8]
    maps: Callable[[npt.NDArray[np.intp]], npt.NDArray[np.float32]]
    faults: tuple[str | None, ...] | None = None
    thresholds: Mapping[str, Any] = field(default_factory=dict)
    evidence_outside_max: float = Manifest.evidence_outside_max
