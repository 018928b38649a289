"""A twin of a backbone that trains faster: in bfloat16, its batch normalisations folded away."""

from typing import Any

import keras
import numpy as np
from keras import layers

from edge_runtime.system.machine import Processor, processor

#: Keras' name of the policy: weights in float32, arithmetic in bfloat16.
POLICY = "mixed_bfloat16"

# What Linux calls the extensions that multiply bfloat16, of x86 and of Arm.
_EXTENSIONS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})


def computes_bfloat16(found: Processor | None = None) -> bool:
    """Tell whether a processor, this one by default, multiplies bfloat16 by itself."""
    return not _EXTENSIONS.isdisjoint((found or processor()).flags)


def bfloat16_twin(backbone: keras.Model, size: int) -> keras.Model:
    """Copy a backbone for training in bfloat16 at another size of picture.

    A frozen batch normalisation is a factor and an offset of each channel, so where one follows a
    convolution the twin has it in the convolution's own weights: to read and write each activation
    once more costs as much as some convolutions do. The weights stay float32 (Micikevicius et al.,
    arXiv 1710.03740; bfloat16 needs no scaling of the loss, Kalamkar et al., arXiv 1905.12322).

    Args:
        backbone: (N, height, width, 3) to (N, h, w, K), in inference mode what the twin is.
        size: Pixels a side of the twin's pictures.

    Returns:
        A model from (N, size, size, 3) to (N, h', w', K), bfloat16. Its layers have the names of
        the backbone's; those that are folded away are missing.
    """
    pairs = _folded(backbone)
    norms = {norm.name for _, norm in pairs}

    def copied(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config() | {"dtype": POLICY}
        if any(layer is conv for conv, _ in pairs):
            config["use_bias"] = True
        return layer.__class__.from_config(config)

    def called(layer: keras.Layer, *inputs: Any, **choices: Any) -> Any:
        return inputs[0] if layer.name in norms else layer(*inputs, **choices)

    twin = keras.models.clone_model(
        backbone, input_tensors=keras.Input((size, size, 3)),
        clone_function=copied, call_function=called,
    )  # fmt: skip
    folded = {conv.name: _fold(conv, norm) for conv, norm in pairs}
    for layer in twin.layers:
        own = backbone.get_layer(layer.name) if layer.weights else None
        layer.set_weights(folded.get(layer.name) or (own.get_weights() if own else []))
    return twin


def give_back(twin: keras.Model, backbone: keras.Model) -> None:
    """Give a backbone what its twin has learned.

    A normalisation that was folded into a trained convolution becomes the identity; layers that
    weren't trained stay as they are.

    Args:
        twin: As ``bfloat16_twin`` made it of ``backbone``, trained.
        backbone: Changed in place.
    """
    norm_after = {conv.name: norm for conv, norm in _folded(backbone)}
    for layer in twin.layers:
        if not layer.trainable_weights:
            continue
        own, weights = backbone.get_layer(layer.name), layer.get_weights()
        norm = norm_after.get(layer.name)
        if norm is not None:
            one, zero = np.ones_like(weights[1]), np.zeros_like(weights[1])
            # Keras adds epsilon to the variance.
            identity = {"gamma": one, "beta": zero, "moving_mean": zero}
            identity["moving_variance"] = one - np.float32(norm.epsilon)
            norm.set_weights([identity[each.name] for each in norm.weights])
            if not own.use_bias:
                norm.beta.assign(weights.pop())
        own.set_weights(weights)


def _folded(backbone: keras.Model) -> list[tuple[keras.Layer, keras.Layer]]:
    """List the convolutions that a frozen normalisation follows directly, each with it."""
    found = []
    for norm in backbone.layers:
        if isinstance(norm, layers.BatchNormalization) and norm.scale and norm.center:
            conv = norm.input._keras_history.operation
            alone = isinstance(conv, layers.Conv2D) and len(conv._outbound_nodes) == 1
            if alone and conv.activation is keras.activations.linear:
                found.append((conv, norm))
    return found


def _fold(conv: keras.Layer, norm: keras.Layer) -> list[Any]:
    """Compute the kernel and bias of a convolution with its normalisation, float32."""
    kernel, *bias = (np.asarray(each, np.float64) for each in conv.get_weights())
    gamma, beta, mean, variance = (
        np.asarray(keras.ops.convert_to_numpy(each), np.float64)
        for each in (norm.gamma, norm.beta, norm.moving_mean, norm.moving_variance)
    )
    factor = gamma / np.sqrt(variance + norm.epsilon)
    offset = beta + ((bias[0] if bias else 0) - mean) * factor
    return [np.asarray(kernel * factor, np.float32), np.asarray(offset, np.float32)]
