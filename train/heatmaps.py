"""Compute the Grad-CAM of one class per photo with a Keras model.

A gradient with respect to the pooled features is all it takes: pooling spreads it evenly over the
positions. The map is that of the exported graph, see ``export/graph.py``.
"""

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from train.flips import FLIPS
from train.model import HEAD

Floats = npt.NDArray[np.float32]


def class_maps(
    model: keras.Model,
    images: npt.NDArray[np.uint8],
    chosen: npt.NDArray[np.integer],
    *,
    flips: bool,
    batch: int = 16,
) -> Floats:
    """Compute the signed Grad-CAM of a chosen class of each photo.

    Args:
        model: As ``train.model.build_model`` makes it.
        images: uint8 (N, height, width, 3), RGB, prepared.
        chosen: (N,), the index of the class to explain.
        flips: Whether to take the mean over ``FLIPS``, each map turned back.
        batch: Photos a step.

    Returns:
        float32 (N, h, w), in logits.

    Source: Selvaraju et al., Grad-CAM, arXiv 1610.02391.
    """
    backbone = keras.Model(model.input, model.get_layer("pool").input)
    parts = []
    for at in range(0, len(images), batch):
        some, classes = images[at : at + batch], chosen[at : at + batch]
        views = [
            np.flip(_maps(model, backbone, np.flip(some, axes), classes), axes)
            for axes in (FLIPS if flips else FLIPS[:1])
        ]
        parts.append(np.mean(views, axis=0, dtype=np.float64).astype(np.float32))
    return np.concatenate(parts)


def _maps(
    model: keras.Model,
    backbone: keras.Model,
    images: npt.NDArray[np.uint8],
    classes: npt.NDArray[np.integer],
) -> Floats:
    last_conv = backbone(tf.cast(images, tf.float32), training=False)
    pooled = model.get_layer(HEAD[0])(last_conv)
    with tf.GradientTape() as tape:
        tape.watch(pooled)
        logits = pooled
        for name in HEAD[1:-1]:
            logits = model.get_layer(name)(logits, training=False)
        total = tf.reduce_sum(tf.gather(logits, tf.cast(classes, tf.int32), batch_dims=1))
    gradient = tape.gradient(total, pooled)  # each photo's logit depends on its own features alone
    _, height, width, _ = last_conv.shape
    maps = tf.einsum("nhwk,nk->nhw", last_conv, gradient) / (height * width)
    return np.asarray(maps, np.float32)
