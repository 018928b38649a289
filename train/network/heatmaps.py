"""Compute the Grad-CAM of one class per photo with a Keras model.

A gradient with respect to the pooled features is all it takes: pooling spreads it evenly over the
positions. The head has one hidden layer, so that the gradient is a product of its weights: no
automatic differentiation, on no backend. The map is that of the exported graph, see
``export/graph.py``.
"""

import keras
import numpy as np
import numpy.typing as npt

from train.network.flips import FLIPS

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
        model: As ``train.network.model.build_model`` makes it.
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
        views = []
        for axes in FLIPS if flips else FLIPS[:1]:
            outputs = backbone(np.flip(some, axes).astype(np.float32), training=False)
            last_conv = keras.ops.convert_to_numpy(outputs)
            _, height, width, _ = last_conv.shape
            pooled = last_conv.mean(axis=(1, 2), dtype=np.float64)
            gradients = _class_gradients(model, pooled, classes)
            maps = np.einsum("nhwk,nk->nhw", last_conv, gradients, optimize=True)
            views.append(np.flip(maps / (height * width), axes))
        parts.append(np.mean(views, axis=0, dtype=np.float64).astype(np.float32))
    return np.concatenate(parts)


def _class_gradients(
    model: keras.Model, pooled: npt.NDArray[np.floating], classes: npt.NDArray[np.integer]
) -> npt.NDArray[np.float64]:
    """Compute the gradient of a class's logit with respect to each photo's pooled features.

    With the features g, the normalisation's factor s = gamma / sqrt(variance + epsilon) and the
    hidden layer's inputs u = ((g - mean) s + beta) W1 + b1, it is s (W1 ((u > 0) W2[:, class])):
    (N, K), as ``pooled``; ``classes`` are (N,), indices.
    """
    norm = model.get_layer("norm")
    gamma, beta, mean, variance = map(np.float64, norm.get_weights())
    hidden, bias = map(np.float64, model.get_layer("hidden").get_weights())
    outputs = np.asarray(model.get_layer("logits").get_weights()[0], np.float64)
    factor = gamma / np.sqrt(variance + norm.epsilon)
    active = ((pooled - mean) * factor + beta) @ hidden + bias > 0
    return np.asarray((active * outputs[:, classes].T) @ hidden.T * factor)
