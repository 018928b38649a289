"""A photo as swaps take it: its picture, its field of view, and how its file was written."""

import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, JpegImagePlugin

from edge_runtime.photo.decode import Photo, decode, read_photo
from edge_runtime.photo.field import Field
from edge_runtime.photo.round_field import RoundField, round_field

#: A photo's field has at most so many times the pixels of the model's input, along each side, where
#: the photo as a whole is worked on: more isn't seen after it was shrunk.
_SHARPER = 2

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class JpegForm:
    """How a JPEG was compressed: its quantisation tables by number, and Pillow's subsampling."""

    tables: dict[int, list[int]]
    subsampling: int


@dataclass(frozen=True, eq=False)
class Eye:
    """A photo on the way to its swaps.

    ``photo`` is uint8 (height, width, 3), RGB, as decoded, and ``small`` the same at a scale at
    which its field is at most twice as large as the model's input; ``field`` is where the eye is in
    ``small``, and ``lit`` bool of its size, true where it shows the eye. ``seen`` is what the model
    sees of it. ``across`` are the pixels across the field in the file, ``form`` how the file was
    compressed, None if it is no JPEG.
    """

    photo: Photo
    small: Photo
    field: Field
    lit: Mask
    seen: RoundField
    across: float
    form: JpegForm | None

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the model's input."""
        return self.seen.image.shape[0], self.seen.image.shape[1]

    def again(self, photo: Photo) -> npt.NDArray[np.uint8]:
        """Look for the field of a changed photo anew, and give what the model sees of it."""
        return round_field(photo, size=self.size).image


def read_eye(path: Path, *, size: tuple[int, int]) -> Eye:
    """Read a photo.

    Args:
        path: The file.
        size: (height, width) of the model's input.

    Raises:
        PhotoNotFoundError: The file doesn't exist.
        PhotoUnreadableError: It can't be decoded.
    """
    data = read_photo(path)
    decoded = decode(data, path=path)
    photo = decoded.pixels
    seen = round_field(photo, size=size)
    whole = photo.shape[0], photo.shape[1]
    scale = min(1.0, _SHARPER * max(size) / seen.field.major)
    height, width = (max(1, round(side * scale)) for side in whole)
    small = np.asarray(cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return Eye(
        photo,
        small,
        seen.field.scaled(whole, (height, width)),
        raised(seen.found.lit, (height, width)),
        seen,
        seen.field.scaled(whole, decoded.size).minor,
        _form(data),
    )


def raised(lit: npt.NDArray[np.uint8], size: tuple[int, int]) -> Mask:
    """Bring a mask of 0 and 1 to another (height, width)."""
    values = cv2.resize(lit.astype(np.float32), size[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(values > 0.5)


def _form(data: bytes) -> JpegForm | None:
    """Read how a JPEG was compressed."""
    if data[:2] != b"\xff\xd8":
        return None
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        if not isinstance(image, JpegImagePlugin.JpegImageFile):  # MPO, as some cameras write
            return None
        tables = {number: list(table) for number, table in image.quantization.items()}
        return JpegForm(tables, max(0, JpegImagePlugin.get_sampling(image)))
