"""Batches of freshly augmented photos for Keras."""

import math

import keras
import numpy as np
import numpy.typing as npt

from train.augment import augment


class AugmentedBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """Shuffled batches, augmented anew in every epoch, the same for the same seed.

    Every batch draws from a generator of its own (seed, epoch, batch), so the worker threads may
    make them in any order.
    """

    def __init__(
        self,
        images: npt.NDArray[np.uint8],
        labels: npt.NDArray[np.float32],
        *,
        batch: int,
        seed: int,
    ) -> None:
        super().__init__(workers=2, max_queue_size=8)
        self._images, self._labels, self._batch, self._seed = images, labels, batch, seed
        self._epoch = -1
        self.on_epoch_end()

    def __len__(self) -> int:
        return math.ceil(len(self._images) / self._batch)

    def __getitem__(self, index: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
        chosen = self._order[index * self._batch : (index + 1) * self._batch]
        generator = np.random.default_rng((self._seed, self._epoch, index))
        images = np.stack([augment(self._images[photo], generator) for photo in chosen])
        return images, self._labels[chosen]

    def on_epoch_end(self) -> None:
        """Go on to the next epoch: another order, other augmentations."""
        self._epoch += 1
        self._order = np.random.default_rng((self._seed, self._epoch)).permutation(
            len(self._images)
        )
