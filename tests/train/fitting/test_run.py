"""What a run folder holds, and that it can be made again."""

import csv
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import pytest

from edge_runtime.contract import DISCLAIMER, PREPROCESSING
from edge_runtime.errors import OutputExistsError, OutputFailedError, UnknownNameError
from tests.conftest import as_json
from tests.tiny import tiny_backbone
from train.data.dataset import load_photos, read_dataset
from train.data.fingerprint import fingerprint
from train.errors import DatasetError, LeakError, PhotosUnreadableError, WeightsError
from train.fitting.plan import Keep
from train.fitting.run import train_run
from train.network.model import build_model
from train.runs.options import Options
from train.runs.state import HISTORY_COLUMNS


def read_json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_run_folder_has_all_its_files_and_no_other(tiny_run: Path) -> None:
    assert {path.name for path in tiny_run.iterdir()} == {
        "config.json",
        "history.csv",
        "model.keras",
        "photos.csv",
        "metrics.json",
        "learning_curves.png",
        "evaluation_val_dir",
        "evaluation_test_dir",
    }


def test_the_config_says_every_choice_and_which_data_it_was(tiny_run: Path, dataset: Path) -> None:
    config = read_json(tiny_run / "config.json")
    options = Options(**config["options"])
    assert (options.weights, options.head_epochs, options.fine_epochs) == ("none", 3, 2)
    assert config["classes"] == ["cataract", "diabetic_retinopathy", "glaucoma", "normal"]
    assert config["input_size"] == [64, 64]
    assert config["preprocessing"] == as_json(PREPROCESSING)
    assert config["dataset"] == {
        "path": str(dataset.resolve()),
        "name": "procedural",
        "fingerprint": fingerprint(read_dataset(dataset)),
        "photos": {"train_dir": 32, "val_dir": 12, "test_dir": 12},
        "leaks": {"groups": 1, "photos": 14},
    }
    assert set(config["versions"]) == {"fundus-edge", "tensorflow", "keras", "numpy"}


def test_the_metrics_are_those_of_the_saved_model(tiny_run: Path, dataset: Path) -> None:
    metrics = read_json(tiny_run / "metrics.json")
    assert set(metrics) == {"val_dir", "test_dir", "disclaimer"}
    assert metrics["disclaimer"] == DISCLAIMER
    found = read_dataset(dataset)
    model = keras.saving.load_model(tiny_run / "model.keras", compile=False)
    for split in ("val_dir", "test_dir"):
        photos = found.splits[split]
        predicted = model.predict(load_photos(photos, size=(64, 64)), verbose=0).argmax(axis=1)
        labels = np.array([photo.label for photo in photos])
        measured = metrics[split]
        assert measured["photos"] == 12
        assert measured["accuracy"] == pytest.approx((predicted == labels).mean())
        assert list(measured["recall"]) == list(measured["precision"]) == list(found.classes)
        assert [sum(row) for row in measured["confusion"]] == [3, 3, 3, 3]
        assert 0 <= measured["macro_auroc"] <= 1
        for name, row, at in zip(found.classes, measured["confusion"], range(4), strict=True):
            assert measured["recall"][name] == pytest.approx(row[at] / 3)


def test_the_history_has_a_row_per_epoch_of_both_phases(tiny_run: Path) -> None:
    with (tiny_run / "history.csv").open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert tuple(reader.fieldnames or ()) == HISTORY_COLUMNS
    assert [(row["phase"], row["epoch"]) for row in rows] == [
        ("head", "1"), ("head", "2"), ("head", "3"), ("fine", "1"), ("fine", "2"),
    ]  # fmt: skip
    for row in rows:
        figures = [float(row[name]) for name in HISTORY_COLUMNS[2:]]
        assert np.isfinite(figures).all()
        assert 0 <= float(row["accuracy"]) <= 1
        assert 0 <= float(row["val_accuracy"]) <= 1


def test_the_pictures_show_something(tiny_run: Path) -> None:
    pictures = sorted(tiny_run.rglob("*.png"))
    assert {path.parent.name for path in pictures} >= {"evaluation_val_dir", "evaluation_test_dir"}
    for path in pictures:
        picture = cv2.imread(str(path))
        assert picture is not None, path
        assert min(picture.shape[:2]) > 200
        assert np.ptp(picture) > 100


def test_the_saved_model_carries_no_optimiser(tiny_run: Path) -> None:
    with zipfile.ZipFile(tiny_run / "model.keras") as archive:
        assert not json.loads(archive.read("config.json")).get("compile_config")


def test_a_run_folder_that_exists_is_refused_and_left_alone(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(OutputExistsError, match="already exists; choose another run folder"):
        train_run(dataset, tmp_path, options=Options(weights="none", input_size=64))
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_a_dataset_that_is_refused_leaves_no_run_folder(tmp_path: Path) -> None:
    with pytest.raises(DatasetError):
        train_run(tmp_path / "none", tmp_path / "run", options=Options(weights="none"))
    assert not (tmp_path / "run").exists()


def test_the_same_seed_gives_the_same_metrics(dataset: Path, tmp_path: Path) -> None:
    options = Options(
        weights="none", input_size=64, batch=8, variants=2, head_epochs=2, fine_epochs=1,
        head_learning_rate=1e-2, learning_rate=1e-3, seed=3, allow_leaks=True,
    )  # fmt: skip
    for name in ("one", "two"):
        train_run(
            dataset,
            tmp_path / name,
            options=options,
            backbone=tiny_backbone((64, 64)),
        )
    for name in ("history.csv", "metrics.json"):
        one, two = ((tmp_path / run / name).read_bytes() for run in ("one", "two"))
        assert one == two


def test_without_fine_epochs_only_the_head_is_fitted(dataset: Path, tmp_path: Path) -> None:
    keras.utils.set_random_seed(4)
    backbone = tiny_backbone((64, 64))
    before = backbone.get_weights()
    options = Options(
        weights="none",
        input_size=64,
        batch=8,
        variants=1,
        head_epochs=1,
        fine_epochs=0,
        allow_leaks=True,
    )
    train_run(dataset, tmp_path / "run", options=options, backbone=backbone)
    model = keras.saving.load_model(tmp_path / "run" / "model.keras", compile=False)
    for old, new in zip(before, model.get_layer("tiny").get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(
    ("choice", "error", "sentence"),
    [
        ({"weights": "nowhere.h5"}, WeightsError, "nowhere.h5: no such file"),
        ({"weights": __file__}, WeightsError, "starting weights"),
        ({"weights": "none", "unfreeze": "conv9"}, UnknownNameError, "unknown stage 'conv9'"),
    ],
)
def test_weights_and_stage_are_checked_before_a_run_folder_is_made(
    choice, error, sentence, dataset, tmp_path
):
    with pytest.raises(error, match=sentence):
        train_run(
            dataset, tmp_path / "run", options=Options(input_size=32, allow_leaks=True, **choice)
        )
    assert not (tmp_path / "run").exists()


def test_unreadable_photos_of_all_splits_are_named_at_once(dataset: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(dataset, tmp_path / "data"))
    broken = [sorted((data / split / "normal").iterdir())[0] for split in ("train_dir", "val_dir")]
    for photo in broken:
        photo.write_bytes(photo.read_bytes()[:1000])
    options = Options(weights="none", input_size=32)  # no leaks are allowed, and there are some
    with pytest.raises(PhotosUnreadableError, match=r"2 photo\(s\) can't be read") as caught:
        train_run(data, tmp_path / "run", options=options)
    assert all(f"{photo}: the JPEG file is truncated" in str(caught.value) for photo in broken)
    assert not (tmp_path / "run").exists()


def test_a_split_that_leaks_is_refused(dataset: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("glaucoma", "normal"):  # not the blurred cataracts, which look like copies
        for split in ("train_dir", "val_dir"):
            shutil.copytree(dataset / split / name, data / split / name)
    options = Options(weights="none", input_size=64, head_epochs=1, fine_epochs=0, variants=1)
    photo = sorted((data / "train_dir" / "normal").iterdir())[0]
    picture = cv2.imread(str(photo))
    cv2.imwrite(str(data / "val_dir" / "normal" / "other.png"), picture[:, ::-1])
    sentence = (
        r"data: 1 group\(s\) of copies or patients stand in more than one split, such as "
        rf"train_dir/normal/{photo.name} and val_dir/normal/other.png; see them with "
        r"'fundus-edge audit', split anew with 'fundus-edge split', or .* --allow-leaks"
    )
    with pytest.raises(LeakError, match=sentence):
        train_run(data, tmp_path / "run", options=options)
    assert not (tmp_path / "run").exists()
    backbone = tiny_backbone((64, 64))
    allowed = replace(options, allow_leaks=True)
    train_run(data, tmp_path / "run", options=allowed, backbone=backbone)
    metrics = read_json(tmp_path / "run" / "metrics.json")["val_dir"]
    assert metrics["leaks"] == {"groups": 1, "photos": 2}
    assert metrics["title"] == "val_dir (the split leaks)"
    (data / "val_dir" / "normal" / "other.png").unlink()
    train_run(data, tmp_path / "clean", options=options, backbone=tiny_backbone((64, 64)))
    metrics = read_json(tmp_path / "clean" / "metrics.json")["val_dir"]
    assert metrics["leaks"] == {"groups": 0, "photos": 0}
    assert metrics["title"] == "val_dir"


def test_tensorboard_logs_are_written_for_both_phases(dataset: Path, tmp_path: Path) -> None:
    options = Options(
        weights="none", input_size=64, batch=8, variants=1, head_epochs=1, fine_epochs=1,
        allow_leaks=True,
    )  # fmt: skip
    backbone = tiny_backbone((64, 64))
    train_run(
        dataset, tmp_path / "run", options=options, keep=Keep(tensorboard=True), backbone=backbone
    )
    logs = {path.parts[-3] for path in (tmp_path / "run" / "tensorboard").rglob("*tfevents*")}
    assert logs == {"head", "fine"}


def test_weights_that_cannot_be_downloaded_are_a_sentence(monkeypatch) -> None:
    def fail(**_):
        raise Exception("URL fetch failure on https://somewhere: None")

    monkeypatch.setattr(keras.applications, "ResNet50", fail)
    with pytest.raises(WeightsError, match="starting weights imagenet: URL fetch failure"):
        build_model(classes=4, size=(64, 64), weights="imagenet")


def test_a_run_folder_that_cannot_be_made_is_a_sentence(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    options = Options(weights="none", input_size=64, allow_leaks=True)
    with pytest.raises(OutputFailedError, match="can't write there"):
        train_run(
            dataset, tmp_path / "file" / "run", options=options, backbone=tiny_backbone((64, 64))
        )
