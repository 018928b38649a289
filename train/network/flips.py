"""Predict photos, also as the mean over their flips."""

from collections.abc import Callable

import keras
import numpy as np
import numpy.typing as npt

#: The axes (height 1, width 2) of a batch that each view turns round: identity, horizontal,
#: vertical, both.
FLIPS: tuple[tuple[int, ...], ...] = ((), (2,), (1,), (1, 2))


def predict(
    model: keras.Model,
    images: npt.NDArray[np.uint8],
    *,
    flips: bool,
    batch: int = 32,
    on_step: Callable[[], None] = lambda: None,
) -> npt.NDArray[np.float32]:
    """Predict prepared photos.

    Args:
        model: As ``train.network.model.build_model`` makes it.
        images: uint8 (N, height, width, 3), RGB, prepared.
        flips: Whether to take the mean of the probabilities over ``FLIPS``, four times the work.
        batch: Photos a step.
        on_step: Called after each of the ``steps`` there are.

    Returns:
        float32 (N, C), probabilities.
    """
    after_each = keras.callbacks.LambdaCallback(on_predict_batch_end=lambda step, logs: on_step())
    outputs = [
        model.predict(np.flip(images, axes), batch_size=batch, verbose=0, callbacks=[after_each])
        for axes in _views(flips)
    ]
    return np.asarray(np.mean(outputs, axis=0, dtype=np.float64), np.float32)


def steps(photos: int, *, flips: bool, batch: int = 32) -> int:
    """Count the steps of ``predict``, for a progress bar."""
    return -(-photos // batch) * len(_views(flips))


def _views(flips: bool) -> tuple[tuple[int, ...], ...]:
    return FLIPS if flips else FLIPS[:1]
