"""Train on small pictures first: what size of picture each epoch of phase 2 sees."""

import itertools

import cv2
import numpy as np
import numpy.typing as npt

Images = npt.NDArray[np.uint8]
Sizes = tuple[tuple[int, float], ...]


def read_sizes(text: str, input_size: int) -> Sizes:
    """Read "160:0.5,224:1": pixels a side, and the share of the epochs after which each ends.

    Args:
        text: Empty for ``input_size`` alone.
        input_size: Pixels a side of the model, which the last size must be.

    Returns:
        Pairs of size and share, the last share 1.

    Raises:
        ValueError: With what it should be, to stand after "must be".
    """
    if not text:
        return ((input_size, 1.0),)
    shape = "sizes and shares such as 160:0.5,224:1"
    try:
        pairs = [part.split(":") for part in text.split(",")]
        sizes = tuple((int(size), float(share)) for size, share in pairs)
    except ValueError as error:
        raise ValueError(shape) from error
    shares = [0.0, *(share for _, share in sizes)]
    if not all(low < high for low, high in itertools.pairwise(shares)):
        raise ValueError(f"{shape}, each share above the one before")
    if shares[-1] != 1:
        raise ValueError(f"{shape}, the last share 1")
    if sizes[-1][0] != input_size:
        raise ValueError(f"{shape}, the last size that of --input-size, {input_size}")
    if not all(32 <= size <= input_size for size, _ in sizes):
        raise ValueError(f"{shape}, no size below 32 or above --input-size, {input_size}")
    return sizes


def check_epochs(sizes: Sizes, epochs: int) -> None:
    """Check that every size can have an epoch of phase 2.

    Raises:
        ValueError: With what it should be, to stand after "must be".
    """
    if len(sizes) > 1 and len(last_epochs(sizes, epochs)) < len(sizes):
        raise ValueError(
            f"sizes of which each has an epoch at least; --fine-epochs {epochs} are too few"
        )


def last_epochs(sizes: Sizes, epochs: int) -> tuple[tuple[int, int], ...]:
    """Say after how many epochs each size ends; the last one gets one at least.

    Returns:
        Pairs of size and number of epochs from the beginning; sizes without an epoch are left out.
    """
    found = []
    begun = 0
    for size, share in sizes[:-1]:
        until = min(round(share * epochs), epochs - 1)
        if until > begun:
            found.append((size, until))
            begun = until
    return (*found, (sizes[-1][0], epochs))


def resized(images: Images, size: int) -> Images:
    """Make prepared photos smaller: uint8 (N, height, width, 3) to (N, size, size, 3)."""
    small = np.empty((len(images), size, size, 3), np.uint8)
    for image, target in zip(images, small, strict=True):
        cv2.resize(image, (size, size), dst=target, interpolation=cv2.INTER_AREA)
    return small
