"""Validate and keep the moving average of a model's weights, which its optimiser keeps."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras


@contextmanager
def averaged(model: keras.Model) -> Iterator[None]:
    """Give a model the average of its weights for a while, then its own again.

    Args:
        model: A compiled one; where its optimiser keeps no average (``use_ema``), nothing is done.
    """
    if not model.optimizer.use_ema:
        yield
        return
    own = _values(model)
    model.optimizer.finalize_variable_values(model.trainable_variables)
    # A copy: under JAX the model would share the average's buffers, and a step gives them away.
    _assign(model, _values(model))
    try:
        yield
    finally:
        _assign(model, own)


class Averaged(keras.callbacks.Callback):  # type: ignore[misc]
    """Gives the model the average of its weights, if there is one, while it is validated."""

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        """Put the average in."""
        self._average = averaged(self.model)
        self._average.__enter__()

    def on_test_end(self, logs: dict[str, float] | None = None) -> None:
        """Put back what is trained on."""
        self._average.__exit__(None, None, None)


def _values(model: keras.Model) -> list[Any]:
    return [keras.ops.convert_to_numpy(each).copy() for each in model.trainable_variables]


def _assign(model: keras.Model, values: list[Any]) -> None:
    for variable, value in zip(model.trainable_variables, values, strict=True):
        variable.assign(value)
