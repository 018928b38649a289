"""The command ``fundus-edge evaluate`` from its arguments to its files, and what it refuses."""

import json
import shutil

import pytest
from click.testing import CliRunner
from make_fundus import write_dataset

from edge_runtime.commands.main import main
from edge_runtime.contract import DISCLAIMER
from train.data.dataset import read_dataset
from train.data.fingerprint import fingerprint
from train.errors import DatasetError
from train.evaluation.held_out import find_held_out

CLASSES = ("cataract", "diabetic_retinopathy", "glaucoma", "normal")


def call(*arguments):
    return CliRunner().invoke(main, ["evaluate", *map(str, arguments)])


def refused(*arguments):
    """Run a command that must fail with one line, and return that line."""
    result = call(*arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert isinstance(result.exception, SystemExit)
    (line,) = result.stderr.splitlines()
    return line


@pytest.fixture
def plain(tmp_path):
    """A dataset of plain class folders, six eyes each."""
    write_dataset(tmp_path / "made", per_split={"all": 6}, seed=5)
    return tmp_path / "made" / "all"


def test_the_test_split_is_evaluated_and_printed_as_a_table(tiny_run, dataset):
    result = call(tiny_run, dataset, "--resamples", 100)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("## test_dir (the split leaks)\n\n12 photographs in 10 groups.")
    assert "| accuracy | " in result.stdout
    assert DISCLAIMER in result.stdout
    assert result.stderr.splitlines()[-1] == DISCLAIMER


def test_json_is_all_there_is_on_stdout_and_agrees_with_the_training(tiny_run, dataset):
    result = call(tiny_run, dataset, "--split", "val_dir", "--json", "--resamples", 100)
    found = json.loads(result.stdout)
    trained = json.loads((tiny_run / "metrics.json").read_text("utf-8"))["val_dir"]
    for key in ("photos", "accuracy", "balanced_accuracy", "recall", "precision", "confusion"):
        assert found[key] == (pytest.approx(trained[key]) if key != "confusion" else trained[key])
    assert found["confusion"] == trained["confusion"]
    assert found["split"] == "val_dir"
    assert found["run"] == "tiny"
    assert found["dataset"]["name"] == "procedural"
    assert len(found["dataset"]["fingerprint"]) == 64
    assert found["trained_on"] == 0
    assert "fundus-edge audit" in found["grouping"]
    assert found["test_time_flips"] is False
    assert found["disclaimer"] == DISCLAIMER


def test_the_same_call_gives_the_same_json_and_another_seed_other_intervals(tiny_run, dataset):
    options = ("--split", "val_dir", "--json", "--resamples", 100)
    one, again = (json.loads(call(tiny_run, dataset, *options).stdout) for _ in range(2))
    other = json.loads(call(tiny_run, dataset, *options, "--seed", 1).stdout)
    assert one["intervals"] == again["intervals"]
    assert one["confusion"] == again["confusion"] == other["confusion"]
    assert one["intervals"] != other["intervals"]


def test_out_and_flips_write_the_folder_and_say_so(tiny_run, dataset, tmp_path):
    out = tmp_path / "out"
    result = call(tiny_run, dataset, "--out", out, "--flips", "--resamples", 100)
    assert result.exit_code == 0, result.stderr
    assert f"Results in {out}" in result.stderr
    assert "## test_dir, mean over flips" in result.stdout
    written = json.loads((out / "metrics.json").read_text("utf-8"))
    assert written["test_time_flips"] is True
    assert (out / "metrics.md").read_text("utf-8") == result.stdout
    assert written["title"] == "test_dir, mean over flips (the split leaks)"


def test_figures_on_training_photos_are_marked_as_such(tiny_run, dataset):
    result = call(tiny_run, dataset, "--split", "train_dir", "--resamples", 100)
    assert result.exit_code == 0
    assert result.stdout.startswith("## train_dir (the model was trained on 32 of these)\n")
    assert "trained on 32 of these 32 photographs: the figures are too good" in result.stderr


def test_training_photos_are_noticed_in_another_folder(tiny_run, dataset, plain):
    photo = sorted((dataset / "train_dir" / "normal").iterdir())[0]
    shutil.copy(photo, plain / "normal" / "renamed.jpg")
    result = call(tiny_run, plain, "--resamples", 100)
    assert result.stdout.startswith("## all (the model was trained on 1 of these)\n")
    assert "Warning: the model was trained on 1 of these 25 photographs" in result.stderr


def test_a_plain_dataset_is_evaluated_whole(tiny_run, plain):
    found = json.loads(call(tiny_run, plain, "--json", "--resamples", 100).stdout)
    assert found["photos"] == 24  # all: it isn't what the model was trained on
    assert found["trained_on"] == 0
    assert [sum(row) for row in found["confusion"]] == [6, 6, 6, 6]


def test_a_plain_dataset_is_split_as_the_training_splits_it(plain):
    found = find_held_out(plain, split="test_dir", classes=CLASSES, seed=3)
    expected = read_dataset(plain, seed=3).splits["test_dir"]
    assert {photo.path for photo in found} == {photo.path for photo in expected}


def test_photos_of_some_of_the_classes_are_labelled_in_the_models_order(tiny_run, plain):
    shutil.rmtree(plain / "cataract")
    shutil.rmtree(plain / "glaucoma")
    found = find_held_out(plain, split="all", classes=CLASSES, seed=0)
    assert {(photo.path.parent.name, photo.label) for photo in found} == {
        ("diabetic_retinopathy", 1), ("normal", 3),
    }  # fmt: skip
    result = call(tiny_run, plain, "--split", "all", "--json", "--resamples", 100)
    measured = json.loads(result.stdout)
    assert measured["auroc"]["cataract"] is None
    assert measured["macro_auroc"] is None
    assert measured["auroc"]["normal"] is not None
    assert [sum(row) for row in measured["confusion"]] == [0, 6, 0, 6]


def test_a_dataset_with_test_dir_alone_will_do(tiny_run, dataset, tmp_path):
    shutil.copytree(dataset / "test_dir", tmp_path / "other" / "test_dir")
    result = call(tiny_run, tmp_path / "other", "--json", "--resamples", 100)
    assert json.loads(result.stdout)["photos"] == 12


def test_what_is_neither_a_run_nor_a_bundle_is_refused_with_both_names(dataset, tmp_path):
    line = refused(tmp_path / "none", dataset)
    assert "none: neither a run folder (no config.json here, make one with 'fundus-edge" in line
    assert "nor a bundle (no manifest.json" in line


def test_a_pattern_that_is_none_is_a_usage_error(tiny_run, dataset):
    result = call(tiny_run, dataset, "--patients", "(")
    assert result.exit_code == 2
    assert "not a regular expression" in result.stderr


def test_leaks_of_the_trainings_split_are_told_of_its_own_photos_alone(tiny_run, dataset, plain):
    own = call(tiny_run, dataset, "--json", "--resamples", 100)
    assert json.loads(own.stdout)["leaks"] == {"groups": 1, "photos": 14}
    assert (
        "Warning: these are photographs of the training's own split, and that leaks" in own.stderr
    )
    other = call(tiny_run, plain, "--json", "--resamples", 100)
    assert json.loads(other.stdout)["leaks"] is None
    assert json.loads(other.stdout)["title"] == "all"
    assert "leaks" not in other.stderr


def test_a_missing_split_is_refused(tiny_run, dataset, tmp_path):
    root = shutil.copytree(dataset, tmp_path / "data")
    shutil.rmtree(root / "test_dir")
    assert "test_dir/ is missing" in refused(tiny_run, root)


def test_a_missing_dataset_is_refused(tiny_run, tmp_path):
    assert "no such folder" in refused(tiny_run, tmp_path / "gone")


def test_a_class_that_the_run_does_not_know_is_refused_with_both_lists(tiny_run, dataset, tmp_path):
    root = shutil.copytree(dataset, tmp_path / "data")
    (root / "test_dir" / "normal").rename(root / "test_dir" / "myopia")
    line = refused(tiny_run, root)
    assert "has the class folder(s) myopia, but the run was trained for cataract, " in line


def test_all_of_a_split_dataset_is_refused(tiny_run, dataset):
    assert "is split already" in refused(tiny_run, dataset, "--split", "all")


def test_an_empty_dataset_is_refused(tiny_run, tmp_path):
    (tmp_path / "data" / "normal").mkdir(parents=True)
    line = refused(tiny_run, tmp_path / "data", "--split", "all")
    assert "has no photo to evaluate as 'all'" in line


def test_a_folder_that_exists_is_refused_before_any_work(tiny_run, tmp_path):
    assert "already exists" in refused(tiny_run, tmp_path / "gone", "--out", tmp_path)


def test_a_wrong_option_is_a_usage_error(tiny_run, dataset):
    assert call(tiny_run, dataset, "--split", "holdout").exit_code == 2
    assert call(tiny_run, dataset, "--resamples", "0").exit_code == 2


def test_a_class_folder_without_photos_is_an_absent_class(tmp_path, plain):
    for path in (plain / "normal").iterdir():
        path.unlink()
    found = find_held_out(plain, split="all", classes=CLASSES, seed=0)
    assert {photo.label for photo in found} == {0, 1, 2}
    with pytest.raises(DatasetError):
        find_held_out(plain, split="test_dir", classes=CLASSES, seed=0)


def test_the_fingerprint_is_that_of_the_photos_evaluated(tiny_run, dataset):
    options = ("--json", "--resamples", 100)
    test, val = (
        json.loads(call(tiny_run, dataset, "--split", name, *options).stdout)["dataset"]
        for name in ("test_dir", "val_dir")
    )
    assert test["fingerprint"] != val["fingerprint"]
    assert test["fingerprint"] != fingerprint(read_dataset(dataset))
