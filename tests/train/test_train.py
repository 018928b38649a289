"""Training reads what is there, and writes down what it did."""

import csv
import json
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest

from edge_runtime.errors import DatasetError, OutputExistsError
from tests.tiny import tiny_backbone
from train.augment import augment
from train.dataset import fingerprint, load_photos, read_dataset
from train.fit import HISTORY_COLUMNS
from train.model import HEAD, backbone_of, build_model, unfreeze
from train.options import Options
from train.run import train_run


def test_the_three_splits_are_read_with_sorted_classes(dataset):
    found = read_dataset(dataset)
    assert found.classes == ("cataract", "diabetic_retinopathy", "glaucoma", "normal")
    assert {name: len(photos) for name, photos in found.splits.items()} == {
        "train_dir": 32, "val_dir": 12, "test_dir": 12,
    }  # fmt: skip


def test_a_plain_dataset_is_split_with_both_eyes_on_one_side(dataset, tmp_path):
    for folder in (dataset / "train_dir").iterdir():
        (tmp_path / folder.name).mkdir()
        for photo in folder.iterdir():
            shutil.copy(photo, tmp_path / folder.name)
            shutil.copy(photo, tmp_path / folder.name / photo.name.replace("left", "right"))
    found = read_dataset(tmp_path, seed=1, val_share=0.25, test_share=0.25)
    assert found == read_dataset(tmp_path, seed=1, val_share=0.25, test_share=0.25)
    assert found != read_dataset(tmp_path, seed=2, val_share=0.25, test_share=0.25)
    sides = [{p.path.stem.split("_")[0] for p in part} for part in found.splits.values()]
    assert sum(map(len, sides)) == len(set.union(*sides)) == 32
    assert all(sides)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda d: shutil.rmtree(d / "val_dir"), "val_dir/ is missing"),
        (lambda d: shutil.rmtree(d / "val_dir" / "normal"), "val_dir/ has the classes"),
        (lambda d: [p.unlink() for p in (d / "train_dir" / "normal").iterdir()], "has no photo"),
        (lambda d: [shutil.rmtree(p) for p in list((d / "train_dir").iterdir())[1:]], "1 class"),
        (shutil.rmtree, "no such folder"),
    ],
)
def test_a_dataset_of_another_form_is_refused(dataset, tmp_path, damage, sentence):
    copy = shutil.copytree(dataset, tmp_path / "data")
    damage(copy)
    with pytest.raises(DatasetError, match=sentence):
        read_dataset(copy)


def test_a_broken_photo_is_counted_and_named(dataset, tmp_path):
    copy = shutil.copytree(dataset, tmp_path / "data")
    (copy / "val_dir" / "normal" / "0.jpg").write_text("no photo")
    with pytest.raises(DatasetError, match=r"1 photo.*0\.jpg: not a JPEG"):
        load_photos(read_dataset(copy).splits["val_dir"], size=(32, 32))


def test_the_fingerprint_follows_the_content_and_not_the_place(dataset, tmp_path):
    copy = shutil.copytree(dataset, tmp_path / "elsewhere")
    assert fingerprint(read_dataset(copy)) == fingerprint(read_dataset(dataset))
    next((copy / "val_dir" / "normal").iterdir()).unlink()
    assert fingerprint(read_dataset(copy)) != fingerprint(read_dataset(dataset))


def test_augmentation_is_seeded_and_keeps_form_and_darkness():
    image = np.zeros((64, 64, 3), np.uint8)
    image[20:44, 20:44] = (200, 90, 40)
    first = augment(image, np.random.default_rng(5))
    np.testing.assert_array_equal(first, augment(image, np.random.default_rng(5)))
    assert first.shape == image.shape
    assert first.dtype == np.uint8
    assert not np.array_equal(first, image)
    assert not first[0, 0].any()


def test_the_head_is_the_missions_and_phase_2_trains_no_batch_normalisation():
    model = build_model(classes=4, size=(64, 64), weights="", backbone=tiny_backbone((64, 64)))
    assert tuple(layer.name for layer in model.layers[-len(HEAD) :]) == HEAD
    assert unfreeze(model, stage="conv5") == 3
    trained = [layer.name for layer in backbone_of(model).layers if layer.trainable_weights]
    assert all(name.startswith("conv5") and name.endswith("_conv") for name in trained)
    norms = [
        layer
        for layer in (*backbone_of(model).layers, model.get_layer("norm"))
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    before = [np.array(layer.moving_mean) for layer in norms]
    model.compile(optimizer="sgd", loss="categorical_crossentropy", jit_compile=False)
    model.train_on_batch(np.random.default_rng(0).integers(0, 255, (4, 64, 64, 3)), np.eye(4))
    for layer, mean in zip(norms, before, strict=True):
        np.testing.assert_array_equal(layer.moving_mean, mean)


def test_the_preprocessing_in_the_model_is_that_of_keras_applications():
    recorder = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Identity()], name="seen")
    model = build_model(classes=2, size=(8, 8), weights="", backbone=recorder)
    seen = keras.Model(model.input, model.get_layer("pool").input)
    image = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3)).astype(np.float32)
    expected = keras.applications.resnet50.preprocess_input(image.copy())
    # One float32 subtraction of numbers up to 255.
    np.testing.assert_allclose(seen.predict(image, verbose=0), expected, atol=1e-4)


def test_a_run_folder_tells_everything(tiny_run):
    assert {path.name for path in tiny_run.iterdir()} == {
        "config.json", "history.csv", "metrics.json", "model.keras", "learning_curves.png",
        "confusion_val_dir.png", "confusion_test_dir.png",
    }  # fmt: skip
    metrics = json.loads((tiny_run / "metrics.json").read_text())
    assert sum(map(sum, metrics["test_dir"]["confusion"])) == metrics["test_dir"]["photos"] == 12
    with (tiny_run / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == HISTORY_COLUMNS
    assert [row["phase"] for row in rows] == ["head"] * 3 + ["fine"] * 2
    config = json.loads((tiny_run / "config.json").read_text())
    assert config["options"]["head_epochs"] == 3


def test_the_saved_model_opens_without_this_package(tiny_run):
    code = (
        "import sys, keras; keras.saving.load_model(sys.argv[1], compile=False);"
        "sys.exit('train' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tiny_run / "model.keras")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_one_seed_gives_one_result_and_a_run_is_never_written_over(dataset, tmp_path):
    options = Options(
        weights="none", input_size=64, batch=8, variants=2, head_epochs=2, fine_epochs=1, seed=3
    )
    for name in ("a", "b"):
        backbone = tiny_backbone((64, 64))
        backbone.set_weights(
            [np.random.default_rng(1).normal(0.5, 0.1, w.shape) for w in backbone.weights]
        )
        train_run(dataset, tmp_path / name, options=options, backbone=backbone)
    assert (tmp_path / "a/history.csv").read_text() == (tmp_path / "b/history.csv").read_text()
    with pytest.raises(OutputExistsError):
        train_run(dataset, tmp_path / "a", options=options)
