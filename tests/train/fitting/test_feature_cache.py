"""What is computed once, and that it is what a full pass gives."""

from pathlib import Path

import keras
import numpy as np
import pytest

from tests.tiny import tiny_backbone
from train.fitting.augment import augment
from train.fitting.feature_cache import (
    half_file,
    is_kept,
    kept_variants,
    photo_generator,
    read_kept,
    read_rows,
    variant_features,
    weights_file,
)
from train.fitting.fit import _compute
from train.fitting.live import fresh_variants
from train.network.model import build_model, pooled_features, split_at
from train.runs.options import Options


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return build_model(classes=4, size=(64, 64), weights="none", backbone=tiny_backbone((64, 64)))


@pytest.fixture
def images():
    generator = np.random.default_rng(0)
    coarse = generator.integers(0, 256, (10, 8, 8, 3), np.uint8)
    return coarse.repeat(8, axis=1).repeat(8, axis=2)


def compute(model, images, *, kept=None, variant=1, split=None):
    options = Options(batch=4, seed=5)
    return variant_features(
        _compute(model, split), images, variant=variant, options=options, label="x", kept=kept
    )


def test_the_first_variant_is_the_photo_itself(model, images):
    rows = compute(model, images, variant=0)
    expected = pooled_features(model).predict(images, verbose=0)
    # The same operations in batches of another size: float32 rounding.
    np.testing.assert_allclose(rows, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("keep", [False, True])
def test_other_variants_are_augmented_photo_by_photo(model, images, tmp_path, keep):
    kept, split = (tmp_path / "f", split_at(model, "conv5")) if keep else (None, None)
    rows = compute(model, images, variant=3, kept=kept, split=split)
    changed = [augment(image, photo_generator(image, 3, 5)) for image in images]
    expected = pooled_features(model).predict(np.stack(changed), verbose=0)
    np.testing.assert_allclose(rows, expected, rtol=1e-4, atol=1e-4)


def test_the_rest_makes_of_what_is_kept_what_the_model_makes_of_the_photo(model, images, tmp_path):
    split = split_at(model, "conv5")
    compute(model, images, variant=0, kept=tmp_path / "f", split=split)
    order = np.array([7, 0, 3])
    kept = read_kept(tmp_path / "f", order)
    assert {each.dtype for each in kept} == {np.dtype(np.float32)}
    np.testing.assert_allclose(
        keras.ops.softmax(split.rest.predict(kept, verbose=0)),
        model.predict(images[order], verbose=0),
        atol=5e-3,  # half precision keeps 11 bits, 5e-4 of each activation
    )


@pytest.mark.parametrize("file", [half_file, weights_file])
def test_a_variant_is_kept_when_both_files_are_whole(model, images, tmp_path, file):
    kept = tmp_path / "f"
    assert not is_kept(kept, len(images))
    compute(model, images, kept=kept, split=split_at(model, "conv5"))
    assert {path.name for path in tmp_path.iterdir()} == {"f.half.npy", "f.weights.npy"}
    assert is_kept(kept, len(images))
    assert not is_kept(kept, len(images) + 1)
    data = file(kept).read_bytes()
    file(kept).write_bytes(data[: len(data) // 2])
    assert not is_kept(kept, len(images))
    file(kept).unlink()
    assert not is_kept(kept, len(images))


@pytest.mark.parametrize(
    ("fitting", "variants", "used", "said"),
    [
        (4.1, 4, 4, ""),
        (9.1, 4, 4, ""),
        (2.1, 4, 2, "has room for 2 of 4 variants: phase 2 sees those alone"),
        (1.9, 4, 0, "room for 1 of 4 variants: phase 2 computes the frozen stages anew"),
        (1.1, 1, 1, ""),
        (0.9, 4, 0, "has room for 0 of 4 variants: phase 2 computes"),
        (0, 4, 0, ""),
    ],
)
def test_as_many_variants_are_kept_as_fit_but_not_one_of_many(
    fitting, variants, used, said, model, capsys
):
    frozen = split_at(model, "conv5").frozen
    one = 2 * np.prod(frozen.output[0].shape[1:]) / 1e9
    room = (100 * fitting + 20) * one if fitting else 0
    options = Options(variants=variants, cache_gb=float(room))
    assert kept_variants(frozen, options, photos=100, others=20) == used
    error = capsys.readouterr().err
    assert said in error
    assert bool(said) == error.startswith("--cache-gb ")


def test_reading_rows_keeps_their_order(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.arange(20, dtype=np.float16).reshape(10, 2))
    rows = read_rows(tmp_path / "a.npy", np.array([9, 1, 1]))
    assert rows.tolist() == [[18, 19], [2, 3], [2, 3]]


def test_without_a_cache_each_photo_is_itself_once_in_its_variants_and_else_augmented(images):
    before = images.copy()
    load = fresh_variants(images, Options(variants=3, augmentation=0.5))
    chosen = np.array([4, 1, 8])
    for epoch in range(6):
        generator = np.random.default_rng(epoch)
        expected = [
            before[each]
            if (each + epoch) % 3 == 0
            else augment(before[each], generator, strength=0.5)
            for each in chosen
        ]
        photos = load(chosen, epoch, np.random.default_rng(epoch))
        np.testing.assert_array_equal(photos, expected)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize(("times", "ends"), [(3, True), (4, False)])
def test_a_header_that_threads_spoiled_is_parsed_again(times, ends, tmp_path, monkeypatch):
    np.save(tmp_path / "x.npy", np.arange(5.0))
    original, calls = np.load, []

    def load(*arguments, **options):
        calls.append(arguments)
        if len(calls) <= times:
            raise SystemError("AST constructor recursion depth mismatch")
        return original(*arguments, **options)

    monkeypatch.setattr(np, "load", load)
    if ends:
        assert read_rows(tmp_path / "x.npy", np.array([3])) == 3
    else:
        with pytest.raises(SystemError):
            read_rows(tmp_path / "x.npy", np.array([3]))
