"""What the model says of one photo, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from edge_runtime.errors import UnknownNameError
from edge_runtime.explain.gradcam import Heatmap, evidence_outside, heatmap
from edge_runtime.photo.field import Field
from edge_runtime.predict.familiarity import UNFAMILIAR, Likeness, is_familiar

Gradients = Literal["exact", "fixed"]
GRADIENTS_MODES: tuple[Gradients, ...] = ("exact", "fixed")


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the model says of one photo, and why.

    ``probabilities`` and ``logits`` are by class name, in the bundle's order; ``logits`` is None
    where the model doesn't give them. ``cam`` is float32 (C, h, w), the signed Grad-CAM of every
    class in logits, over the square around ``field``, the field of view in pixels of the file,
    whose upright (height, width) is ``photo_size``. ``inside`` is bool (height, width) of the
    model's size, true where it saw lit retina. ``completeness_gap`` is by class name, the logit
    minus the sum of its map and its bias part; None in fixed mode, which doesn't add up.
    ``times_ms`` has the milliseconds of decode, field, quality (with the gate), infer and explain.
    ``likeness`` compares it with the photographs of training, None where the bundle can't.
    ``features`` is float64 (K,), the means of the last convolution; None where nothing needed them.
    """

    class_name: str
    confidence: float
    probabilities: Mapping[str, float]
    logits: Mapping[str, float] | None
    cam: npt.NDArray[np.float32]
    gradients: Gradients
    completeness_gap: Mapping[str, float] | None
    field: Field
    inside: npt.NDArray[np.bool_]
    photo_size: tuple[int, int]
    times_ms: Mapping[str, float]
    likeness: Likeness | None = None
    features: npt.NDArray[np.float64] | None = None

    @property
    def fault(self) -> str | None:
        """Why it shouldn't be believed: a clause where the photo is unlike those of training."""
        return UNFAMILIAR if self.likeness and not is_familiar(self.likeness.distance) else None

    def heatmap(self, class_name: str | None = None) -> Heatmap:
        """Make a class's heatmap, (h, w) over ``field``; None for the predicted class.

        Raises ``UnknownNameError`` where there is no such class.
        """
        return heatmap(self.signed_map(class_name))

    def evidence_outside(self, class_name: str | None = None) -> float:
        """Measure likewise the share 0..1 of its evidence that lies outside of the lit field."""
        return evidence_outside(self.signed_map(class_name), self.inside)

    def signed_map(self, class_name: str | None = None) -> npt.NDArray[np.float32]:
        """Give a class's part of ``cam`` likewise, float32 (h, w), in logits."""
        name = self.class_name if class_name is None else class_name
        names = tuple(self.probabilities)
        if name not in names:
            raise UnknownNameError("class", name, names)
        return np.asarray(self.cam[names.index(name)])
