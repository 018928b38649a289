"""Give a photo what another's file has: its outline, its frame, its pixels, its compression."""

import io

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from calibration.explanations.shortcuts.eye import Eye, raised

Pixels = npt.NDArray[np.uint8]
_Matrix = npt.NDArray[np.float64]

#: Looks like what cameras write, and is of nobody.
_TEXT = "0417 12.03.2019"
_TEXT_WIDTH = 0.48  # radii of the field
_FRAME, _RIM = (0.74, 0.93), (0.62, 0.62)  # the writing's middle in the lower right, in radii


def border(own: Eye, donor: Eye) -> Pixels:
    """Show the eye within the donor's outline: its cuts, its squeeze, its place, black around.

    What the photo itself doesn't show of the eye stays black.
    """
    scale = own.field.major / donor.field.major
    height, width = (max(1, round(side * scale)) for side in donor.small.shape[:2])
    field = donor.field.scaled((donor.small.shape[0], donor.small.shape[1]), (height, width))
    there = _there(own.field.to_square(own.size), field.to_square(own.size))
    picture = np.asarray(cv2.warpAffine(own.small, there, (width, height)), np.uint8)
    picture[~raised(donor.seen.found.lit, (height, width))] = 0
    return own.again(picture)


def frame(own: Eye, donor: Eye) -> Pixels:
    """Put around the eye what stands around the donor's: marks, writing, its shade of black."""
    around = donor.small * ~donor.lit[..., None]
    there = _there(donor.field.to_square(own.size), own.field.to_square(own.size))
    height, width = own.small.shape[:2]
    moved = np.asarray(cv2.warpAffine(around, there, (width, height)), np.uint8)
    return own.again(np.where(own.lit[..., None], own.small, moved))


def resolution(own: Eye, donor: Eye) -> Pixels | None:
    """Shrink the photo to the donor's pixels across the field, and enlarge it again.

    None where the donor has no fewer pixels, or more than a model of this input sees.
    """
    across = min(own.across, own.field.minor)
    if donor.across >= across:
        return None
    height, width = own.small.shape[:2]
    share = donor.across / across
    few = max(1, round(width * share)), max(1, round(height * share))
    shrunk = cv2.resize(own.small, few, interpolation=cv2.INTER_AREA)
    again = cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_LINEAR)
    return own.again(np.asarray(again, np.uint8))


def jpeg(own: Eye, donor: Eye) -> Pixels:
    """Compress the photo with the donor's tables, which must be a JPEG."""
    if donor.form is None:
        raise ValueError("the donor is no JPEG")
    buffer = io.BytesIO()
    Image.fromarray(own.photo).save(
        buffer, "JPEG", qtables=donor.form.tables, subsampling=donor.form.subsampling
    )
    with Image.open(buffer) as image:
        return own.again(np.asarray(image.convert("RGB"), np.uint8))


def writing(own: Eye, place: str, corner: int) -> Pixels:
    """Write white letters over the photo.

    Args:
        own: The photo.
        place: "frame" beside the eye, "rim" over its rim, or "middle" over its middle.
        corner: 0..3, which corner's frame or rim.
    """
    side, way = 1 - 2 * (corner % 2), 1 - 2 * (corner // 2)
    x, y = {"frame": _FRAME, "rim": _RIM, "middle": (0.0, 0.0)}[place]
    middle = np.array([own.field.x, own.field.y])
    middle += np.linalg.solve(own.field.to_unit, [side * x, way * y])
    font, thick = cv2.FONT_HERSHEY_SIMPLEX, max(1, round(own.field.minor / 220))
    (width, height), _ = cv2.getTextSize(_TEXT, font, 1.0, thick)
    scale = _TEXT_WIDTH * own.field.minor / 2 / width
    left, bottom = middle + np.array([-width, height]) * scale / 2
    at = round(left), round(bottom)
    written = cv2.putText(
        own.small.copy(), _TEXT, at, font, scale, (255, 255, 255), thick, cv2.LINE_AA
    )
    return own.again(np.asarray(written, np.uint8))


def _there(source: _Matrix, target: _Matrix) -> _Matrix:
    """Map a photo's pixels to another's by way of the square that both maps lead to, (2, 3)."""
    last = np.array([[0.0, 0.0, 1.0]])
    return np.asarray((np.linalg.inv(np.vstack([target, last])) @ np.vstack([source, last]))[:2])
