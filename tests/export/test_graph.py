"""The folded model computes what the trained one computes."""

import keras
import numpy as np
import numpy.typing as npt
import pytest
from keras import layers

from edge_runtime.contract import CAM, CAM_BIAS, LAST_CONV, LOGITS, OUTPUTS, PROBABILITIES
from export.graph import ContractModule, fold_backbone, fold_head
from export.parity import Arrays
from tests.tiny import tiny_backbone
from train.network.model import backbone_of, pooled_features


@pytest.mark.parametrize("seed", range(3))
def test_a_folded_backbone_given_rgb_equals_the_original_given_bgr(seed: int) -> None:
    keras.utils.set_random_seed(seed)
    backbone = tiny_backbone((64, 64), seed=seed)
    pixels = np.random.default_rng(seed).uniform(-124, 152, (3, 64, 64, 3)).astype(np.float32)
    expected = backbone.predict(pixels[..., ::-1], verbose=0)
    # float32 sums in another order; what a wrong fold costs is thousands of times larger.
    np.testing.assert_allclose(
        fold_backbone(backbone).predict(pixels, verbose=0), expected, atol=1e-4 * np.ptp(expected)
    )
    assert np.ptp(expected) > 0


def test_nothing_is_left_of_the_batch_normalisations(module: ContractModule) -> None:
    assert not any(isinstance(x, layers.BatchNormalization) for x in module.backbone.layers)


def test_folding_leaves_the_trained_model_as_it_is(model: keras.Model) -> None:
    backbone = backbone_of(model)
    before = [np.array(value) for value in backbone.get_weights()]
    fold_backbone(backbone)
    for old, new in zip(before, backbone.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert any(isinstance(layer, layers.BatchNormalization) for layer in backbone.layers)


def test_convolutions_without_bias_and_norms_without_factors_are_folded_too() -> None:
    keras.utils.set_random_seed(1)
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(5, 3, use_bias=False, name="conv")(image)
    x = layers.BatchNormalization(scale=False, center=False, name="bn")(x)
    backbone = keras.Model(image, layers.ReLU()(x))
    generator = np.random.default_rng(1)
    backbone.get_layer("bn").set_weights([generator.normal(size=5), generator.uniform(0.5, 2, 5)])
    pixels = generator.normal(size=(2, 8, 8, 3)).astype(np.float32)
    expected = backbone.predict(pixels[..., ::-1], verbose=0)
    np.testing.assert_allclose(
        fold_backbone(backbone).predict(pixels, verbose=0),
        expected,
        atol=1e-5 * np.ptp(expected),  # one layer of float32 sums in another order
    )


@pytest.mark.parametrize("before", ["the input", "an activation"])
def test_a_batch_normalisation_that_follows_no_convolution_is_refused_by_name(before: str) -> None:
    image = keras.Input((8, 8, 3))
    x = layers.ReLU()(layers.Conv2D(3, 1)(image)) if before == "an activation" else image
    x = layers.BatchNormalization(name="stray_bn")(x)
    backbone = keras.Model(image, layers.Conv2D(4, 3)(x))
    with pytest.raises(ValueError, match="stray_bn follows no convolution"):
        fold_backbone(backbone)


def test_a_folded_head_gives_the_logits(model: keras.Model) -> None:
    head = fold_head(model)
    batch = np.random.default_rng(2).integers(0, 256, (4, 64, 64, 3), np.uint8)
    features = pooled_features(model).predict(batch, verbose=0).astype(np.float64)
    units = features @ head.hidden.T + head.hidden_bias
    logits = np.maximum(units, 0) @ head.classes.T + head.classes_bias
    expected = keras.Model(model.input, model.get_layer("logits").output).predict(batch, verbose=0)
    # The expected ones are float32 sums of 256 products, of logits of a few units.
    np.testing.assert_allclose(logits, expected, atol=1e-4)


def test_the_module_gives_the_five_outputs_in_the_contracts_shapes(
    module: ContractModule, images: npt.NDArray[np.uint8]
) -> None:
    outputs = module.function(images[:3])
    assert set(outputs) == set(OUTPUTS)
    assert {name: tuple(value.shape) for name, value in outputs.items()} == {
        PROBABILITIES: (3, 4),
        LOGITS: (3, 4),
        LAST_CONV: (3, 8, 8, 32),
        CAM: (3, 4, 8, 8),
        CAM_BIAS: (3, 4),
    }


def test_every_logit_is_the_sum_of_its_map_and_its_bias_part(
    module: ContractModule, images: npt.NDArray[np.uint8]
) -> None:
    outputs = {name: np.asarray(value) for name, value in module.function(images).items()}
    total = outputs[CAM].sum(axis=(2, 3), dtype=np.float64) + outputs[CAM_BIAS]
    # Both sides are float32 sums of the same products in another order.
    np.testing.assert_allclose(total, outputs[LOGITS], atol=1e-4)
    assert np.ptp(outputs[CAM_BIAS]) > 0


def test_the_closed_formula_of_the_maps_is_the_gradient_that_the_tape_finds(
    module: ContractModule, images: npt.NDArray[np.uint8], reference: Arrays
) -> None:
    cam = np.asarray(module.function(images)[CAM])
    # float32 sums in another order, over the backbone's and the head's layers.
    np.testing.assert_allclose(cam, reference[CAM], atol=1e-4 * np.ptp(reference[CAM]))
