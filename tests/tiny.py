"""A backbone of ResNet50's kind that is small enough for most tests."""

import keras
import numpy as np
from keras import layers


def tiny_backbone(size: tuple[int, int], *, seed: int = 0) -> keras.Model:
    """Build two residual stages, (N, height, width, 3) to (N, height / 8, width / 8, 32).

    Layers are named as in ResNet50, and the batch normalisations have statistics and factors that
    are far from trivial, so that folding them wrongly shows.
    """
    keras.utils.set_random_seed(seed)
    image = keras.Input((*size, 3))
    x = layers.ZeroPadding2D(3, name="conv1_pad")(image)
    x = layers.Conv2D(16, 7, strides=2, name="conv1_conv")(x)
    x = layers.BatchNormalization(name="conv1_bn")(x)
    x = layers.ReLU(name="conv1_relu")(x)
    x = _block(x, 16, "conv4_block1")
    x = _block(x, 32, "conv5_block1")
    model = keras.Model(image, x, name="tiny")
    generator = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            gamma, beta, mean, variance = (w.shape for w in layer.weights)
            layer.set_weights(
                [
                    generator.uniform(0.5, 1.5, gamma),
                    generator.normal(0, 0.3, beta),
                    generator.normal(0, 5, mean),
                    generator.uniform(50, 500, variance)
                    if layer.name == "conv1_bn"
                    else generator.uniform(0.2, 2, variance),
                ]
            )
    return model


def _block(x: keras.KerasTensor, channels: int, name: str) -> keras.KerasTensor:
    shortcut = layers.Conv2D(channels, 1, strides=2, name=f"{name}_0_conv")(x)
    shortcut = layers.BatchNormalization(name=f"{name}_0_bn")(shortcut)
    x = layers.Conv2D(channels, 3, strides=2, padding="same", name=f"{name}_1_conv")(x)
    x = layers.BatchNormalization(name=f"{name}_1_bn")(x)
    x = layers.ReLU(name=f"{name}_1_relu")(x)
    x = layers.Conv2D(channels, 3, padding="same", name=f"{name}_2_conv")(x)
    x = layers.BatchNormalization(name=f"{name}_2_bn")(x)
    x = layers.Add(name=f"{name}_add")([shortcut, x])
    return layers.ReLU(name=f"{name}_out")(x)
