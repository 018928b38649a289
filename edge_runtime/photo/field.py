"""The field of view of a fundus photo: an ellipse, and the map from it to the model's circle."""

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from msgspec import Struct

#: The part of the circle's radius that the model sees; the rim beyond it is black.
SEEN = 0.98

Matrix = npt.NDArray[np.float64]


class Field(Struct, frozen=True):
    """An ellipse in a photo's pixels, whose centres have whole coordinates.

    ``x`` and ``y`` are its centre, ``major`` and ``minor`` its whole axes, all in pixels;
    ``angle`` turns the major axis from the x axis towards the y axis, which points down, in
    degrees, 0..180.
    """

    x: float
    y: float
    major: float
    minor: float
    angle: float

    @classmethod
    def of_box(cls, left: float, top: float, width: float, height: float) -> "Field":
        """Make the ellipse that touches a box's sides; the box begins at a pixel's corner."""
        x, y = left + (width - 1) / 2, top + (height - 1) / 2
        if width >= height:
            return cls(x, y, width, height, 0.0)
        return cls(x, y, height, width, 90.0)

    @classmethod
    def of_map(cls, middle: Matrix, to_unit: Matrix) -> "Field":
        """Make the ellipse whose points p have |to_unit @ (p - middle)| = 1.

        Args:
            middle: (2,), x and y.
            to_unit: (2, 2).
        """
        _, scales, axes = np.linalg.svd(to_unit)  # the largest scale belongs to the minor axis
        x, y = axes[1]
        angle = float(np.degrees(np.arctan2(y, x))) % 180.0
        return cls(
            float(middle[0]), float(middle[1]), float(2 / scales[1]), float(2 / scales[0]), angle
        )

    @property
    def to_unit(self) -> Matrix:
        """The symmetric (2, 2) that makes the ellipse round, of radius 1, and turns nothing."""
        angle = np.deg2rad(self.angle)
        cos, sin = np.cos(angle), np.sin(angle)
        turn = np.array([[cos, sin], [-sin, cos]])
        return np.asarray(turn.T @ np.diag([2 / self.major, 2 / self.minor]) @ turn)

    def scaled(self, size: tuple[int, int], other: tuple[int, int]) -> "Field":
        """Find the same field in the same picture of another (height, width)."""
        if size == other:
            return self
        grown = np.array([other[1] / size[1], other[0] / size[0]])
        middle = (np.array([self.x, self.y]) + 0.5) * grown - 0.5
        return Field.of_map(middle, self.to_unit / grown)

    def to_square(self, size: tuple[int, int], *, margin: float = 0.0) -> Matrix:
        """Map the photo's pixels to a square in which the field is the inscribed circle.

        Args:
            size: (height, width) of the square; the circle's centre is its middle.
            margin: Pixels to leave between the circle and the square's sides.

        Returns:
            float64 (2, 3): a point (x, y, 1) of the photo to (x, y) of the square.
        """
        height, width = size
        turn = np.diag([width / 2 - margin, height / 2 - margin]) @ self.to_unit
        middle = np.array([(width - 1) / 2, (height - 1) / 2])
        return np.column_stack([turn, middle - turn @ np.array([self.x, self.y])])

    def to_photo(self, size: tuple[int, int]) -> Matrix:
        """Map the square's pixels back to the photo's: the inverse of ``to_square``."""
        return np.asarray(cv2.invertAffineTransform(self.to_square(size)), np.float64)


@lru_cache(maxsize=16)
def circle(size: tuple[int, int], *, share: float = SEEN) -> npt.NDArray[np.bool_]:
    """Make the mask of the circle that fills a square.

    Args:
        size: (height, width).
        share: Its radius as a share of the half side.

    Returns:
        bool (height, width), true inside; read-only, since it is made once for each size.
    """
    height, width = size
    rows = (np.arange(height) - (height - 1) / 2) / (height / 2)
    columns = (np.arange(width) - (width - 1) / 2) / (width / 2)
    mask = np.asarray(np.hypot(rows[:, None], columns) <= share)
    mask.flags.writeable = False
    return mask
