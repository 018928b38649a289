"""What ``evaluate`` says of predictions, how sure it is, and when it says that it can't be."""

import json
import time

import numpy as np
import pytest

from tests.conftest import as_json
from train.metrics import classification
from train.metrics.classification import FEW_GROUPS
from train.metrics.intervals import Bootstrap
from train.metrics.weighted_metrics import BY_CLASS, OVERALL

CLASSES = ("cataract", "glaucoma", "normal")


def evaluate(*arguments, **options):
    """Measure, and write it as a file holds it."""
    return as_json(classification.evaluate(*arguments, **options))


def predictions(seed, *, groups, per_group=2, skill=1.5, classes=3):
    """Draw groups whose photos share their class and most of what decides on the prediction."""
    generator = np.random.default_rng(seed)
    labels = np.repeat(generator.integers(0, classes, groups), per_group)
    shared = np.repeat(generator.normal(size=(groups, classes)), per_group, axis=0)
    own = generator.normal(size=(groups * per_group, classes))
    raw = np.exp(skill * np.eye(classes)[labels] + 0.9 * shared + 0.4 * own)
    probabilities = (raw / raw.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities, labels, np.repeat(np.arange(groups), per_group)


def test_five_photos_give_the_figures_computed_by_hand():
    probabilities = np.array(
        [[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.2, 0.7, 0.1], [0.1, 0.5, 0.4], [0.1, 0.2, 0.7]]
    )
    found = evaluate(probabilities, np.array([0, 0, 1, 2, 2]), CLASSES)
    assert found["photos"] == 5
    assert found["confusion"] == [[1, 1, 0], [0, 1, 0], [0, 1, 1]]
    assert found["accuracy"] == pytest.approx(3 / 5)
    assert found["recall"] == pytest.approx({"cataract": 0.5, "glaucoma": 1, "normal": 0.5})
    assert found["precision"] == pytest.approx({"cataract": 1, "glaucoma": 1 / 3, "normal": 1})
    assert found["f1"] == pytest.approx({"cataract": 2 / 3, "glaucoma": 0.5, "normal": 2 / 3})
    assert found["auroc"] == pytest.approx({"cataract": 1, "glaucoma": 1, "normal": 1})
    assert found["balanced_accuracy"] == pytest.approx(2 / 3)
    assert found["macro_precision"] == pytest.approx(7 / 9)
    assert found["macro_f1"] == pytest.approx(11 / 18)
    assert found["nll"] == pytest.approx(-np.log([0.8, 0.3, 0.7, 0.4, 0.7]).mean())
    # The rows' squared distances: 0.06, 0.86, 0.14, 0.62, 0.14.
    assert found["brier"] == pytest.approx(1.82 / 5)
    # In 15 bins: 0.5 and 0.6 (wrong both) alone in theirs, two of 0.7 right in one, 0.8 right.
    assert found["ece"] == pytest.approx((0.5 + 0.6 + 2 * 0.3 + 0.2) / 5)
    assert "intervals" not in found


def test_every_figure_has_an_interval_that_holds_it_and_is_json():
    probabilities, labels, groups = predictions(0, groups=80)
    found = json.loads(json.dumps(evaluate(probabilities, labels, CLASSES, groups=groups)))
    intervals = found["intervals"]
    assert intervals["groups"] == 80
    assert sum(intervals["groups_by_class"].values()) == 80
    assert set(intervals["notes"]) == {"ece"}
    for name in OVERALL:
        low, high = intervals[name]
        assert low < found[name] < high, name
    for name in BY_CLASS:
        for class_name in CLASSES:
            low, high = intervals[name][class_name]
            assert low <= found[name][class_name] <= high


def test_the_same_seed_gives_the_same_intervals():
    probabilities, labels, groups = predictions(1, groups=40)
    one, again, other = (
        evaluate(probabilities, labels, CLASSES, groups=groups, bootstrap=Bootstrap(200, seed))
        for seed in (3, 3, 4)
    )
    assert one == again
    assert one["intervals"]["accuracy"] != other["intervals"]["accuracy"]


def test_the_numbers_that_name_the_groups_do_not_matter():
    probabilities, labels, groups = predictions(2, groups=40)
    one, other = (
        evaluate(probabilities, labels, CLASSES, groups=names, bootstrap=Bootstrap(300))[
            "intervals"
        ]
        for names in (groups, 7 * groups - 100)
    )
    assert one == other


def test_copies_do_not_make_an_interval_narrower():
    probabilities, labels, _ = predictions(3, groups=100, per_group=1)

    def width(groups, times):
        found = evaluate(
            np.repeat(probabilities, times, axis=0), np.repeat(labels, times), CLASSES,
            groups=groups,
        )  # fmt: skip
        low, high = found["intervals"]["accuracy"]
        return high - low

    alone = width(np.arange(100), 1)
    assert width(np.repeat(np.arange(100), 4), 4) == pytest.approx(alone, rel=0.1)
    assert width(np.arange(400), 4) == pytest.approx(alone / 2, rel=0.15)


def test_one_group_has_no_interval_and_says_why():
    probabilities, labels, _ = predictions(4, groups=10)
    found = evaluate(
        probabilities, labels, CLASSES, groups=np.zeros(20, int), bootstrap=Bootstrap(100)
    )
    intervals = found["intervals"]
    assert {intervals[name] for name in OVERALL} == {None}
    assert "1 group, and an interval needs at least 2" in intervals["notes"]["accuracy"]
    assert 0 <= found["accuracy"] <= 1


def test_a_class_of_one_group_takes_the_macro_intervals_with_it_and_no_other():
    probabilities, labels, groups = predictions(5, groups=60)
    groups = np.where(labels == 1, 1000, groups)
    found = evaluate(probabilities, labels, CLASSES, groups=groups, bootstrap=Bootstrap(200))
    intervals = found["intervals"]
    assert intervals["recall"]["glaucoma"] is None
    assert intervals["auroc"]["glaucoma"] is None
    assert intervals["balanced_accuracy"] is None
    assert intervals["macro_f1"] is None
    assert intervals["recall"]["normal"] is not None
    assert intervals["accuracy"] is not None
    assert "1 group" in intervals["notes"]["recall.glaucoma"]


def test_few_groups_are_said_to_give_intervals_that_are_too_narrow():
    probabilities, labels, groups = predictions(6, groups=FEW_GROUPS - 1)
    notes = evaluate(probabilities, labels, CLASSES, groups=groups, bootstrap=Bootstrap(100))[
        "intervals"
    ]["notes"]
    assert notes["groups"] == f"only {FEW_GROUPS - 1}: the intervals that rest on them are " + (
        "likely too narrow"
    )
    assert {"groups.cataract", "groups.glaucoma", "groups.normal"} <= set(notes)


def test_a_share_without_any_error_gets_the_binomial_interval_instead_of_none_wide():
    labels = np.arange(12) % 3
    probabilities = np.eye(3)[labels] * 0.7 + 0.1
    found = evaluate(probabilities, labels, CLASSES, groups=np.arange(12), bootstrap=Bootstrap(100))
    intervals = found["intervals"]
    # Clopper and Pearson: the p with p**12 = 0.025, and p**4 for the four photos of a class.
    assert intervals["accuracy"] == pytest.approx([0.025 ** (1 / 12), 1])
    assert intervals["recall"]["normal"] == pytest.approx([0.025 ** (1 / 4), 1])
    assert "exact binomial" in intervals["notes"]["recall.normal"]
    assert intervals["auroc"]["normal"] is None
    assert "every draw gives 1" in intervals["notes"]["auroc.normal"]


def test_a_class_that_is_absent_has_no_figures_and_the_others_have():
    probabilities, labels, groups = predictions(7, groups=60)
    kept = labels != 2
    found = evaluate(
        probabilities[kept], labels[kept], CLASSES, groups=groups[kept], bootstrap=Bootstrap(100)
    )
    assert {found[name]["normal"] for name in BY_CLASS} == {None}
    assert found["macro_auroc"] is None
    assert found["auroc"]["cataract"] is not None
    assert found["balanced_accuracy"] == pytest.approx(
        (found["recall"]["cataract"] + found["recall"]["glaucoma"]) / 2
    )
    assert found["intervals"]["balanced_accuracy"] is not None
    assert "no photograph" in found["intervals"]["notes"]["recall.normal"]


def test_photos_of_a_single_class_have_recall_and_no_auroc():
    probabilities, labels, groups = predictions(8, groups=60)
    kept = labels == 0
    found = evaluate(
        probabilities[kept], labels[kept], CLASSES, groups=groups[kept], bootstrap=Bootstrap(100)
    )
    assert found["recall"]["cataract"] == found["accuracy"]
    assert found["auroc"] == dict.fromkeys(CLASSES)
    assert found["intervals"]["auroc"]["cataract"] is None


def test_a_class_that_is_never_predicted_has_precision_nought():
    probabilities = np.array([[0.6, 0.4], [0.7, 0.3], [0.9, 0.1]])
    found = evaluate(probabilities, np.array([0, 1, 1]), ("a", "b"))
    assert found["precision"] == pytest.approx({"a": 1 / 3, "b": 0})
    assert found["f1"]["b"] == 0


def test_two_thousand_draws_of_250_photos_take_no_more_than_a_few_seconds():
    probabilities, labels, groups = predictions(9, groups=125)
    started = time.perf_counter()
    evaluate(probabilities, labels, CLASSES, groups=groups, bootstrap=Bootstrap(2000))
    # About 0.5 s on two cores; ten times that on a busy machine is still no wait.
    assert time.perf_counter() - started < 5
