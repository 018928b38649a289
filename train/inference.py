"""Compile a model for inference, on whichever backend Keras runs."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

Infer = Callable[[npt.NDArray[Any]], npt.NDArray[np.float32]]


def inference(model: keras.Model) -> Infer:
    """Compile a model for inference: from a batch of inputs to its output.

    Unlike Keras's ``predict``, it stays within this process when the model is mirrored over
    several machines. The model's weights are those of each call.
    """
    return _with_jax(model) if keras.backend.backend() == "jax" else _with_tensorflow(model)


def _with_tensorflow(model: keras.Model) -> Infer:
    import tensorflow as tf

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def run(inputs: Any) -> Any:
        return model(inputs, training=False)

    return lambda inputs: np.asarray(run(tf.constant(inputs)), np.float32)


def _with_jax(model: keras.Model) -> Infer:
    import jax

    @jax.jit  # type: ignore[untyped-decorator]
    def run(trainable: Any, others: Any, inputs: Any) -> Any:
        return model.stateless_call(trainable, others, inputs, training=False)[0]

    def infer(inputs: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        trainable = [each.value for each in model.trainable_variables]
        others = [each.value for each in model.non_trainable_variables]
        return np.asarray(run(trainable, others, inputs), np.float32)

    return infer
