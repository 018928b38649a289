"""A training on photos of several sources."""

import csv
import json
import shutil
from dataclasses import replace

import pytest

from calibration.calibrate import CalibrationOptions, calibrate_bundle
from calibration.int8.make import Int8Options
from edge_runtime import load_bundle
from export.export_run import export_run
from tests.tiny import tiny_backbone
from tests.train.fitting.test_resume import Killed, kill_at
from train.data.dataset import read_dataset
from train.data.sources import classes_held
from train.fitting.examples import load_examples
from train.fitting.finish import finish
from train.fitting.plan import Plan
from train.fitting.run import train_run
from train.runs.config import describe_run
from train.runs.options import Options
from train.runs.run_folder import photos_of, read_run

OPTIONS = Options(
    weights="none", input_size=64, batch=8, variants=2, head_epochs=2, fine_epochs=2,
    head_learning_rate=1e-2, learning_rate=1e-3, seed=3, allow_leaks=True,
)  # fmt: skip


def with_sources(*, excluded=False):
    """Read a dataset as of two sources: one of cataracts alone, one of the other classes."""

    def read(root, **choices):
        found = read_dataset(root, **choices)
        splits = {}
        for name, photos in found.splits.items():
            named = [
                replace(photo, source="eye bank" if photo.label == 0 else "clinic")
                for photo in photos
            ]
            if excluded:  # the last photo of each split is known not to be a cataract, no more
                named[-1] = replace(named[-1], label=None, excluded=0)
            splits[name] = tuple(named)
        return replace(found, splits=splits)

    return read


def train(dataset, run, monkeypatch, *, options=OPTIONS, resume=False):
    monkeypatch.setattr("train.fitting.run.read_dataset", with_sources())
    backbone = tiny_backbone((64, 64))
    return train_run(dataset, run, options=options, resume=resume, backbone=backbone)


def history(run):
    with (run / "history.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def undisturbed(dataset, tmp_path_factory):
    run = tmp_path_factory.mktemp("sources") / "run"
    with pytest.MonkeyPatch.context() as patched:
        train(dataset, run, patched)
    return run


def test_the_configuration_says_what_each_source_holds(undisturbed):
    config = json.loads((undisturbed / "config.json").read_text())
    assert config["dataset"]["sources"] == {
        "clinic": ["diabetic_retinopathy", "glaucoma", "normal"],
        "eye bank": ["cataract"],
    }
    assert (config["options"]["whole_share"], config["options"]["cell_temper"]) == (0.3, 0.5)


def test_a_source_of_one_class_is_named(dataset, tmp_path, monkeypatch, capsys):
    options = replace(OPTIONS, head_epochs=1, fine_epochs=0, variants=1)
    train(dataset, tmp_path / "run", monkeypatch, options=options)
    said = capsys.readouterr().err
    assert said.count("source eye bank has photos of one label alone (cataract)") == 1
    assert "source clinic" not in said


def test_the_sources_change_the_loss_and_the_share_of_the_whole_does_too(
    undisturbed, dataset, tmp_path, monkeypatch
):
    train(dataset, tmp_path / "whole", monkeypatch, options=replace(OPTIONS, whole_share=1.0))
    assert history(tmp_path / "whole")[0]["loss"] != history(undisturbed)[0]["loss"]
    within = train(
        dataset, tmp_path / "within", monkeypatch, options=replace(OPTIONS, whole_share=0.0)
    )
    assert within["val_dir"].photos == 12


# Renames: 4 before the features, 6 of those, then best head, state and history of each epoch.
@pytest.mark.parametrize("rename", [13, 19])
def test_a_killed_training_draws_what_it_would_have_drawn(
    rename, undisturbed, dataset, tmp_path, monkeypatch
):
    with monkeypatch.context() as patched:
        kill_at(patched, tmp_path, rename)
        with pytest.raises(Killed):
            train(dataset, tmp_path / "run", patched)
    assert len(history(tmp_path / "run")) < 4
    train(dataset, tmp_path / "run", monkeypatch, resume=True)
    for name in ("history.csv", "metrics.json"):
        assert (tmp_path / "run" / name).read_bytes() == (undisturbed / name).read_bytes()


def test_photos_of_which_only_a_class_is_excluded_count_by_source_alone(
    undisturbed, dataset, tmp_path
):
    run = tmp_path / "run"
    shutil.copytree(undisturbed, run)
    (run / "state").mkdir()
    found = with_sources(excluded=True)(dataset)
    held = classes_held(found.splits["train_dir"], 4)
    splits = {name: found.splits[name] for name in ("val_dir", "test_dir")}
    examples = {
        name: load_examples(name, photos, size=(64, 64), classes=4, held=held)
        for name, photos in splits.items()
    }
    groups = {photo.path: at for photos in splits.values() for at, photo in enumerate(photos)}
    config = describe_run(found, options=OPTIONS)
    results = finish(Plan(run, config, found, groups, examples, None))
    for name, photos in splits.items():
        assert results[name].photos == 11
        with (run / f"evaluation_{name}" / "predictions.csv").open() as file:
            rows = list(csv.DictReader(file))
        expected = [str(photo.path.relative_to(dataset)) for photo in photos]
        assert [row["photo"] for row in rows] == expected
        assert [row["true"][0] == "!" for row in rows] == [False] * 11 + [True]
        sources = results[name].by_source.sources.values()
        assert sum(source.photos for source in sources) == 12


def test_a_source_that_is_left_out_is_measured_and_nothing_else_sees_it(
    dataset, tmp_path, monkeypatch
):
    # A third of the photos of every class, on all sides of the split, comes from a van.
    def read(root, **choices):
        found = read_dataset(root, **choices)
        splits = {
            name: tuple(
                replace(photo, source=("clinic", "clinic", "van")[at % 3])
                for at, photo in enumerate(photos)
            )
            for name, photos in found.splits.items()
        }
        return replace(found, splits=splits)

    monkeypatch.setattr("train.fitting.run.read_dataset", read)
    options = replace(OPTIONS, head_epochs=1, fine_epochs=0, variants=1, leave_out="van")
    run = tmp_path / "run"
    results = train_run(dataset, run, options=options, backbone=tiny_backbone((64, 64)))
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["left_out"]["photos"] == results["left_out"].photos == 10 + 4 + 4
    assert (metrics["val_dir"]["photos"], metrics["test_dir"]["photos"]) == (8, 8)
    assert (run / "evaluation_left_out" / "metrics.md").exists()
    config = json.loads((run / "config.json").read_text())
    assert config["dataset"]["photos"] == {
        "train_dir": 22, "val_dir": 8, "test_dir": 8, "left_out": 18,
    }  # fmt: skip
    assert list(config["dataset"]["sources"]) == ["clinic"]
    saved = read_run(run)[0]
    assert saved.options.leave_out == "van"
    assert len(photos_of(run, saved)["train_dir"]) <= 22
    (run / "state").mkdir()
    again = train_run(dataset, run, options=options, resume=True)
    assert set(again) == {"val_dir", "test_dir", "left_out"}
    monkeypatch.setattr("train.data.leave_out.read_dataset", read)
    export_run(run, tmp_path / "bundle")
    sources = {"clinic"}  # what was left out is neither measured nor calibrated on
    for command in ("export", "calibrate"):
        if command == "calibrate":
            quick = Int8Options(methods=("min-max",), evaluations=1)
            calibrate_bundle(
                tmp_path / "bundle", dataset, tmp_path / "int8",
                options=CalibrationOptions(photos=8, seed=0, int8=quick, only_int8=True),
            )  # fmt: skip
        manifest = load_bundle(tmp_path / ("bundle" if command == "export" else "int8")).manifest
        metrics = manifest.models[manifest.default_model].metrics["val_dir"]
        assert metrics.photos == 8
        assert set(metrics.by_source.sources) == sources
    card = (tmp_path / "int8" / "MODEL_CARD.md").read_text("utf-8")
    assert "| source | disease |" in card
