"""Keep a picture of few values in little memory."""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Packed:
    """An array, compressed: masks of an eye take a hundredth of their size."""

    data: bytes
    shape: tuple[int, ...]
    dtype: str

    @property
    def values(self) -> npt.NDArray[Any]:
        """The array as it was, to be read alone."""
        return np.frombuffer(zlib.decompress(self.data), self.dtype).reshape(self.shape)


def packed(values: npt.NDArray[Any]) -> Packed:
    """Compress an array of any shape; ``Packed.values`` gives it back."""
    return Packed(zlib.compress(values.tobytes(), 1), values.shape, values.dtype.str)
