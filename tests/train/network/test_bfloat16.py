"""A twin in bfloat16 is the backbone, folded, and gives back what it has learned."""

import keras
import numpy as np
import pytest
from keras import layers

from edge_runtime.system.machine import Processor
from train.network import bfloat16
from train.network.bfloat16 import bfloat16_twin, computes_bfloat16, give_back

SIDE = 32


def disturbed(backbone):
    """Give every weight another value than the one that it began with."""
    generator = np.random.default_rng(0)
    for layer in backbone.layers:
        layer.set_weights(
            [each + generator.uniform(0.05, 0.3, each.shape) for each in layer.get_weights()]
        )
    backbone.trainable = False
    return backbone


@pytest.fixture
def backbone():
    """Make one with all that a twin must tell apart, in the manner of a residual network."""
    keras.utils.set_random_seed(0)
    image = keras.Input((SIDE, SIDE, 3))
    x = layers.Conv2D(8, 3, strides=2, padding="same", name="conv1_conv")(image)
    x = layers.BatchNormalization(epsilon=1.001e-5, name="conv1_bn")(x)
    x = short = layers.ReLU(name="conv1_relu")(x)
    x = layers.Conv2D(8, 3, padding="same", use_bias=False, name="conv2_conv")(x)
    x = layers.BatchNormalization(name="conv2_bn")(x)
    x = layers.Add(name="conv2_add")([x, short])
    x = layers.Conv2D(8, 1, activation="relu", name="conv3_conv")(x)
    x = layers.BatchNormalization(name="conv3_bn")(x)  # after a ReLU: it must stay
    y = layers.Conv2D(8, 1, name="conv4_conv")(x)
    x = layers.Add(name="conv4_add")([layers.BatchNormalization(name="conv4_bn")(y), y])
    return disturbed(keras.Model(image, x, name="tiny"))


@pytest.fixture
def pixels():
    return np.random.default_rng(1).uniform(-1, 1, (4, SIDE, SIDE, 3)).astype(np.float32)


def answers(model, pixels):
    return np.asarray(keras.ops.convert_to_numpy(model(pixels)), np.float32)


def assert_same(found, expected):
    """Compare answers, up to how float32 sums."""
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def test_what_is_folded_changes_no_answer(backbone, pixels, monkeypatch):
    monkeypatch.setattr(bfloat16, "POLICY", "float32")
    twin = bfloat16_twin(backbone, SIDE)
    names = {layer.name for layer in backbone.layers} - {layer.name for layer in twin.layers}
    assert {name for name in names if "bn" in name} == {"conv1_bn", "conv2_bn"}
    assert_same(answers(twin, pixels), answers(backbone, pixels))


def test_a_twin_computes_in_bfloat16_and_keeps_its_weights_in_float32(backbone, pixels):
    twin = bfloat16_twin(backbone, SIDE)
    assert {layer.compute_dtype for layer in twin.layers[1:]} == {"bfloat16"}
    assert {variable.dtype for variable in twin.variables} == {"float32"}
    expected = answers(backbone, pixels)
    off = np.abs(answers(twin, pixels) - expected).max() / np.abs(expected).max()
    assert 0 < off < 0.03  # bfloat16 has 8 bits: 1/256 a rounding, over four layers


def test_a_twin_for_smaller_pictures_computes_what_the_backbone_would(backbone, pixels):
    twin = bfloat16_twin(backbone, SIDE // 2)
    small = pixels[:, : SIDE // 2, : SIDE // 2]
    assert twin.output.shape == (None, SIDE // 4, SIDE // 4, 8)
    # The corner of a picture away from the cut sees the same neighbours.
    whole = answers(backbone, pixels)[:, :6, :6]
    off = np.abs(answers(twin, small)[:, :6, :6] - whole).max() / np.abs(whole).max()
    assert off < 0.03


def test_a_backbone_gets_back_what_its_twin_has_learned(backbone, pixels, monkeypatch):
    monkeypatch.setattr(bfloat16, "POLICY", "float32")
    twin = bfloat16_twin(backbone, SIDE)
    before = {layer.name: layer.get_weights() for layer in backbone.layers}
    for layer in twin.layers:
        layer.trainable = layer.name in ("conv2_conv", "conv3_conv", "conv4_conv")
        if layer.trainable:
            layer.set_weights([each * 1.5 + 0.1 for each in layer.get_weights()])
    give_back(twin, backbone)
    assert_same(answers(backbone, pixels), answers(twin, pixels))
    for name in (
        "conv1_conv",
        "conv1_bn",
        "conv3_bn",
        "conv4_bn",
    ):  # wasn't trained: bit for bit as it was
        now = backbone.get_layer(name).get_weights()
        assert all(map(np.array_equal, before[name], now))
    again = bfloat16_twin(backbone, SIDE)
    assert_same(answers(again, pixels), answers(twin, pixels))


@pytest.mark.parametrize(
    ("flags", "can"),
    [
        (("avx2", "avx512_bf16", "avx512f"), True),
        (("amx_bf16", "amx_tile"), True),
        (("asimd", "bf16"), True),
        (("avx2", "avx512_vnni", "avx512f"), False),
        ((), False),
    ],
)
def test_processors_that_multiply_bfloat16_are_known_by_their_extensions(flags, can):
    assert computes_bfloat16(Processor("x", "any", 2, flags)) is can
