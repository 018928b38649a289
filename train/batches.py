"""Batches for Keras, the same for the same seed."""

import math
from collections.abc import Callable

import keras
import numpy as np
import numpy.typing as npt

#: Gives the inputs of some examples: (indices, epoch, generator) to an array of (N, ...).
Load = Callable[[npt.NDArray[np.intp], int, np.random.Generator], npt.NDArray[np.generic]]


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches, in another order in every epoch.

    Every batch draws from a generator of its own (seed, epoch, batch), so the worker threads may
    make them in any order, and a training that goes on at an epoch sees what it would have seen.
    """

    def __init__(
        self,
        load: Load,
        labels: npt.NDArray[np.float32],
        *,
        batch: int,
        seed: int = 0,
        epoch: int = 0,
        shuffle: bool = True,
        workers: int = 2,
    ) -> None:
        """Begin at an epoch.

        Args:
            load: Gives the inputs of examples by their indices.
            labels: (N, C), one-hot.
            batch: Examples a batch; the last one may have fewer.
            seed: Seed of the order and of each batch's generator.
            epoch: The epoch to begin with.
            shuffle: False keeps the order, for validation.
            workers: Threads that call ``load``.
        """
        super().__init__(workers=workers, max_queue_size=8)
        self._load, self._labels, self._batch, self._seed = load, labels, batch, seed
        self._shuffle = shuffle
        self._epoch = epoch - 1
        self.on_epoch_end()

    def __len__(self) -> int:
        return math.ceil(len(self._labels) / self._batch)

    def __getitem__(self, index: int) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.float32]]:
        chosen = self._order[index * self._batch : (index + 1) * self._batch]
        generator = np.random.default_rng((self._seed, self._epoch, index))
        return self._load(chosen, self._epoch, generator), self._labels[chosen]

    def on_epoch_end(self) -> None:
        """Go on to the next epoch."""
        self._epoch += 1
        generator = np.random.default_rng((self._seed, self._epoch))
        count = len(self._labels)
        self._order = generator.permutation(count) if self._shuffle else np.arange(count)
