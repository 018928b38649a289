"""Turn a trained Keras model into one function that keeps the contract.

Two things are done in float64 and exactly, before any converter sees the model: every batch
normalisation of the backbone is folded into the convolution before it, and the head is written so
that its Grad-CAM is a closed formula of the same weights. With A the activations (K channels at
h * w positions) as they enter the pooling, each position weighed by how much of the eye it shows,
g their mean over the positions, s = gamma / sqrt(var + eps) the scale of the head's batch
normalisation, V = W1^T diag(s) and b = W1^T (beta - mean * s) + b1:

    u = V g + b                     hidden units before the ReLU
    m = [u > 0]
    logits = W2^T (m * u) + b2
    gradient_c = V^T (m * W2[:, c]) / (h * w)
    cam_c(i, j) = sum over k of gradient_c[k] * A[i, j, k]
    cam_bias_c = sum over the hidden units of m * W2[:, c] * b, + b2[c]

so that logits_c = sum over i, j of cam_c(i, j) + cam_bias_c.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from edge_runtime.contract import CAM, CAM_BIAS, IMAGE, LAST_CONV, LOGITS, PROBABILITIES
from export.errors import GraphError
from train.network.lit_pooling import lit_weights
from train.network.model import IMAGENET_MEAN_RGB, backbone_of

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Head:
    """The head's weights with its batch normalisation folded.

    ``hidden`` is V, (H, K); ``hidden_bias`` b, (H,); ``classes`` W2^T, (C, H); ``classes_bias``
    b2, (C,). H is the number of hidden units.
    """

    hidden: Doubles
    hidden_bias: Doubles
    classes: Doubles
    classes_bias: Doubles


def fold_head(model: keras.Model) -> Head:
    """Take the head's weights from a model that ``train.network.model.build_model`` made."""
    norm = model.get_layer("norm")
    scale, shift = _scale_and_shift(norm)
    kernel, bias = (_doubles(v) for v in model.get_layer("hidden").weights)
    kernel_2, bias_2 = (_doubles(v) for v in model.get_layer("logits").weights)
    return Head(
        hidden=(kernel * scale[:, None]).T,
        hidden_bias=kernel.T @ shift + bias,
        classes=kernel_2.T,
        classes_bias=bias_2,
    )


def fold_backbone(backbone: keras.Model) -> keras.Model:
    """Copy a backbone with every batch normalisation folded into the convolution before it.

    The copy takes RGB where the original takes BGR: the first convolution's kernel is turned
    round, which is exact.

    Raises:
        GraphError: A batch normalisation doesn't follow a convolution.
    """

    def copy(layer: keras.Layer) -> keras.Layer:
        if isinstance(layer, keras.layers.BatchNormalization):
            return keras.layers.Identity(name=layer.name)
        config = layer.get_config()
        if isinstance(layer, keras.layers.Conv2D):
            config["use_bias"] = True
        return type(layer).from_config(config)

    def call(layer: keras.Layer, *args: object, **kwargs: object) -> object:
        # An identity takes none of the options that a batch normalisation was called with.
        return layer(*args, **({} if isinstance(layer, keras.layers.Identity) else kwargs))

    folded = keras.models.clone_model(backbone, clone_function=copy, call_function=call)
    convolutions = [x for x in backbone.layers if isinstance(x, keras.layers.Conv2D)]
    weights = {}
    for layer in convolutions:
        kernel = _doubles(layer.kernel)
        bias = _doubles(layer.bias) if layer.use_bias else np.zeros(kernel.shape[-1])
        weights[layer.name] = kernel, bias
    makers = {id(layer.output): layer.name for layer in convolutions}
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            name = makers.get(id(layer.input))
            if name is None:
                raise GraphError(f"keeps a normalisation: {layer.name} follows no convolution")
            scale, shift = _scale_and_shift(layer)
            kernel, bias = weights[name]
            weights[name] = kernel * scale, bias * scale + shift
    first = convolutions[0].name
    weights[first] = weights[first][0][:, :, ::-1], weights[first][1]
    for name, values in weights.items():
        folded.get_layer(name).set_weights([value.astype(np.float32) for value in values])
    return folded


class ContractModule(tf.Module):  # type: ignore[misc]
    """The model of the contract: ``image`` in, the five outputs out, by name."""

    def __init__(self, model: keras.Model) -> None:
        """Fold a trained model.

        Args:
            model: As ``train.network.model.build_model`` makes it.
        """
        super().__init__()
        self.backbone = fold_backbone(backbone_of(model))
        self.head = fold_head(model)
        self.signature = tf.TensorSpec((None, *model.input.shape[1:]), tf.uint8, name=IMAGE)
        self.function = tf.function(self._outputs, input_signature=[self.signature])

    def _outputs(self, image: tf.Tensor) -> Mapping[str, tf.Tensor]:
        pixels = tf.cast(image, tf.float32)
        conv = self.backbone(pixels - tf.constant(IMAGENET_MEAN_RGB, tf.float32), training=False)
        _, height, width, channels = conv.shape
        inside = lit_weights(pixels, (height, width))
        count = height * width
        # (N, K, positions): from here on every product is a plain matrix product.
        activations = tf.reshape(tf.transpose(conv, (0, 3, 1, 2)), (-1, channels, count))
        activations *= tf.reshape(inside, (-1, 1, count))
        hidden = tf.constant(self.head.hidden, tf.float32)
        hidden_bias = tf.constant(self.head.hidden_bias[:, None], tf.float32)
        classes = tf.constant(self.head.classes, tf.float32)
        classes_bias = tf.constant(self.head.classes_bias[:, None], tf.float32)

        mean = tf.reduce_mean(activations, axis=2, keepdims=True)
        units = tf.matmul(hidden, mean) + hidden_bias  # (N, H, 1)
        active = tf.nn.relu(units)
        logits = tf.reshape(tf.matmul(classes, active) + classes_bias, (-1, len(self.head.classes)))
        mask = tf.cast(units > 0, tf.float32)
        paths = tf.reshape(mask, (-1, 1, len(self.head.hidden))) * classes  # (N, C, H)
        gradients = tf.matmul(paths, hidden) * (1.0 / count)  # (N, C, K)
        cam = tf.reshape(
            tf.matmul(gradients, activations), (-1, len(self.head.classes), height, width)
        )
        cam_bias = tf.reshape(
            tf.matmul(paths, hidden_bias) + classes_bias, (-1, len(self.head.classes))
        )
        return {
            PROBABILITIES: tf.nn.softmax(logits),
            LOGITS: tf.identity(logits),
            LAST_CONV: conv * inside[..., None],
            CAM: cam,
            CAM_BIAS: cam_bias,
        }


def _scale_and_shift(norm: keras.layers.BatchNormalization) -> tuple[Doubles, Doubles]:
    """Write a batch normalisation at inference as x * scale + shift, both (channels,)."""
    mean, variance = _doubles(norm.moving_mean), _doubles(norm.moving_variance)
    gamma = _doubles(norm.gamma) if norm.scale else np.ones_like(mean)
    beta = _doubles(norm.beta) if norm.center else np.zeros_like(mean)
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return scale, beta - mean * scale


def _doubles(variable: keras.Variable) -> Doubles:
    return np.asarray(keras.ops.convert_to_numpy(variable), np.float64)
