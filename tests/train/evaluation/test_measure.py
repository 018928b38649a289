"""What an evaluation writes, what it shows of the errors, and that flips are what they say."""

import csv
import json
import re

import cv2
import keras
import numpy as np
import pytest

from edge_runtime.contract import CAM, DISCLAIMER
from edge_runtime.errors import OutputExistsError, OutputFailedError
from export.parity import keras_outputs
from tests.conftest import as_json
from tests.tiny import tiny_backbone
from train.data.dataset import LabelledPhoto, load_photos, read_dataset
from train.data.truth import truth_of
from train.evaluation import folder as write_evaluation_module
from train.evaluation.answered import Photos
from train.evaluation.contact_sheet import Tile, draw_contact_sheet, worst_errors
from train.evaluation.evaluation import Provenance
from train.evaluation.measure import evaluate_answers, split_title
from train.evaluation.run_keras import ask_keras
from train.metrics.classification import evaluate
from train.metrics.intervals import Bootstrap
from train.network.flips import FLIPS, predict, steps
from train.network.heatmaps import class_maps
from train.network.model import build_model

FILES = {
    "metrics.json", "metrics.md", "predictions.csv", "roc.png", "confusion.png",
    "reliability.png", "worst_errors.png", "evaluation.html",
}  # fmt: skip


@pytest.fixture(scope="module")
def model(tiny_run):
    return keras.saving.load_model(tiny_run / "model.keras", compile=False)


@pytest.fixture(scope="module")
def val(dataset):
    """Images, labels and paths of val_dir."""
    found = read_dataset(dataset)
    photos = found.splits["val_dir"]
    labels = np.array([photo.label for photo in photos])
    return load_photos(photos, size=(64, 64)), labels, [photo.path.name for photo in photos]


@pytest.fixture
def untrained():
    """A model that is wrong about most photos."""
    keras.utils.set_random_seed(1)
    return build_model(
        classes=4, size=(64, 64), weights="none", backbone=tiny_backbone((64, 64), seed=1)
    )


def plain_truth(labels):
    """Labels, and nothing else."""
    return truth_of([LabelledPhoto("photo", int(label)) for label in labels])


def evaluate_split(model, photos, out, classes=("a", "b", "c", "d"), *, caution="", **options):
    """Ask a model, measure, and write it as a file holds it."""
    flips = options.get("flips", False)
    return as_json(
        evaluate_answers(
            ask_keras(model, photos, classes, **options),
            Provenance(
                title=split_title("val_dir", flips=flips, caution=caution), split="val_dir",
                grouping="", test_time_flips=flips,
            ),
            out=out, bootstrap=Bootstrap(100),
        )
    )  # fmt: skip


def run(model, val, out, **options):
    images, labels, names = val
    photos = Photos(names, plain_truth(labels), np.arange(len(labels)), images)
    return evaluate_split(model, photos, out, **options)


def test_the_folder_has_every_file_and_all_of_them_carry_the_disclaimer(untrained, val, tmp_path):
    result = run(untrained, val, tmp_path / "deep" / "out")
    out = tmp_path / "deep" / "out"
    assert {path.name for path in out.iterdir()} == FILES
    assert {path.name for path in out.parent.iterdir()} == {"out"}
    assert json.loads((out / "metrics.json").read_text("utf-8")) == json.loads(json.dumps(result))
    assert result["disclaimer"] == DISCLAIMER
    assert DISCLAIMER in (out / "metrics.md").read_text("utf-8")
    for name in ("roc", "confusion", "reliability", "worst_errors"):
        picture = cv2.imread(str(out / f"{name}.png"))
        assert min(picture.shape[:2]) > 400
        assert np.ptp(picture) > 100


def test_the_predictions_written_give_the_metrics_written(untrained, val, tmp_path):
    result = run(untrained, val, tmp_path / "out")
    with (tmp_path / "out" / "predictions.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    classes = ("a", "b", "c", "d")
    probabilities = np.array([[row[f"p_{name}"] for name in classes] for row in rows], np.float32)
    labels = np.array([classes.index(row["true"]) for row in rows])
    groups = np.array([int(row["group"]) for row in rows])
    again = as_json(
        evaluate(probabilities, labels, classes, groups=groups, bootstrap=Bootstrap(100))
    )
    assert {key: result[key] for key in again} == again
    assert [row["photo"] for row in rows] == val[2]
    assert [row["predicted"] for row in rows] == [classes[k] for k in probabilities.argmax(axis=1)]
    assert {row["disclaimer"] for row in rows} == {DISCLAIMER}


def test_the_table_shows_the_figures_with_their_intervals(untrained, val, tmp_path):
    result = run(untrained, val, tmp_path / "out", caution="trained on these")
    table = (tmp_path / "out" / "metrics.md").read_text("utf-8")
    assert table.startswith("## val_dir (trained on these)\n")
    low, high = result["intervals"]["accuracy"]
    assert f"| accuracy | {result['accuracy']:.3f} ({low:.3f} to {high:.3f}) |" in table
    for line in table.splitlines():
        if line.startswith("| ") and " groups " in line:
            assert line.count("|") == 8
    for note in result["intervals"]["notes"].values():
        assert note in table


def test_a_class_name_with_a_bar_does_not_break_the_table(untrained, val, tmp_path):
    images, labels, names = val
    photos = Photos(names, plain_truth(labels), labels, images)
    evaluate_split(untrained, photos, tmp_path / "out", ("a|b", "b", "c", "d"))
    lines = (tmp_path / "out" / "metrics.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| a\\|b")]
    assert len(rows) == 2
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {8, 6}


def test_without_an_error_there_is_no_contact_sheet(model, val, tmp_path):
    images, _, names = val
    labels = predict(model, images, flips=False).argmax(axis=1)
    result = run(model, (images, labels, names), tmp_path / "out")
    assert result["worst_errors"] == []
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES - {"worst_errors.png"}


def test_a_single_photo_can_be_evaluated_and_has_no_interval(model, val, tmp_path):
    images, labels, names = (part[:1] for part in val)
    result = run(model, (images, labels, names), tmp_path / "out")
    assert result["photos"] == 1
    assert result["intervals"]["accuracy"] is None
    assert {bin_["interval"] for bin_ in result["reliability"]} == {None}


def test_a_folder_that_exists_is_refused_and_left_alone(model, val, tmp_path):
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(OutputExistsError, match="already exists; choose another folder"):
        run(model, val, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_a_full_disk_is_one_sentence_and_leaves_nothing(model, val, tmp_path, monkeypatch):
    def full_disk(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write_evaluation_module, "plot_roc", full_disk)
    with pytest.raises(OutputFailedError, match="no space left on device"):
        run(model, val, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_without_a_folder_nothing_is_written(model, val, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(model, val, None)["photos"] == 12
    assert not list(tmp_path.iterdir())


def test_the_worst_errors_are_the_surest_wrong_ones_in_order():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.95, 0.05], [0.4, 0.6]])
    labels = np.array([1, 0, 1, 0, 0])
    assert worst_errors(probabilities, labels, most=12).tolist() == [0, 1, 4]
    assert worst_errors(probabilities, labels, most=2).tolist() == [0, 1]


def test_the_errors_listed_name_photo_classes_and_confidence(untrained, val):
    images, labels, names = val
    result = run(untrained, val, None)
    probabilities = predict(untrained, images, flips=False)
    first = result["worst_errors"][0]
    photo = names.index(first["photo"])
    assert first["true"] == "abcd"[labels[photo]] != first["predicted"]
    assert first["predicted"] == "abcd"[probabilities[photo].argmax()]
    wrong = probabilities.argmax(axis=1) != labels
    assert first["confidence"] == pytest.approx(probabilities[wrong].max())


def test_flips_are_the_mean_over_the_four_views(untrained, val):
    images = val[0]
    views = [
        images, images[:, :, ::-1], images[:, ::-1], images[:, ::-1, ::-1],
    ]  # fmt: skip
    expected = np.mean([predict(untrained, view, flips=False) for view in views], axis=0)
    found = predict(untrained, images, flips=True)
    # float32 probabilities, summed in float64.
    np.testing.assert_allclose(found, expected, atol=1e-6)
    # A model that was never trained hardly heeds a flip, yet a hundred times more than that.
    assert np.abs(found - predict(untrained, images, flips=False)).max() > 1e-4
    # A photo and its mirror image are then predicted alike.
    np.testing.assert_allclose(predict(untrained, views[1], flips=True), found, atol=1e-6)


@pytest.mark.parametrize(("photos", "flips", "expected"), [(12, False, 2), (16, True, 8)])
def test_the_progress_bar_gets_as_many_steps_as_it_was_promised(model, photos, flips, expected):
    seen = []
    images = np.zeros((photos, 64, 64, 3), np.uint8)
    predict(model, images, flips=flips, batch=8, on_step=lambda: seen.append(None))
    assert len(seen) == expected == steps(photos, flips=flips, batch=8)


def test_a_map_is_that_of_a_gradient_tape_on_the_last_convolution(model, val):
    images = val[0]
    cam = keras_outputs(model, images)[CAM]
    chosen = np.arange(12) % 4
    found = class_maps(model, images, chosen, flips=False, batch=5)
    # The same float32 sums in another order.
    np.testing.assert_allclose(found, cam[np.arange(12), chosen], atol=1e-5 * np.ptp(cam))


def test_a_map_over_flips_is_turned_back_before_the_mean(model, val):
    images, chosen = val[0][:3], np.array([0, 2, 3])
    back = [
        np.flip(class_maps(model, np.flip(images, axes), chosen, flips=False), axes)
        for axes in FLIPS
    ]
    found = class_maps(model, images, chosen, flips=True)
    # float32 maps, averaged in float64.
    np.testing.assert_allclose(found, np.mean(back, axis=0), atol=1e-6 * np.ptp(back))
    mirrored = class_maps(model, images[:, :, ::-1], chosen, flips=True)
    np.testing.assert_allclose(mirrored[:, :, ::-1], found, atol=1e-6 * np.ptp(back))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 12])
def test_a_contact_sheet_shows_each_photo_as_it_is_and_with_its_heat(count):
    image = np.full((64, 64, 3), (180, 90, 40), np.uint8)
    cam = np.zeros((4, 4), np.float32)
    cam[0, 0] = 1
    tile = Tile("x" * 300, "a" * 200, "b", 0.5, image, cam)
    sheet = draw_contact_sheet([tile] * count, title="t" * 500)
    assert sheet.dtype == np.uint8
    unheated = (sheet == (180, 90, 40)).all(axis=2).sum()
    # Each photo covers 224 x 224 once as it is; beside it a part under the heat is tinted.
    assert count * 224 * 224 <= unheated < count * 2 * 224 * 224
    # Text that is too long is cut off before the margin at the right.
    assert (sheet[:, -24:] == (24, 24, 24)).all()


def test_photos_of_which_only_another_class_is_known_count_by_source_alone(
    untrained, val, tmp_path
):
    images, labels, names = val
    classes = ("cataract", "diabetic_retinopathy", "glaucoma", "normal")
    photos = [LabelledPhoto("p", int(label), source="one", camera="x") for label in labels]
    photos[0] = LabelledPhoto("p", None, excluded=2, source="two")  # !glaucoma
    photos[6] = LabelledPhoto("p", 2, source="two")
    known = np.arange(12) != 0
    groups = np.arange(12)
    shown = Photos(names, truth_of(photos), groups, images)
    result = evaluate_split(untrained, shown, tmp_path / "out", classes)
    probabilities = predict(untrained, images, flips=False)
    alone = evaluate(
        probabilities[known], labels[known], classes, groups=groups[known], bootstrap=Bootstrap(100)
    )
    assert {key: result[key] for key in as_json(alone)} == as_json(alone)
    two = result["by_source"]["sources"]["two"]
    assert two["by_class"] == {"!glaucoma": 1, "glaucoma": 1}
    expected = float(probabilities[6, 2] > probabilities[0, 2])
    assert two["diseases"]["glaucoma"]["auroc"]["value"] == expected
    with (tmp_path / "out" / "predictions.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["true"] == "!glaucoma"
    assert [(row["source"], row["camera"]) for row in rows[:2]] == [("two", ""), ("one", "x")]
    for error in result["worst_errors"]:
        at = names.index(error["photo"])
        assert known[at]
        assert error["true"] == classes[labels[at]] != error["predicted"]
        assert error["confidence"] == pytest.approx(probabilities[at].max())
    assert "mix the cameras of 2 sources" in (tmp_path / "out" / "metrics.md").read_text("utf-8")


def test_without_sources_nothing_is_said_of_them(untrained, val, tmp_path):
    result = run(untrained, val, tmp_path / "out")
    assert "by_source" not in result
    assert "ource" not in (tmp_path / "out" / "metrics.md").read_text("utf-8")
    header = (tmp_path / "out" / "predictions.csv").read_text("utf-8").splitlines()[0]
    assert header == "photo,group,true,predicted,p_a,p_b,p_c,p_d,disclaimer"
