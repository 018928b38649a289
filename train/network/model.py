"""The classifier: ResNet50 under a small head."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
from keras import layers

from edge_runtime.errors import UnknownNameError
from train.errors import WeightsError
from train.network.lit_pooling import lit_weights

#: Mean of the ImageNet training photos in RGB, what ``keras.applications`` ResNet50 subtracts.
#: Source: ``keras.applications.imagenet_utils.preprocess_input``, mode "caffe".
IMAGENET_MEAN_RGB = (123.68, 116.779, 103.939)


def build_model(
    *, classes: int, size: tuple[int, int], weights: str, backbone: keras.Model | None = None
) -> keras.Model:
    """Build ResNet50 without top, pooling, batch normalisation, dense 256, dropout, softmax.

    Between backbone and pooling each position is weighed by how much of the eye it shows, see
    ``train.network.lit_pooling``. The preprocessing after the round field is part of the model:
    mean subtraction, and RGB to BGR for weights that were trained in Caffe's order. Only layers of
    Keras itself are used, so the saved file opens without this package.

    Args:
        classes: Number of classes C.
        size: (height, width) of the input.
        weights: Handed to Keras: "imagenet" (downloaded by Keras), "none" (random), or a file of
            ``keras.applications.ResNet50(include_top=False)`` weights.
        backbone: Another backbone, (N, height, width, 3) to (N, h, w, K), in the place of
            ResNet50; for tests.

    Returns:
        A model from ``image`` (N, height, width, 3), RGB, 0..255, to probabilities (N, C). Its
        layers carry the names of ``HEAD`` and the backbone stands among them as one layer.

    Raises:
        WeightsError: The weights can't be found, downloaded or used.
    """
    if backbone is None:
        if weights not in ("imagenet", "none") and not Path(weights).is_file():
            raise WeightsError(weights, "no such file")
        try:
            backbone = keras.applications.ResNet50(
                include_top=False,
                weights=None if weights == "none" else weights,
                input_shape=(*size, 3),
                name="resnet50",
            )
        except Exception as error:  # Keras raises a bare one when the download fails
            raise WeightsError(weights, str(error).splitlines()[0]) from error
    backbone.trainable = False  # a frozen batch normalisation runs in inference mode
    image = keras.Input((*size, 3), name="image")
    means = [-mean for mean in IMAGENET_MEAN_RGB]
    x = _as_caffe(layers.Rescaling(1.0, offset=means, name=MEAN), image)
    x = backbone(x)
    weights_of_cells = lit_weights(image, x.shape[1:3])
    x = layers.Multiply(name=INSIDE)([x, keras.ops.expand_dims(weights_of_cells, -1)])
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Dense(256, activation="relu", name="hidden")(x)
    x = layers.Dropout(0.5, name="dropout")(x)
    x = layers.Dense(classes, name="logits")(x)
    x = layers.Softmax(name="probabilities")(x)
    return keras.Model(image, x, name="fundus_classifier")


def _as_caffe(mean: keras.Layer, image: Any) -> Any:
    """Subtract the mean and turn RGB to BGR."""
    return keras.ops.flip(mean(image), axis=-1)


#: Name of the layer that subtracts the mean; "mean" is that of an operation of Keras.
MEAN = "imagenet_mean"

#: Name of the layer that weighs the last convolution's positions.
INSIDE = "inside"

#: Names of the head's layers, in order.
HEAD = ("pool", "norm", "hidden", "dropout", "logits", "probabilities")


def backbone_of(model: keras.Model) -> keras.Model:
    """Find the backbone: the one layer of the model that is itself a model."""
    (backbone,) = (layer for layer in model.layers if isinstance(layer, keras.Model))
    return backbone


def pooled_features(model: keras.Model) -> keras.Model:
    """Make a model from images (N, height, width, 3) to pooled features (N, K), sharing layers."""
    return keras.Model(model.input, model.get_layer("pool").output, name="features")


def head_of(model: keras.Model) -> keras.Model:
    """Make a model from pooled features (N, K) to logits (N, C), sharing its layers."""
    features = x = keras.Input(model.get_layer("pool").output.shape[1:])
    return keras.Model(features, _through(model, HEAD[1:-1], x), name="head")


def logits_of(model: keras.Model) -> keras.Model:
    """Make a model from images (N, height, width, 3) to logits (N, C), sharing its layers."""
    return keras.Model(model.input, model.get_layer("logits").output, name="whole")


def copy_backbone(backbone: keras.Model, size: int) -> keras.Model:
    """Copy a backbone for pictures of another size, with its weights and what is trainable."""
    copy = keras.models.clone_model(backbone, input_tensors=keras.Input((size, size, 3)))
    copy.set_weights(backbone.get_weights())
    return copy


@dataclass(frozen=True)
class SplitModel:
    """A classifier in two at a stage of its backbone, both parts sharing its layers.

    ``frozen`` goes from images (N, height, width, 3) to what enters the stage, (N, h, w, k), and
    the weights of the last convolution's cells (N, h', w'); ``pooled`` from these two to pooled
    features (N, K), and ``rest`` from them to logits (N, C).
    """

    frozen: keras.Model
    pooled: keras.Model
    rest: keras.Model


def split_at(model: keras.Model, stage: str) -> SplitModel | None:
    """Split a classifier before the layers named ``stage...``; None if nothing comes before.

    Raises:
        UnknownNameError: The backbone has no such stage; the sentence lists its stages.
    """
    check_stage(model, stage)
    backbone = backbone_of(model)
    first = next(layer for layer in backbone.layers if layer.name.startswith(stage))
    boundary = first.input
    if boundary is backbone.input:
        return None
    image = keras.Input(model.input.shape[1:])
    cells = backbone.output.shape[1:3]
    stages = keras.Model(backbone.input, boundary, name="stages")
    frozen = [stages(_as_caffe(model.get_layer(MEAN), image)), lit_weights(image, cells)]
    entering, weights = keras.Input(boundary.shape[1:]), keras.Input(cells)
    tail = keras.Model(boundary, backbone.output, name="tail")
    weighed = model.get_layer(INSIDE)([tail(entering), keras.ops.expand_dims(weights, -1)])
    pooled = model.get_layer("pool")(weighed)
    return SplitModel(
        frozen=keras.Model(image, frozen, name="frozen"),
        pooled=keras.Model((entering, weights), pooled, name="pooled"),
        rest=keras.Model((entering, weights), _through(model, HEAD[1:-1], pooled), name="rest"),
    )


def _through(model: keras.Model, names: Sequence[str], x: Any) -> Any:
    for name in names:
        x = model.get_layer(name)(x)
    return x


def check_stage(model: keras.Model, stage: str) -> None:
    """Check that the backbone has layers named ``stage...``.

    Raises:
        UnknownNameError: It has none; the sentence lists its stages.
    """
    names = [layer.name for layer in backbone_of(model).layers]
    if not any(name.startswith(stage) for name in names):
        stages = dict.fromkeys(name.partition("_")[0] for name in names if "_" in name)
        raise UnknownNameError("stage", stage, tuple(stages))


def unfreeze(model: keras.Model, *, stage: str) -> int:
    """Make the backbone's layers from the first one named ``stage...`` on trainable.

    Batch normalisations stay frozen, in the backbone and in the head: in Keras a frozen one runs
    in inference mode, so a small batch can't disturb the statistics.

    Returns:
        The number of backbone layers that were unfrozen and have weights.
    """
    backbone = backbone_of(model)
    backbone.trainable = True
    reached = False
    count = 0
    for layer in backbone.layers:
        reached = reached or layer.name.startswith(stage)
        layer.trainable = reached and not isinstance(layer, layers.BatchNormalization)
        count += bool(layer.trainable_weights)
    model.get_layer("norm").trainable = False
    return count
