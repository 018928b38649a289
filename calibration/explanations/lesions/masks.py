"""Read masks of lesions, and bring them to the round field that the model sees."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from calibration.errors import LesionMasksError
from calibration.explanations.lesions.marked_photos import DISC, KINDS
from calibration.explanations.lesions.packed import Packed, packed
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError, printable
from edge_runtime.photo import png, tiff
from edge_runtime.photo.decode import read_photo
from edge_runtime.photo.field import Field
from edge_runtime.photo.formats import kind_of

Mask = npt.NDArray[np.uint8]

#: All lesions of a photo together.
ALL = "all_lesions"

#: What is measured, each by itself and the lesions together.
TARGETS = (*(kind for kind in KINDS if kind != DISC), ALL, DISC)

_LOSSLESS = ("PNG", "TIFF", "BMP")
_MOST = 0.5  # of a picture that may be marked


@dataclass(frozen=True, eq=False)
class Marks:
    """What is marked in a photo, in the order of ``TARGETS``.

    ``covered`` is uint8 (T, height, width) over the square around the field of view, 0 to 255, how
    much of each place is marked; ``kept`` holds it. ``spots`` is (T,), how many separate areas
    there are.
    """

    kept: Packed
    spots: npt.NDArray[np.int64]

    @property
    def covered(self) -> Mask:
        """How much of each place is marked."""
        return self.kept.values


def read_marks(
    masks: Mapping[str, Path], field: Field, *, photo_size: tuple[int, int], size: tuple[int, int]
) -> Marks:
    """Read a photo's masks as the model's square shows them.

    Args:
        masks: Their files by the names of ``KINDS``.
        field: The photo's field of view, in its pixels.
        photo_size: (height, width) of the photo.
        size: (height, width) of the square.

    Raises:
        LesionMasksError: A mask can't be read, isn't of its photo's size, or marks most of it.
    """
    covered = np.zeros((len(TARGETS), *size), np.uint8)
    spots = np.zeros(len(TARGETS), np.int64)
    together = np.zeros(photo_size, np.uint8)
    for kind, path in masks.items():
        mask, at = read_mask(path, size=photo_size), TARGETS.index(kind)
        covered[at] = to_square(mask, field, size=size)
        spots[at] = cv2.connectedComponents(mask)[0] - 1
        if kind != DISC:
            together |= mask
    covered[TARGETS.index(ALL)] = to_square(together, field, size=size)
    spots[TARGETS.index(ALL)] = spots.sum() - spots[TARGETS.index(DISC)]
    return Marks(packed(covered), spots)


def read_mask(path: Path, *, size: tuple[int, int]) -> Mask:
    """Read a mask: what isn't black is marked.

    Args:
        path: A PNG, TIFF or BMP; a JPEG has no sharp edges.
        size: (height, width) of its photo.

    Returns:
        uint8 (height, width), 0 or 255.

    Raises:
        LesionMasksError: It can't be read, isn't of that size, or marks most of the picture.
    """
    try:
        data = read_photo(path)
        kind = kind_of(data)
        if kind not in _LOSSLESS:
            raise ValueError(f"is no mask; save it as {' or '.join(_LOSSLESS)}")
        if kind == "PNG":
            data = png.check(data)
        elif kind == "TIFF":
            tiff.check(tiff.read_page(data))
        grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
        if grey is None:
            raise ValueError("is damaged, or of a kind that isn't read; save it anew as PNG")
    except (PhotoNotFoundError, PhotoUnreadableError) as error:
        raise LesionMasksError(path, str(error).removeprefix(f"{printable(path)}: ")) from error
    except (ValueError, cv2.error) as error:
        cause = str(error) if isinstance(error, ValueError) else "is damaged; save it anew as PNG"
        raise LesionMasksError(path, f"the mask {cause}") from error
    if grey.shape != size:
        raise LesionMasksError(
            path,
            f"the mask has {grey.shape[1]} x {grey.shape[0]} pixels and its photograph "
            f"{size[1]} x {size[0]}; both must have the same",
        )
    _, mask = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY)
    if cv2.countNonZero(mask) > _MOST * mask.size:
        raise LesionMasksError(
            path, "it marks most of the picture; expected what is marked in white, all else black"
        )
    return np.asarray(mask, np.uint8)


def to_square(mask: Mask, field: Field, *, size: tuple[int, int]) -> Mask:
    """Bring a mask to the square around the field, as ``round_field`` brings the photo.

    It is shrunk by area first, so that the smallest spots keep theirs.

    Args:
        mask: uint8 (height, width), 0 or 255.
        field: In its pixels.
        size: (height, width) of the square.

    Returns:
        uint8 of that size, 0 to 255: how much of each place is marked.
    """
    whole = mask.shape[0], mask.shape[1]
    shrink = min(1.0, max(size) / field.major)
    small = max(1, round(whole[0] * shrink)), max(1, round(whole[1] * shrink))
    if small != whole:
        mask = np.asarray(cv2.resize(mask, small[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    moved = field.scaled(whole, small).to_square(size)
    return np.asarray(cv2.warpAffine(mask, moved, size[::-1]), np.uint8)
