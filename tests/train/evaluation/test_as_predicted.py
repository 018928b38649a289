"""What photos get behind the quality gate hides none that get no answer."""

import numpy as np
import pytest
from msgspec import UNSET

from edge_runtime.bundle.thresholds import ClassThreshold, Thresholds
from train.evaluation.as_predicted import (
    HEADS,
    as_predicted,
    as_predicted_line,
    as_predicted_rows,
    referred,
)
from train.metrics.intervals import Bootstrap

CLASSES = ("cataract", "glaucoma", "normal")
LABELS = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2, 2])
ANSWERS = np.array([0, 0, 1, 2, 1, 1, 2, 2, 2, 0])
#: Of the cataracts, the two that are told wrong are refused.
FAULTS = (None, None, "too dark", "blurred", None, None, None, None, None, None)


def answers(faults=FAULTS, classes=CLASSES, thresholds=None):
    probabilities = np.full((10, 3), 0.1)
    probabilities[np.arange(10), ANSWERS] = 0.8
    return as_predicted(
        probabilities, LABELS, np.arange(10), classes, faults,
        thresholds=thresholds, bootstrap=Bootstrap(200),
    )  # fmt: skip


def values(outcome):
    figures = outcome.without_gate, outcome.of_answered, outcome.of_all
    return outcome.photos, outcome.no_answer, *(figure.value for figure in figures)


def test_refused_photos_are_counted_as_no_answer():
    found = answers()
    assert values(found.every) == (10, 2, 0.7, 7 / 8, 0.7)
    assert values(found.by_class["cataract"]) == (4, 2, 0.5, 1.0, 0.5)  # 1.0 alone would hide two
    assert values(found.by_class["normal"]) == (4, 0, 0.75, 0.75, 0.75)
    assert found.confusion == ((2, 0, 0, 2), (0, 2, 0, 0), (1, 0, 3, 0))


def test_a_right_answer_that_is_refused_is_none():
    found = answers(("too dark", *FAULTS[1:]))
    assert values(found.every) == (10, 3, 0.7, 6 / 7, 0.6)
    assert found.every.right == 6


def test_referrals_are_counted_likewise():
    found = answers()
    assert values(found.referred) == (6, 2, 5 / 6, 1.0, 4 / 6)
    assert values(found.not_referred) == (4, 0, 0.75, 0.75, 0.75)
    all_of_them = {name: ClassThreshold(0.05) for name in CLASSES[:2]}
    strict = answers(thresholds=Thresholds(("normal",), 0.9, all_of_them))
    assert values(strict.not_referred) == (4, 0, 0.0, 0.0, 0.0)
    unknown = answers(classes=("a", "b", "c"))
    assert (unknown.referred, unknown.not_referred) == (UNSET, UNSET)
    assert referred(np.eye(3), ("a", "b", "c"), None) is None


def test_a_class_of_which_all_are_refused_has_no_share_of_the_answered():
    found = answers(("too dark",) * 4 + (None,) * 6)
    assert values(found.by_class["cataract"]) == (4, 4, 0.5, None, 0.0)
    rows = {row[0]: row for row in as_predicted_rows(found)}
    assert rows["cataract"][4] == "-"
    assert {len(row) for row in rows.values()} == {len(HEADS)}


def test_intervals_are_drawn_over_groups():
    every = answers().every
    low, high = every.of_all.interval
    assert low < every.of_all.value < high
    assert every.of_answered.interval[0] > low


def test_the_sentence_names_the_classes_that_are_refused():
    line = as_predicted_line(answers())
    assert line.startswith(
        "the quality gate leaves 2 of 10 photos without an answer (cataract 2 of 4); right of "
        "those answered: 87.5%"
    )
    assert "right of all, where no answer isn't right: 70.0%" in line
    assert "lets all 10 photos pass; right: 70.0%" in as_predicted_line(answers((None,) * 10))


@pytest.mark.parametrize("classes", [("normal", "b", "c"), ("a", "normal", "c")])
def test_eyes_that_need_no_referral_are_those_of_the_healthy_class(classes):
    healthy = classes.index("normal")
    found = answers(classes=classes)
    assert found.not_referred.photos == (healthy == LABELS).sum()
