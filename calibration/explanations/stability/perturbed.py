"""A perturbed round field, and what every perturbation of one must keep."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Inside = npt.NDArray[np.bool_]
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Perturbed:
    """A round field after a perturbation.

    ``image`` is uint8 (height, width, 3), RGB, and ``inside`` bool (height, width), true where it
    shows the eye; all else is exactly 0. ``moved`` is float64 (2, 3), from a point (x, y, 1) of the
    untouched image to where it went, in pixels; None where nothing moved.
    """

    image: Image
    inside: Inside
    moved: Matrix | None = None


def legal(
    values: npt.NDArray[np.float32] | Image, inside: Inside, *, moved: Matrix | None = None
) -> Perturbed:
    """Make grey levels of values and black of all that isn't the eye.

    Args:
        values: (height, width, 3), RGB, any real numbers; rounded and clipped to 0..255.
        inside: bool (height, width), true where they show the eye.
        moved: As in ``Perturbed``.
    """
    if values.dtype == np.uint8:
        image = np.asarray(values, np.uint8)
    else:
        image = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return Perturbed(np.asarray(image * inside[..., None]), inside, moved)
