"""Validate and keep the moving average of a model's weights, which its optimiser keeps."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras


@contextmanager
def averaged(model: keras.Model) -> Iterator[None]:
    """Give a model the average of its weights for a while, then its own again.

    Args:
        model: Compiled with an optimiser that keeps the average (``use_ema``).
    """
    own = _put_average(model)
    try:
        yield
    finally:
        _put_back(model, own)


class Averaged(keras.callbacks.Callback):  # type: ignore[misc]
    """Gives the model the average of its weights while it is validated."""

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        """Put the average in."""
        self._own = _put_average(self.model)

    def on_test_end(self, logs: dict[str, float] | None = None) -> None:
        """Put back what is trained on."""
        _put_back(self.model, self._own)


def _put_average(model: keras.Model) -> list[Any]:
    own = _values(model)
    model.optimizer.finalize_variable_values(model.trainable_variables)
    # A copy: under JAX the model would share the average's buffers, and a step gives them away.
    _put_back(model, _values(model))
    return own


def _values(model: keras.Model) -> list[Any]:
    return [keras.ops.convert_to_numpy(each).copy() for each in model.trainable_variables]


def _put_back(model: keras.Model, values: list[Any]) -> None:
    for variable, value in zip(model.trainable_variables, values, strict=True):
        variable.assign(value)
