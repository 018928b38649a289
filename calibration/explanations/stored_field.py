"""Read the photos of a store again, where their files still lie there."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from calibration.explanations.explained import ExplainedPhoto
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError, printable
from edge_runtime.photo.decode import decode_photo, read_photo
from edge_runtime.photo.find import absolute, is_missing
from edge_runtime.photo.round_field import prepare


def file_of(photo: ExplainedPhoto) -> Path:
    """Name a photo's file: from the folder where its store was made, else from this one.

    It needn't be there, nor be what it was when it was explained.
    """
    there = Path(photo.folder or "", photo.path)
    return Path(photo.path) if is_missing(there) else there


def stored_field(photo: ExplainedPhoto, *, size: tuple[int, int]) -> npt.NDArray[np.uint8] | None:
    """Read a photo's round field; None where the file is gone or another.

    Args:
        photo: The photo, with what its file was when it was explained.
        size: (height, width) in pixels.

    Returns:
        uint8 (height, width, 3), RGB.
    """
    try:
        data = read_photo(file_of(photo))
        if hashlib.sha256(data).hexdigest() != photo.sha256:
            return None
        return prepare(decode_photo(data), size=size)
    except (PhotoNotFoundError, PhotoUnreadableError):
        return None


def not_found(photos: Sequence[ExplainedPhoto]) -> str | None:
    """Say in a sentence how many of a store's photos aren't found; None where all are."""
    gone = [photo for photo in photos if is_missing(file_of(photo))]
    if not gone:
        return None
    first, here = gone[0], printable(absolute(Path()))
    if Path(first.path).is_absolute():
        where = "where the store has them"
    elif first.folder is None:
        where = f"from {here}, and the store doesn't say from which folder they were named"
    else:
        folder = printable(first.folder)
        where = f"from {folder}, where the store was made" + (
            "" if folder == here else f", nor from {here}"
        )
    return (
        f"{len(gone)} of {len(photos)} photographs aren't found {where}, such as "
        f"{printable(Path(first.path).name)}; bring them back there, or give the command in the "
        "folder from which these names lead to them."
    )
