"""Thresholds keep their promise on photos that they weren't chosen on."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.confidence.fit import calibrate_confidence, group_folds
from calibration.confidence.temperature import fit_temperature
from calibration.confidence.thresholds import (
    ConfidenceOptions,
    choose_threshold,
    photos_needed,
    scarce_classes,
)
from calibration.models.model_under_test import softmax
from train.copies.groups import find_groups
from train.data.dataset import LabelledPhoto
from train.metrics.intervals import Bootstrap
from train.metrics.reliability import expected_calibration_error

CLASSES = ("cataract", "glaucoma", "normal")
OPTIONS = ConfidenceOptions(("normal",))


@pytest.mark.parametrize("sensitivity", [0.5, 0.6, 0.8, 0.9, 0.95, 0.99, 0.999])
def test_the_photos_needed_are_the_fewest_with_a_threshold_above_zero(sensitivity):
    needed = photos_needed(sensitivity)
    assert choose_threshold(np.ones(needed), sensitivity=sensitivity) == pytest.approx(0.999)
    assert choose_threshold(np.ones(needed - 1), sensitivity=sensitivity) == 0
    assert photos_needed(0.95) == 19


@pytest.mark.parametrize(("count", "has_thresholds"), [(0, False), (18, False), (19, True)])
def test_a_class_with_too_few_photos_leaves_all_without_thresholds(count, has_thresholds):
    generator = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [count, 40, 40])
    logits, groups = generator.normal(0, 1, (len(labels), 3)), np.arange(len(labels))
    case = logits, labels, groups, CLASSES
    found = calibrate_confidence(*case, OPTIONS, bootstrap=Bootstrap(20))
    assert (found.thresholds is not None) == has_thresholds
    assert scarce_classes(labels, CLASSES, OPTIONS) == (
        {} if has_thresholds else {"cataract": count}
    )
    few = calibrate_confidence(*case, replace(OPTIONS, few_photos=True), bootstrap=Bootstrap(20))
    cataract = few.thresholds.classes["cataract"]
    assert (cataract.threshold > 0) == has_thresholds
    assert few.thresholds.classes["glaucoma"].threshold > 0
    if not has_thresholds:
        assert few.thresholds.lowest == "cataract"
        assert few.thresholds.specificity == cataract.specificity == 0
        assert cataract.sensitivity == (1 if count else None)


def test_the_promised_sensitivity_holds_on_new_scores():
    generator = np.random.default_rng(0)
    reached = []
    for _ in range(2000):
        limit = choose_threshold(generator.random(60), sensitivity=0.95)
        reached.append((generator.random(200) >= limit).mean())
    # k / (n + 1) = 3 / 61 of new scores are expected below; the mean's own error is 0.001.
    assert np.mean(reached) == pytest.approx(1 - 3 / 61, abs=0.004)
    assert np.mean(reached) >= 0.95


def test_too_few_photos_to_promise_anything_refer_everybody():
    scores = np.linspace(0.5, 1, 18)
    assert choose_threshold(scores, sensitivity=0.95) == 0
    found = choose_threshold(np.append(scores, 0.4), sensitivity=0.95)
    assert found == pytest.approx(0.999 * 0.4, rel=1e-9)
    assert choose_threshold(np.array([]), sensitivity=0.95) == 0


def test_the_photo_that_sets_a_threshold_reaches_it_however_it_is_computed():
    scores = np.random.default_rng(0).random(100)
    limit = choose_threshold(scores, sensitivity=0.9)
    set_by = np.sort(scores)[9]
    assert np.float32(set_by) * (1 - 1e-4) > limit
    assert (scores >= limit).sum() == (scores >= set_by).sum()


def test_both_eyes_are_one_group(tmp_path):
    names = [("7_left.jpg", 0), ("7_right.jpg", 0), ("8_left.jpg", 0)]
    photos = [LabelledPhoto(tmp_path / name, label) for name, label in names]
    assert list(find_groups(photos).ids) == [0, 0, 1]


def test_folds_hold_whole_groups_and_every_photo_once():
    generator = np.random.default_rng(0)
    groups = generator.integers(0, 30, 100)
    labels = groups % 3
    folds = list(group_folds(groups, labels, folds=5, seed=0))
    assert (np.sum(folds, axis=0) == 1).all()
    for fold in folds:
        assert not set(groups[fold]) & set(groups[~fold])
        assert set(labels[fold]) == {0, 1, 2}


def test_folds_share_each_class_where_the_eyes_of_a_patient_differ():
    generator = np.random.default_rng(0)
    labels, groups = generator.choice(4, 600, p=[0.4, 0.3, 0.2, 0.1]), np.arange(600) // 2
    counts = [np.bincount(labels[fold]) for fold in group_folds(groups, labels, folds=5, seed=0)]
    # Dealt by each patient's first eye alone the counts would differ by some 11.
    assert np.ptp(counts, axis=0).max() <= 3


@pytest.mark.parametrize("count", [2, 3, 12])
def test_few_photos_are_dealt_too(count):
    labels = np.arange(count) % 3
    folds = list(group_folds(np.arange(count), labels, folds=5, seed=0))
    assert len(folds) == min(count, 5)
    assert (np.sum(folds, axis=0) == 1).all()


def test_a_class_of_fewer_photos_than_folds_gives_no_warning():
    labels = np.repeat([0, 1], [40, 4])
    folds = list(group_folds(np.arange(44), labels, folds=5, seed=0))
    assert [int((labels[fold] == 0).sum()) for fold in folds] == [8] * 5


@pytest.fixture(scope="module")
def case():
    """Overconfident logits of 300 photos in pairs."""
    generator = np.random.default_rng(3)
    labels = np.repeat(np.arange(3), 100)
    logits = 3 * (generator.normal(0, 1, (300, 3)) + 1.5 * np.eye(3)[labels])
    return logits, labels, np.arange(300) // 2


def test_confidence_is_mended_on_photos_that_were_not_fitted(case):
    found = calibrate_confidence(*case, CLASSES, OPTIONS, bootstrap=Bootstrap(50))
    assert found.temperature > 1.3
    figures = found.figures
    # 300 photos leave an error of some 0.05 by their number alone
    assert figures.ece_after_cross_fitted < 0.6 * figures.ece_before
    assert figures.loss_after < figures.loss_before
    low, high = figures.temperature_interval
    assert low < found.temperature < high


def test_every_fold_is_judged_by_what_the_others_fitted(case):
    logits, labels, groups = case
    crossed, referred = np.empty(logits.shape), np.empty(len(labels), bool)
    by_itself = np.empty((2, len(labels)), bool)
    for held_out in group_folds(groups, labels, folds=5, seed=0):
        others = ~held_out
        temperature = fit_temperature(logits[others], labels[others])
        fold = softmax(logits, temperature=temperature)
        scores = fold[:, :2].sum(axis=1)
        limits = [
            choose_threshold(scores[others & (labels == ill)], sensitivity=0.95) for ill in (0, 1)
        ]
        crossed[held_out] = fold[held_out]
        referred[held_out] = scores[held_out] >= min(limits)
        for alone, limit in zip(by_itself, limits, strict=True):
            alone[held_out] = scores[held_out] >= limit
    found = calibrate_confidence(*case, CLASSES, OPTIONS, bootstrap=Bootstrap(20))
    assert found.figures.ece_after_cross_fitted == pytest.approx(
        expected_calibration_error(crossed, labels), abs=1e-12
    )
    assert found.thresholds.specificity == pytest.approx((~referred[labels == 2]).mean())
    for ill, entry in enumerate(found.thresholds.classes.values()):
        assert entry.sensitivity == referred[labels == ill].mean()
        assert entry.specificity == pytest.approx((~by_itself[ill][labels == 2]).mean())
        low, high = entry.specificity_interval
        assert low <= entry.specificity <= high
    assert found.thresholds.specificity < max(
        each.specificity for each in found.thresholds.classes.values()
    )


def test_every_class_but_the_healthy_one_has_a_threshold_with_intervals(case):
    logits, labels, _ = case
    options = ConfidenceOptions(("normal",), 0.9)
    found = calibrate_confidence(*case, CLASSES, options, bootstrap=Bootstrap(50))
    thresholds = found.thresholds
    assert list(thresholds.classes) == ["cataract", "glaucoma"]
    scores = softmax(logits, temperature=found.temperature)[:, :2].sum(axis=1)
    for label, entry in enumerate(thresholds.classes.values()):
        assert (scores[labels == label] >= entry.threshold).mean() >= 0.9
        low, high = entry.threshold_interval
        assert low <= entry.threshold <= high
        low, high = entry.sensitivity_interval
        assert low <= entry.sensitivity <= high
    assert 0 < thresholds.specificity < 1


def test_without_a_healthy_class_there_are_no_thresholds(case):
    found = calibrate_confidence(*case, CLASSES, ConfidenceOptions(()), bootstrap=Bootstrap(20))
    assert found.thresholds is None
