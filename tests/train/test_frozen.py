"""What is computed once, and that it is what a full pass gives."""

from pathlib import Path

import keras
import numpy as np
import pytest

from tests.tiny import tiny_backbone
from train.augment import augment
from train.fit import _compute, _fresh_variants
from train.frozen import half_file, kept_variants, read_rows, variant_features
from train.model import build_model, pooled_features, split_at
from train.options import Options


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return build_model(classes=4, size=(64, 64), weights="none", backbone=tiny_backbone((64, 64)))


@pytest.fixture
def images():
    generator = np.random.default_rng(0)
    coarse = generator.integers(0, 256, (10, 8, 8, 3), np.uint8)
    return coarse.repeat(8, axis=1).repeat(8, axis=2)


def compute(model, images, folder, *, split=None, **changes):
    choices = {"variant": 1, "batch": 4, "seed": 5, "strength": 1.0, "label": "x"} | changes
    return variant_features(
        _compute(model, split), images, target=folder / "f.npy", keep=bool(split), **choices
    )


def test_the_first_variant_is_the_photo_itself(model, images, tmp_path):
    rows = compute(model, images, tmp_path, variant=0)
    expected = pooled_features(model).predict(images, verbose=0)
    # The same operations in batches of another size: float32 rounding.
    np.testing.assert_allclose(rows, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("keep", [False, True])
def test_other_variants_are_augmented_photo_by_photo(model, images, tmp_path, keep):
    rows = compute(
        model, images, tmp_path, variant=3, split=split_at(model, "conv5") if keep else None
    )
    changed = [augment(image, np.random.default_rng((5, 3, at))) for at, image in enumerate(images)]
    expected = pooled_features(model).predict(np.stack(changed), verbose=0)
    np.testing.assert_allclose(rows, expected, rtol=1e-4, atol=1e-4)


def test_the_rest_makes_of_what_is_kept_what_the_model_makes_of_the_photo(model, images, tmp_path):
    split = split_at(model, "conv5")
    compute(model, images, tmp_path, variant=0, split=split)
    order = np.array([7, 0, 3])
    kept = read_rows(half_file(tmp_path / "f.npy"), order)
    assert kept.dtype == np.float32
    np.testing.assert_allclose(
        split.rest.predict(kept, verbose=0),
        model.predict(images[order], verbose=0),
        atol=5e-3,  # half precision keeps 11 bits, 5e-4 of each activation
    )


def test_what_is_there_is_not_computed_again(model, images, tmp_path):
    split = split_at(model, "conv5")
    rows = compute(model, images, tmp_path, split=split)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert set(before) == {"f.npy", "f.half.npy"}
    np.testing.assert_array_equal(compute(model, images * 0, tmp_path, split=split), rows)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_a_missing_half_is_computed_again(model, images, tmp_path):
    split = split_at(model, "conv5")
    rows = compute(model, images, tmp_path, split=split)
    half_file(tmp_path / "f.npy").unlink()
    np.testing.assert_array_equal(compute(model, images, tmp_path, split=split), rows)
    assert half_file(tmp_path / "f.npy").exists()


def test_the_cache_keeps_as_many_variants_as_fit(model):
    frozen = split_at(model, "conv5").frozen
    one = 2 * np.prod(frozen.output.shape[1:]) / 1e9
    room = {"photos": 100, "others": 20}
    assert kept_variants(frozen, **room, cache_gb=0) == 0
    assert kept_variants(frozen, **room, cache_gb=119.9 * one) == 0
    assert kept_variants(frozen, **room, cache_gb=120.1 * one) == 1
    assert kept_variants(frozen, **room, cache_gb=320.1 * one) == 3


def test_reading_rows_keeps_their_order(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.arange(20, dtype=np.float16).reshape(10, 2))
    rows = read_rows(tmp_path / "a.npy", np.array([9, 1, 1]))
    assert rows.tolist() == [[18, 19], [2, 3], [2, 3]]


def test_without_a_cache_each_photo_is_itself_once_in_its_variants_and_else_new(images):
    load = _fresh_variants(images, Options(variants=3))
    chosen = np.array([4, 1, 8])
    epochs = [load(chosen, epoch, np.random.default_rng(epoch)) for epoch in range(6)]
    before = images[chosen]
    itself = np.array([(photos == before).all(axis=(1, 2, 3)) for photos in epochs])
    np.testing.assert_array_equal(itself.sum(axis=0), [2, 2, 2])
    assert (itself[:3].sum(axis=0) == 1).all()
    again = load(chosen, 1, np.random.default_rng(1))
    np.testing.assert_array_equal(again, epochs[1])
    # Augmented anew: no two of a photo's changed ones are the same.
    for at in range(3):
        changed = [
            photos[at].tobytes()
            for photos, same in zip(epochs, itself[:, at], strict=True)
            if not same
        ]
        assert len(set(changed)) == len(changed) == 4
