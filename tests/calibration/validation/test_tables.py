"""A table takes the way from training to validation as folders do."""

import csv
import json
import shutil
from collections import Counter

import numpy as np
import pytest
from click.testing import CliRunner
from make_fundus import CLASSES, draw_fundus

from calibration.calibrate import CalibrationOptions, calibrate_bundle
from calibration.int8.make import Int8Options
from calibration.int8.representative import representative_set
from calibration.models.evaluation_set import read_evaluation_set
from calibration.validation.options import Settings, ValidationOptions
from calibration.validation.page import validation_page
from calibration.validation.validate import validate_bundle
from edge_runtime import load_bundle
from edge_runtime.commands.main import main
from export.export_run import export_run
from tests.tiny import tiny_backbone
from tests.train.copied_photos import write
from train.data.dataset import balanced_sample, read_dataset
from train.errors import DatasetError, LeakError
from train.fitting.run import train_run
from train.runs.options import Options

OPTIONS = Options(
    weights="none", input_size=64, batch=8, variants=1, head_epochs=1, fine_epochs=0,
    allow_leaks=True,
)  # fmt: skip


@pytest.fixture(scope="module")
def table(dataset, tmp_path_factory):
    """The procedural dataset as a table, with eyes in each split that only aren't glaucoma."""
    root = tmp_path_factory.mktemp("tables") / "table"
    rows = []
    for split in ("train", "val", "test"):
        for path in sorted((dataset / f"{split}_dir").rglob("*.*")):
            name = f"{split}-{path.parent.name}-{path.name}"
            root.mkdir(exist_ok=True)
            shutil.copy(path, root / name)
            rows.append((name, path.parent.name, "a", split))
        for number in range(2):
            name = f"b/{split}{number}.png"
            write(root / name, draw_fundus("normal", seed=len(rows)))
            rows.append((name, "!glaucoma", "b", split))
    with (root / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "label", "source", "split"), *rows])
    return root


@pytest.fixture(scope="module")
def run(table, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "table"
    train_run(table, folder, options=OPTIONS, backbone=tiny_backbone((64, 64)))
    return folder


@pytest.fixture(scope="module")
def bundle(run, table, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles")
    export_run(run, folder / "float", data=table)
    whole = Int8Options(evaluations=1)
    options = CalibrationOptions(photos=20, seed=0, int8=whole, only_int8=True)
    calibrate_bundle(folder / "float", table, folder / "int8", options=options)
    return folder / "int8"


def test_a_training_counts_photos_without_a_class_in_figures_by_source_alone(run):
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["val_dir"]["photos"] == 12
    assert metrics["val_dir"]["without_class"] == 2
    sources = metrics["val_dir"]["by_source"]["sources"]
    assert (sources["a"]["photos"], sources["b"]["by_class"]) == (12, {"!glaucoma": 2})
    config = json.loads((run / "config.json").read_text())
    assert config["dataset"]["photos"] == {"train_dir": 34, "val_dir": 14, "test_dir": 14}
    rows = list(csv.DictReader((run / "photos.csv").read_text().splitlines()))
    assert Counter(row["class"] for row in rows)["!glaucoma"] == 6


def test_a_finished_run_on_a_table_is_gone_on_with_unless_a_label_has_changed(run, table, tmp_path):
    again = train_run(table, run, options=OPTIONS, resume=True, backbone=tiny_backbone((64, 64)))
    assert again["val_dir"].photos == 12
    changed = shutil.copytree(table, tmp_path / "changed")
    text = (changed / "labels.csv").read_text()
    (changed / "labels.csv").write_text(text.replace("!glaucoma", "!cataract", 1))
    with pytest.raises(ValueError, match="was begun with other photos"):
        train_run(changed, run, options=OPTIONS, resume=True, backbone=tiny_backbone((64, 64)))


def test_a_training_says_whose_patient_is_unknown_and_refuses_a_tables_leaks(
    table, tmp_path, capsys
):
    root = shutil.copytree(table, tmp_path / "data")
    lines = (root / "labels.csv").read_text().splitlines()
    people = [line + (",p1" if "normal" in line else ",") for line in lines[1:]]
    (root / "labels.csv").write_text("\n".join([lines[0] + ",patient", *people]))
    with pytest.raises(LeakError, match="copies or patients stand in more than one split"):
        train_run(root, tmp_path / "run", options=Options(weights="none", input_size=64))
    assert "Note: no patient known for 6 of 62 photographs" in capsys.readouterr().err


def test_a_table_without_training_photos_trains_nothing(table, tmp_path):
    root = shutil.copytree(table, tmp_path / "data")
    lines = (root / "labels.csv").read_text().splitlines()
    (root / "labels.csv").write_text("\n".join(x for x in lines if x.split(",")[-1] != "train"))
    with pytest.raises(DatasetError, match="has no photo to train on"):
        train_run(root, tmp_path / "run", options=OPTIONS)


@pytest.mark.parametrize("split", ["train", "val"])
def test_a_table_whose_photos_all_weigh_nothing_trains_nothing(split, table, tmp_path):
    root = shutil.copytree(table, tmp_path / "data")
    lines = (root / "labels.csv").read_text().splitlines()
    rows = [f"{line},{0 if line.split(',')[-1] == split else 1}" for line in lines[1:]]
    (root / "labels.csv").write_text("\n".join([lines[0] + ",weight", *rows]))
    with pytest.raises(DatasetError, match=f"all photos of {split}_dir have the weight 0"):
        train_run(root, tmp_path / "run", options=OPTIONS)
    assert not (tmp_path / "run").exists()


def test_an_evaluation_says_how_many_photos_it_leaves_out(run, table):
    result = CliRunner().invoke(main, ["evaluate", str(run), str(table), "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["photos"], found["without_class"]) == (12, 2)
    report = CliRunner().invoke(main, ["evaluate", str(run), str(table)]).stdout
    assert "Of 2 more only a class that they aren't is known" in report


def test_the_bundle_of_a_table_is_evaluated_by_source(bundle, table, tmp_path):
    options = ["--out", str(tmp_path / "out"), "--json"]
    result = CliRunner().invoke(main, ["evaluate", str(bundle), str(table), *options])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["photos"], found["without_class"], found["gate"]["photos"]) == (12, 2, 14)
    assert found["by_source"]["sources"]["b"]["by_class"] == {"!glaucoma": 2}
    assert found["by_source"]["sources"]["a"]["diseases"]["glaucoma"]["photos_against"] == 3
    assert found["gate"]["by_class"]["!glaucoma"]["photos"] == 2
    assert found["trained_on"] == 0
    assert "count in figures by source alone" in result.stderr
    rows = list(csv.DictReader((tmp_path / "out" / "predictions.csv").read_text().splitlines()))
    assert Counter(row["true"] for row in rows)["!glaucoma"] == 2


def test_the_bundle_of_a_table_is_calibrated_and_validated(bundle, table):
    manifest = load_bundle(bundle).manifest
    assert manifest.models["int8"].checks["agreement_val_dir"]["photos"] == 12
    settings = Settings(rounds=2, processes=1, resamples=20)
    options = ValidationOptions(reference=str(bundle.parent / "float"), settings=settings)
    found = validate_bundle(bundle, table, options=options)
    assert "2 more without a class count by source alone" in validation_page(found)
    data = found.record.data
    assert (data.photos, data.photos_without_class) == (12, 2)
    assert data.is_the_training_data


def test_an_exam_has_the_classes_in_the_order_asked_for(table):
    order = tuple(sorted(CLASSES, reverse=True))
    data = read_evaluation_set(table, split="test_dir", classes=order)
    assert len(data.others) == 2
    names = [photo.path.name.split("-")[1] for photo in data.photos]
    assert [order[label] for label in data.labels] == names


def test_photos_without_a_class_set_ranges_too_and_sources_take_turns(table):
    dataset = read_dataset(table)
    chosen = representative_set(dataset, photos=10, seed=0).photos
    assert Counter(photo.label_name(dataset.classes) for photo in chosen) == dict.fromkeys(
        (*dataset.classes, "!glaucoma"), 2
    )


def test_a_balanced_sample_has_photos_with_a_class_alone(table):
    chosen = balanced_sample(read_dataset(table), photos=40, seed=0)
    assert np.bincount([photo.label for photo in chosen]).tolist() == [8] * 4
