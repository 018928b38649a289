"""Compile a model for inference, on whichever backend Keras runs."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

Infer = Callable[[Any], Any]


def inference(model: keras.Model) -> Infer:
    """Compile a model for inference: from a batch of inputs to its output, float32.

    What has several inputs or outputs takes a tuple of arrays or gives a list.

    Unlike Keras's ``predict``, it stays within this process when the model is mirrored over
    several machines. The model's weights are those of each call.
    """
    return _with_jax(model) if keras.backend.backend() == "jax" else _with_tensorflow(model)


def _with_tensorflow(model: keras.Model) -> Infer:
    import tensorflow as tf

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def run(inputs: Any) -> Any:
        return model(inputs, training=False)

    return lambda inputs: _arrays(run(keras.tree.map_structure(tf.constant, inputs)))


def _with_jax(model: keras.Model) -> Infer:
    import jax

    @jax.jit  # type: ignore[untyped-decorator]
    def run(trainable: Any, others: Any, inputs: Any) -> Any:
        return model.stateless_call(trainable, others, inputs, training=False)[0]

    def infer(inputs: Any) -> Any:
        trainable = [each.value for each in model.trainable_variables]
        others = [each.value for each in model.non_trainable_variables]
        return _arrays(run(trainable, others, inputs))

    return infer


def _arrays(outputs: Any) -> Any:
    return keras.tree.map_structure(lambda each: np.asarray(each, np.float32), outputs)
