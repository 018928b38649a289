"""Batches for Keras, the same for the same seed."""

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from train.fitting.draws import Cells, draw_epoch

Indices = npt.NDArray[np.intp]

#: Gives the inputs of some examples: (indices, turns, generator) to an array of (N, ...) or a tuple
#: of them. A turn is the epoch, and one more for each time that the example was drawn before in it.
Load = Callable[[Indices, Indices, np.random.Generator], Any]


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches, in another order in every epoch, each example once or as its cell is drawn.

    Every batch draws from a generator of its own (seed, epoch, batch), so the worker threads may
    make them in any order, and a training that goes on at an epoch sees what it would have seen.
    """

    def __init__(
        self,
        load: Load,
        labels: npt.NDArray[np.float32],
        *,
        batch: int,
        weights: npt.NDArray[np.float32] | None = None,
        cells: Cells | None = None,
        temper: float = 1.0,
        seed: int | None = 0,
        epoch: int = 0,
    ) -> None:
        """Begin at an epoch.

        Args:
            load: Gives the inputs of examples by their indices.
            labels: (N, ...), what Keras gets as labels.
            batch: Examples a batch; the last one may have fewer.
            weights: (N,), the weight of each example in the loss; None for 1 each.
            cells: (N,), the cell of each example, see ``train.fitting.draws``; None for one.
            temper: The power by which the size of a cell counts.
            seed: Seed of the order and of each batch's generator; None keeps the order.
            epoch: The epoch to begin with.
        """
        super().__init__(workers=2, max_queue_size=8)
        count = len(labels)
        self._load, self._labels, self._batch, self._seed = load, labels, batch, seed
        self._weights = np.ones(count, np.float32) if weights is None else weights
        self._cells = np.zeros(count, np.intp) if cells is None else cells
        self._temper, self._epoch = temper, epoch - 1
        self._order, self._rounds = np.arange(count), np.zeros(count, np.intp)
        self.on_epoch_end()

    def __len__(self) -> int:
        return math.ceil(len(self._labels) / self._batch)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        part = slice(index * self._batch, (index + 1) * self._batch)
        chosen, turns = self._order[part], self._epoch + self._rounds[part]
        generator = np.random.default_rng((self._seed or 0, self._epoch, index))
        inputs = self._load(chosen, turns, generator)
        return inputs, self._labels[chosen], self._weights[chosen]

    def on_epoch_end(self) -> None:
        """Go on to the next epoch."""
        self._epoch += 1
        if self._seed is not None:
            generator = np.random.default_rng((self._seed, self._epoch))
            self._order, self._rounds = draw_epoch(self._cells, self._temper, generator)
