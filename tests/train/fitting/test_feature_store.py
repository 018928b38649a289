"""What a frozen backbone makes of a photo is computed once for many trainings."""

import json
from dataclasses import replace
from functools import partial

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.errors import OutputFailedError
from tests.tiny import tiny_backbone
from train.fitting.feature_store import pixel_digest, stored_features
from train.fitting.plan import Keep
from train.fitting.run import train_run
from train.runs.options import Options


def backbone(factor=1.0, size=4):
    image = keras.Input((size, size, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(5, 1)(image))
    made = keras.Model(image, pooled)
    made.set_weights([np.full_like(each, factor) for each in made.get_weights()])
    return made


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (9, 4, 4, 3), np.uint8)


class Counting:
    """Stands for the backbone: the photo's mean and its index, and counts what is asked."""

    def __init__(self, images):
        self.images, self.asked = images, []

    def __call__(self, rows):
        self.asked += rows.tolist()
        return self.images[rows].mean(axis=(1, 2)).astype(np.float32)


def test_only_what_is_missing_is_computed_whatever_the_order(tmp_path, images):
    store, first = partial(stored_features, tmp_path, backbone()), Counting(images[:6])
    found = store(images[:6], change="x", compute=first)
    np.testing.assert_array_equal(found, images[:6].mean(axis=(1, 2)).astype(np.float32))
    order = np.array([8, 2, 7, 0])
    second = Counting(images[order])
    again = stored_features(tmp_path, backbone(), images[order], change="x", compute=second)
    assert second.asked == [0, 2]
    np.testing.assert_array_equal(again, images[order].mean(axis=(1, 2)).astype(np.float32))


@pytest.mark.parametrize(
    "other",
    [(backbone(), "y"), (backbone(factor=2.0), "x"), (backbone(size=8), "x")],
    ids=["another change", "other weights", "another size"],
)
def test_other_ways_have_files_of_their_own(tmp_path, images, other):
    stored_features(tmp_path, backbone(), images, change="x", compute=Counting(images))
    asked = Counting(images)
    stored_features(tmp_path, other[0], images, change=other[1], compute=asked)
    assert len(asked.asked) == len(images)
    assert len(list(tmp_path.iterdir())) == 2


def test_copies_of_a_photo_share_a_row_and_one_pixel_makes_another(tmp_path, images):
    twice = np.concatenate([images[:1], images[:2]])
    store = partial(stored_features, tmp_path, backbone())
    found = store(twice, change="x", compute=Counting(twice))
    np.testing.assert_array_equal(found, twice.mean(axis=(1, 2)).astype(np.float32))
    changed = images[0].copy()
    changed[3, 3, 2] ^= 1
    assert pixel_digest(changed) != pixel_digest(images[0]) == pixel_digest(images[0].copy())


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a zip", None])
def test_a_damaged_file_is_computed_anew(tmp_path, images, damage):
    store = partial(stored_features, tmp_path, backbone())
    store(images, change="x", compute=Counting(images))
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:200] if damage is None else damage)
    asked = Counting(images)
    store(images, change="x", compute=asked)
    assert len(asked.asked) == len(images)


def test_no_bit_of_a_file_makes_a_traceback(tmp_path, images):
    store = partial(stored_features, tmp_path, backbone())
    exact = store(images, change="x", compute=Counting(images))
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    for at in range(0, 8 * len(whole), 37):
        damaged = bytearray(whole)
        damaged[at // 8] ^= 1 << at % 8
        file.write_bytes(damaged)
        found = store(images, change="x", compute=Counting(images))
        np.testing.assert_array_equal(found, exact)


def test_what_another_training_wrote_meanwhile_is_kept(tmp_path, images):
    store = partial(stored_features, tmp_path, backbone())

    def compute(rows):
        store(images[5:], change="x", compute=Counting(images[5:]))
        return Counting(images[:5])(rows)

    store(images[:5], change="x", compute=compute)
    asked = Counting(images)
    store(images, change="x", compute=asked)
    assert not asked.asked


@pytest.mark.parametrize("meanwhile", ["removed", "replaced"])
def test_what_was_found_is_given_though_the_file_goes_meanwhile(meanwhile, tmp_path, images):
    store = partial(stored_features, tmp_path, backbone())
    store(images[:4], change="x", compute=Counting(images))
    (file,) = tmp_path.iterdir()

    def compute(rows):
        file.unlink()
        if meanwhile == "replaced":  # by another training that had begun before
            store(images[7:], change="x", compute=Counting(images[7:]))
        return Counting(images)(rows)

    expected = images.mean(axis=(1, 2)).astype(np.float32)
    np.testing.assert_array_equal(store(images, change="x", compute=compute), expected)
    asked = Counting(images)
    np.testing.assert_array_equal(store(images, change="x", compute=asked), expected)
    assert not asked.asked


def test_the_code_around_the_weights_counts(tmp_path, images, monkeypatch):
    """What weighs the cells has no weights, so a store of another version mustn't be taken."""
    stored_features(tmp_path, backbone(), images, change="x", compute=Counting(images))
    other = tmp_path / "inside.py"
    other.write_text("another pooling")
    monkeypatch.setattr("train.network.lit_pooling.__file__", str(other))
    asked = Counting(images)
    stored_features(tmp_path, backbone(), images, change="x", compute=asked)
    assert len(asked.asked) == len(images)


def test_a_phase_2_on_kept_features_leaves_the_pooled_ones_for_others(
    dataset, tmp_path, monkeypatch
):
    deep = Options(
        weights="none", input_size=64, batch=8, variants=2, head_epochs=1, fine_epochs=1,
        allow_leaks=True,
    )  # fmt: skip

    def run(name, options):
        keras.utils.set_random_seed(0)
        train_run(
            dataset, tmp_path / name, options=options, keep=Keep(features=tmp_path / "kept"),
            backbone=tiny_backbone((64, 64)),
        )  # fmt: skip

    run("deep", deep)

    def fail(*_args, **_options):
        raise AssertionError("the backbone is asked")

    monkeypatch.setattr("train.fitting.fit.variant_features", fail)
    run("head", replace(deep, fine_epochs=0))


@pytest.mark.parametrize("options", [(), ("--strategy", "multiworker")])
def test_the_command_refuses_a_folder_that_cant_be_and_a_cluster(options, dataset, tmp_path):
    (tmp_path / "file").write_text("x")
    arguments = ["train", str(dataset), "--out", str(tmp_path / "run"), *options]
    found = CliRunner().invoke(main, [*arguments, "--features", str(tmp_path / "file" / "kept")])
    assert found.exit_code != 0
    assert not (tmp_path / "run").exists()
    said = "file is not a folder" if not options else "--features goes with --strategy single only"
    assert said in f"{found.stderr}{found.exception}"


def test_a_folder_that_cant_be_written_is_a_sentence(tmp_path, images):
    (tmp_path / "file").write_text("x")
    store = partial(stored_features, tmp_path / "file", backbone())
    with pytest.raises(OutputFailedError, match="file"):
        store(images, change="x", compute=Counting(images))


def test_a_training_that_finds_its_features_ends_the_same_and_asks_the_backbone_nothing(
    dataset, tmp_path, monkeypatch
):
    options = Options(
        weights="none", input_size=64, batch=8, variants=2, head_epochs=2, fine_epochs=0,
        allow_leaks=True,
    )  # fmt: skip

    def run(name, chosen=options):
        made = tmp_path / name
        keras.utils.set_random_seed(0)
        train_run(
            dataset, made, options=chosen, keep=Keep(features=tmp_path / "kept"),
            backbone=tiny_backbone((64, 64)),
        )  # fmt: skip
        return made

    first = run("first")

    def fail(*_args, **_options):
        raise AssertionError("the backbone is asked")

    without = tmp_path / "without"
    keras.utils.set_random_seed(0)
    train_run(dataset, without, options=options, backbone=tiny_backbone((64, 64)))
    for split in ("val_dir", "test_dir"):  # the evaluation of features is that of photos
        found, expected = (
            json.loads((each / "metrics.json").read_text())[split]["nll"]
            for each in (first, without)
        )
        assert found == pytest.approx(expected, rel=1e-4)
    monkeypatch.setattr("train.fitting.fit.variant_features", fail)
    monkeypatch.setattr("train.evaluation.run_keras.predict", fail)
    second = run("second")
    assert (first / "history.csv").read_bytes() == (second / "history.csv").read_bytes()
    assert json.loads((first / "metrics.json").read_text()) == json.loads(
        (second / "metrics.json").read_text()
    )
    with pytest.raises(AssertionError, match="is asked"):
        run("third", replace(options, augmentation=0.5))
