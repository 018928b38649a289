"""The small network that says where in a round field the optic disc and the fovea may be.

It is run in plain NumPy: 35,000 weights, stored in 8 bits. docs/optic-disc.md says on what it was
fitted, and benchmarks/fit_optic_disc.py fits it anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

#: Pixels a side of what the network sees, and cells a side of what it answers.
SIDE, CELLS = 96, 48

#: Its convolutions in the order in which they are computed, as ``U`` shape: down, and up again.
CONVOLUTIONS = (
    "cells", "half_1", "half_2", "quarter_1", "quarter_2", "eighth_1", "eighth_2",
    "to_quarter", "quarter_3", "to_half", "half_3", "to_cells", "cells_2", "answer",
)  # fmt: skip

_ALONE = 2**18  # multiplications up to which OpenBLAS keeps to one thread

_WEIGHTS = Path(__file__).with_name("landmarks.npz")

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class LandmarkMaps:
    """The network's answer over ``CELLS`` x ``CELLS`` cells of the square around the field.

    ``disc`` and ``fovea``, float32 (CELLS, CELLS), are the probability that its centre lies in the
    cell; what is missing to a sum of 1 is the probability that it isn't visible. ``log_radius`` is
    the natural logarithm of the disc's radius, in radii of the field, if its centre lies there.
    """

    disc: Floats
    fovea: Floats
    log_radius: Floats


@dataclass(frozen=True, eq=False)
class LandmarkNetwork:
    """Weights by the names of ``CONVOLUTIONS``: kernels float32 (k, k, in, out), biases (out,)."""

    kernels: Mapping[str, Floats]
    biases: Mapping[str, Floats]

    @classmethod
    def load(cls, path: Path = _WEIGHTS) -> "LandmarkNetwork":
        """Read what ``save`` wrote; by default the network of the package."""
        with np.load(path, allow_pickle=False) as file:
            levels, scales, biases, shapes = (
                file[name] for name in ("kernels", "scales", "biases", "shapes")
            )
        kernels, offsets = {}, {}
        for name, shape in zip(CONVOLUTIONS, shapes.tolist(), strict=True):
            count, outputs = int(np.prod(shape)), shape[-1]
            kernels[name] = levels[:count].reshape(shape) * scales[:outputs]
            offsets[name] = biases[:outputs]
            levels, scales, biases = levels[count:], scales[outputs:], biases[outputs:]
        return cls(kernels, offsets)

    def save(self, path: Path) -> None:
        """Write it with kernels of 8 bits and a scale for each output."""
        kernels = [self.kernels[name] for name in CONVOLUTIONS]
        scales = [np.abs(kernel).max(axis=(0, 1, 2)) / 127 + 1e-9 for kernel in kernels]
        levels = [np.rint(each / scale) for each, scale in zip(kernels, scales, strict=True)]
        np.savez_compressed(
            path,
            kernels=np.concatenate([each.ravel() for each in levels]).astype(np.int8),
            scales=np.concatenate(scales).astype(np.float32),
            biases=np.concatenate([self.biases[name] for name in CONVOLUTIONS]),
            shapes=np.array([kernel.shape for kernel in kernels], np.int32),
        )

    def locate(self, image: npt.NDArray[np.uint8], inside: npt.NDArray[np.bool_]) -> LandmarkMaps:
        """Compute the maps of a photo, as the mean of its own and its mirror image's.

        So a mirrored photo has exactly the mirrored maps.

        Args:
            image: uint8 (S, S, 3), RGB, the round field.
            inside: bool (S, S), where it shows lit retina.
        """
        seen = network_input(image, inside)
        answer = self._run(np.stack([seen, seen[:, ::-1]]))
        answer[1] = answer[1, :, ::-1].copy()
        places = [_probabilities(answer[..., index]).mean(axis=0) for index in (0, 1)]
        return LandmarkMaps(places[0], places[1], answer[..., 2].mean(axis=0))

    def _run(self, seen: Floats) -> Floats:
        """Compute float32 (N, CELLS, CELLS, 3) from (N, SIDE, SIDE, 4)."""
        count = len(seen)
        folded = seen.reshape(count, CELLS, 2, CELLS, 2, 4).transpose(0, 1, 3, 2, 4, 5)
        cells = self._relu("cells", folded.reshape(count, CELLS, CELLS, 16))
        half = self._relu("half_2", self._relu("half_1", _halve(cells)))
        quarter = self._relu("quarter_2", self._relu("quarter_1", _halve(half)))
        deep = self._relu("eighth_2", self._relu("eighth_1", _halve(quarter)))
        quarter = self._relu("quarter_3", _double(self._convolve("to_quarter", deep)) + quarter)
        half = self._relu("half_3", _double(self._convolve("to_half", quarter)) + half)
        cells = self._relu("cells_2", _double(self._convolve("to_cells", half)) + cells)
        return self._convolve("answer", cells)

    def _relu(self, name: str, values: Floats) -> Floats:
        found = self._convolve(name, values)
        return np.maximum(found, 0, out=found)

    def _convolve(self, name: str, values: Floats) -> Floats:
        kernel = self.kernels[name]
        count, rows, columns, channels = values.shape
        span = kernel.shape[0]
        if span > 1:
            padded = np.zeros((count, rows + 2, columns + 2, channels), np.float32)
            padded[:, 1:-1, 1:-1] = values
            values = np.concatenate(
                [padded[:, y : y + rows, x : x + columns] for y in range(3) for x in range(3)],
                axis=-1,
            )
        flat = values.reshape(-1, span * span * channels)
        found = _product(flat, kernel.reshape(-1, kernel.shape[-1]))
        found += self.biases[name]
        return np.asarray(found.reshape(count, rows, columns, -1), np.float32)


@lru_cache(maxsize=1)
def package_network() -> LandmarkNetwork:
    """Load the network of the package, once."""
    return LandmarkNetwork.load()


def network_input(image: npt.NDArray[np.uint8], inside: npt.NDArray[np.bool_]) -> Floats:
    """Bring a round field to what the network sees, in training too.

    Args:
        image: uint8 (S, S, 3), RGB.
        inside: bool (S, S).

    Returns:
        float32 (SIDE, SIDE, 4): red, green and blue less their mean, by their deviation, and 1,
        where the field is lit; all else is 0.
    """
    size = SIDE, SIDE
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)
    share = cv2.resize(inside.view(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    lit = np.asarray(share) > 127
    seen = np.zeros((*size, 4), np.float32)
    if lit.any():
        values = small[lit]
        scaled = (values - values.mean(axis=0)) / (values.std(axis=0) + 4)
        seen[lit, :3] = np.clip(scaled, -4, 6)
        seen[lit, 3] = 1
    return seen


def _product(rows: Floats, columns: Floats) -> Floats:
    """Multiply two matrices in pieces for which NumPy's BLAS wakes no other threads.

    They would wait in a busy loop, which costs several times what they compute.
    """
    found = np.empty((len(rows), columns.shape[1]), np.float32)
    step = max(1, _ALONE // columns.size)
    for first in range(0, len(rows), step):
        part = slice(first, first + step)
        np.matmul(rows[part], columns, out=found[part])
    return found


def _halve(values: Floats) -> Floats:
    """Take the largest of each 2 x 2 cells."""
    wide = np.maximum(values[:, ::2], values[:, 1::2])
    return np.asarray(np.maximum(wide[:, :, ::2], wide[:, :, 1::2]))


def _double(values: Floats) -> Floats:
    """Repeat each cell as 2 x 2."""
    return np.asarray(values.repeat(2, axis=1).repeat(2, axis=2))


def _probabilities(logits: Floats) -> Floats:
    """Take the softmax of (N, CELLS, CELLS) over the cells and "not visible", whose logit is 0."""
    top = np.maximum(logits.max(axis=(1, 2), keepdims=True), 0)
    powers = np.exp(logits - top)
    return np.asarray(powers / (powers.sum(axis=(1, 2), keepdims=True) + np.exp(-top)))
