"""The classifier's layers, its preprocessing, and what each phase trains."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from tests.tiny import tiny_backbone
from train.network.lit_pooling import LEAST_LIT, lit_weights
from train.network.model import (
    HEAD,
    INSIDE,
    MEAN,
    backbone_of,
    build_model,
    head_of,
    logits_of,
    pooled_features,
    unfreeze,
)


@pytest.fixture
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    return build_model(
        classes=4, size=(64, 64), weights="none", backbone=tiny_backbone((64, 64))
    )  # fmt: skip


def photos(count: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (count, 64, 64, 3), np.uint8)


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def weights_by_layer(model: keras.Model) -> dict[str, list[np.ndarray]]:
    return {
        layer.name: [np.array(value) for value in layer.get_weights()]
        for layer in (*backbone_of(model).layers, *(model.get_layer(name) for name in HEAD))
    }


def test_the_layers_are_the_image_its_preprocessing_the_backbone_and_the_head(
    model: keras.Model,
) -> None:
    names = [layer.name for layer in model.layers]
    assert names[:2] == ["image", MEAN]
    assert names[-7:] == [INSIDE, *HEAD]
    assert len(names) == 10  # neither the flip to BGR nor what weighs the cells is a layer
    assert "tiny" in names
    assert [type(model.get_layer(name)) for name in HEAD] == [
        layers.GlobalAveragePooling2D,
        layers.BatchNormalization,
        layers.Dense,
        layers.Dropout,
        layers.Dense,
        layers.Softmax,
    ]
    assert model.get_layer("hidden").units == 256
    assert model.input.shape == (None, 64, 64, 3)
    assert model.output.shape == (None, 4)


def test_probabilities_sum_to_one(model: keras.Model) -> None:
    # float32 softmax of four numbers.
    np.testing.assert_allclose(model.predict(photos(3), verbose=0).sum(axis=1), 1, atol=1e-6)


def test_the_preprocessing_is_that_of_the_imagenet_weights() -> None:
    image = keras.Input((16, 16, 3))
    nothing = keras.Model(image, layers.Activation("linear")(image), name="nothing")
    model = build_model(classes=2, size=(16, 16), weights="none", backbone=nothing)
    preprocessed = keras.Model(model.input, model.get_layer(INSIDE).input[0])
    batch = np.random.default_rng(6).integers(0, 256, (3, 16, 16, 3)).astype(np.float32)
    expected = keras.applications.resnet50.preprocess_input(batch.copy())
    # One float32 subtraction of numbers up to 255: half a unit in the last place is 1e-5.
    np.testing.assert_allclose(preprocessed.predict(batch, verbose=0), expected, atol=4e-5)


def test_head_after_pooled_features_is_the_whole_model(model: keras.Model) -> None:
    batch = photos(3)
    features = pooled_features(model).predict(batch, verbose=0)
    assert features.shape == (3, 32)
    logits = head_of(model).predict(features, verbose=0)
    # The same operations in the same order; only the batching of threads may differ.
    np.testing.assert_allclose(softmax(logits), model.predict(batch, verbose=0), atol=1e-6)
    np.testing.assert_allclose(
        logits_of(model).predict(batch, verbose=0), logits, atol=1e-5 * np.ptp(logits)
    )


def test_unfreezing_trains_the_stage_and_no_batch_normalisation(model: keras.Model) -> None:
    assert unfreeze(model, stage="conv5") == 3
    trainable = {layer.name for layer in backbone_of(model).layers if layer.trainable_weights}
    assert trainable == {f"conv5_block1_{i}_conv" for i in range(3)}
    assert not model.get_layer("norm").trainable_weights
    assert len(model.trainable_weights) == 2 * (3 + 2)  # kernels and biases: 3 convs, 2 denses


def test_unfreezing_a_stage_that_is_not_there_unfreezes_nothing(model: keras.Model) -> None:
    assert unfreeze(model, stage="conv9") == 0


def test_a_step_of_phase_2_changes_the_stage_and_the_head_and_no_statistics(
    model: keras.Model,
) -> None:
    unfreeze(model, stage="conv5")
    model.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy", jit_compile=False)
    before = weights_by_layer(model)
    model.train_on_batch(photos(8), np.eye(4, dtype=np.float32)[np.arange(8) % 4])
    after = weights_by_layer(model)
    changed = {
        name
        for name, values in before.items()
        if any((a != b).any() for a, b in zip(values, after[name], strict=True))
    }
    assert changed == {*(f"conv5_block1_{i}_conv" for i in range(3)), "hidden", "logits"}


def test_a_backbone_of_phase_2_runs_in_inference_mode_also_while_training(
    model: keras.Model,
) -> None:
    unfreeze(model, stage="conv5")
    features, batch = pooled_features(model), photos(8)
    before = weights_by_layer(model)
    trained = keras.ops.convert_to_numpy(features(batch, training=True))
    # The same operations on the same machine; only the threads' order of summing may differ.
    np.testing.assert_allclose(
        trained,
        keras.ops.convert_to_numpy(features(batch, training=False)),
        atol=1e-5 * np.ptp(trained),
    )
    after = weights_by_layer(model)
    for name, values in before.items():
        for a, b in zip(values, after[name], strict=True):
            np.testing.assert_array_equal(a, b, err_msg=name)


_LOAD_WITHOUT_THE_PACKAGE = """
import sys
for name in ("train", "export", "edge_runtime", "calibration"):
    sys.modules[name] = None  # any import of it fails
import keras, numpy as np
model = keras.saving.load_model(sys.argv[1], compile=False)
np.save(sys.argv[3], model.predict(np.load(sys.argv[2]), verbose=0))
"""


def test_the_saved_model_opens_without_this_package_and_gives_the_same(
    tiny_run: Path, tmp_path: Path
) -> None:
    batch = photos(3)
    np.save(tmp_path / "photos.npy", batch)
    subprocess.run(
        [sys.executable, "-c", _LOAD_WITHOUT_THE_PACKAGE, tiny_run / "model.keras",
         tmp_path / "photos.npy", tmp_path / "probabilities.npy"],
        check=True, cwd=tmp_path,
    )  # fmt: skip
    model = keras.saving.load_model(tiny_run / "model.keras", compile=False)
    # The same operations on the same machine; only the threads' order of summing may differ.
    np.testing.assert_allclose(
        np.load(tmp_path / "probabilities.npy"), model.predict(batch, verbose=0), atol=1e-6
    )


def lit_on(shape: tuple[int, int], rows: slice, columns: slice) -> np.ndarray:
    """A photo that is lit in a rectangle alone, by one grey level of one colour."""
    photo = np.zeros((1, *shape, 3), np.float32)
    photo[0, rows, columns, 1] = 1
    return photo


def weigh(photo: np.ndarray, cells: tuple[int, int]) -> np.ndarray:
    return np.asarray(lit_weights(keras.ops.convert_to_tensor(photo), cells))[0]


def test_a_cell_weighs_as_much_of_it_as_is_lit() -> None:
    whole = weigh(np.full((1, 64, 64, 3), 255, np.float32), (8, 8))
    assert (whole == 1).all()
    half = weigh(lit_on((64, 64), slice(0, 32), slice(None)), (8, 8))
    assert (half[:4] == 2).all()
    assert (half[4:] == 0).all()
    part = weigh(lit_on((64, 64), slice(0, 60), slice(0, 8)), (8, 8))
    assert part[7, 0] == pytest.approx(0.5 * part[0, 0])  # 4 of 8 rows
    assert part.mean() == pytest.approx(1)


def test_a_side_that_the_cells_dont_divide_ends_inside_of_the_last_one() -> None:
    found = weigh(np.full((1, 50, 64, 3), 9, np.float32), (7, 8))  # cells of 8 rows, the last of 2
    assert found[6, 0] == pytest.approx(0.25 * found[0, 0])
    assert found.mean() == pytest.approx(1)


def test_a_black_photo_has_weights_of_zero_and_a_nearly_black_one_small_ones() -> None:
    assert (weigh(np.zeros((1, 64, 64, 3), np.float32), (8, 8)) == 0).all()
    small = weigh(lit_on((64, 64), slice(0, 8), slice(0, 8)), (8, 8))
    assert small[0, 0] == pytest.approx(1 / LEAST_LIT)  # not 64


def test_the_pooling_is_the_mean_over_the_lit_field(model: keras.Model) -> None:
    batch = photos(2)
    batch[0, :32] = 0
    before = keras.Model(model.input, model.get_layer(INSIDE).input[0]).predict(batch, verbose=0)
    pooled = pooled_features(model).predict(batch, verbose=0)
    expected = np.stack([before[0, 4:].mean(axis=(0, 1)), before[1].mean(axis=(0, 1))])
    np.testing.assert_allclose(pooled, expected, rtol=1e-4)  # float32 sums in another order
