"""Train on small pictures first: what size of picture each epoch of phase 2 sees."""

from itertools import pairwise

_SHAPE = "sizes and shares such as 160:0.5,224:1"


def read_sizes(text: str, *, input_size: int, epochs: int) -> tuple[tuple[int, int], ...]:
    """Read "160:0.5,224:1": pixels a side, and the share of the epochs after which each ends.

    Args:
        text: Empty for ``input_size`` alone.
        input_size: Pixels a side of the model, which the last size must be.
        epochs: All of phase 2.

    Returns:
        Pairs of size and number of epochs from the beginning after which it ends.

    Raises:
        ValueError: With what it should be, to stand after "isn't".
    """
    if not text:
        return ((input_size, epochs),)
    try:
        pairs = [part.split(":") for part in text.split(",")]
        found = [(int(size), float(share)) for size, share in pairs]
    except ValueError as error:
        raise ValueError(_SHAPE) from error
    sizes, shares = zip(*found, strict=True)
    if not _rise((0.0, *shares)):
        raise ValueError(f"{_SHAPE}, each share above the one before")
    if shares[-1] != 1:
        raise ValueError(f"{_SHAPE}, the last share 1")
    if sizes[-1] != input_size:
        raise ValueError(f"{_SHAPE}, the last size that of --input-size, {input_size}")
    if not all(32 <= size <= input_size for size in sizes):
        raise ValueError(f"{_SHAPE}, no size below 32 or above --input-size, {input_size}")
    ends = [min(round(share * epochs), epochs - 1) for share in shares[:-1]]  # the last has one
    if not _rise((0, *ends)):
        raise ValueError(
            f"sizes of which each has an epoch at least; --fine-epochs {epochs} are too few"
        )
    return tuple(zip(sizes, (*ends, epochs), strict=True))


def _rise(values: tuple[float, ...]) -> bool:
    return all(low < high for low, high in pairwise(values))
