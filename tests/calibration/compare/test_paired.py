"""Two classifiers are compared on the same photos."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from calibration.compare.paired import mcnemar, paired_figures
from train.metrics.intervals import Bootstrap

CLASSES = ("a", "b", "c")


def test_mcnemar_counts_only_photos_on_which_one_is_right():
    first = np.array([True] * 9 + [False] * 2 + [True] * 50)
    second = np.array([False] * 9 + [True] * 2 + [True] * 50)
    found = mcnemar(first, second)
    assert (found.only_original, found.only_model) == (9, 2)
    # By hand: twice the chance of at most 2 of 11 fair tosses, (1 + 11 + 55) / 2 ** 11.
    assert found.p_value == pytest.approx(2 * 67 / 2**11)
    assert mcnemar(first, first).p_value == 1


@pytest.fixture(scope="module")
def case():
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), 60)
    original = generator.dirichlet([1, 1, 1], 180) + 2 * np.eye(3)[labels]
    model = original + generator.uniform(0, 2.0, (180, 3))
    sums = [(p / p.sum(axis=1, keepdims=True)) for p in (original, model)]
    return labels, *sums, np.arange(180) // 2


def test_the_figures_are_those_of_scikit_learn(case):
    labels, original, model, groups = case
    found = paired_figures(labels, original, model, groups, CLASSES, Bootstrap(20, 0))
    top = model.argmax(axis=1)
    assert found.accuracy.model == pytest.approx((top == labels).mean())
    assert found.balanced_accuracy.model == pytest.approx(balanced_accuracy_score(labels, top))
    for label, name in enumerate(CLASSES):
        assert found.recall[name].model == pytest.approx((top[labels == label] == label).mean())
        assert found.auroc[name].model == pytest.approx(
            roc_auc_score(labels == label, model[:, label])
        )


def test_equal_answers_have_no_difference_and_an_interval_of_nothing(case):
    labels, original, _, groups = case
    found = paired_figures(labels, original, original, groups, CLASSES, Bootstrap(20, 0))
    for row in (found.accuracy, found.ece, *found.recall.values()):
        assert (row.difference, row.interval) == (0, (0, 0))


def test_the_interval_holds_the_true_difference_as_often_as_it_says():
    """Groups of four equal photos: an interval over photos would be half as wide."""
    generator = np.random.default_rng(1)
    held = 0
    for trial in range(200):
        base = np.repeat(np.arange(2), 20)
        right = [generator.random(40) < rate for rate in (0.9, 0.7)]
        labels, groups = np.repeat(base, 4), np.repeat(np.arange(40), 4)
        first, second = (
            np.eye(2)[np.where(np.repeat(r, 4), labels, 1 - labels)] * 0.8 + 0.1 for r in right
        )
        found = paired_figures(labels, first, second, groups, ("a", "b"), Bootstrap(200, trial))
        low, high = found.accuracy.interval
        held += low <= -0.2 <= high
    # 95 % of 200 is 190; percentile intervals of 40 groups are a little narrow, and the binomial
    # spread is 3. Over photos instead of groups it would be about 136.
    assert 178 <= held <= 200


def test_ties_share_their_rank():
    labels = np.array([0, 0, 1, 1])
    flat = np.full((4, 2), 0.5)
    found = paired_figures(labels, flat, flat, np.arange(4), ("a", "b"), Bootstrap(5, 0))
    assert found.auroc["a"].original == 0.5
