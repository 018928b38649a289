"""Say how much a photo looks like those that the model was trained on."""

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from edge_runtime.bundle.familiarity import Familiarity

#: The share of the validation photographs that look as strange, below which a photo is cautioned.
STRANGE = 0.05

#: Why a photo beyond the limit gets no class.
UNFAMILIAR = (
    "it doesn't look like the fundus photographs that the model was trained on: if it is one, the "
    "model may not know its camera; look at it yourself"
)


class Likeness(Struct, frozen=True):
    """How a photo compares with the photographs of training.

    ``share`` is the share 0..1 of the validation photographs that look no more like them than this
    one does; ``distance`` is 0 for what looks exactly like them and 1 at the limit.
    """

    share: float
    distance: float


def is_familiar(distance: float) -> bool:
    """Say whether a photo is within the limit; one whose distance isn't a number is not."""
    return distance <= 1


def likeness(features: npt.NDArray[np.floating], familiarity: Familiarity) -> Likeness:
    """Compare a photo with the photographs of training.

    Args:
        features: (1, K), the means of what the last convolution gave for it.
        familiarity: Of the bundle.
    """
    (distance,) = familiarity.distance(features)
    return Likeness(round(familiarity.share_beyond(distance), 4), round(float(distance), 4))
