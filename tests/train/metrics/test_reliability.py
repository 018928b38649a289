"""Where a confidence is counted, and what the calibration error is by hand."""

import numpy as np
import pytest

from train.metrics.intervals import Bootstrap, resampled_weights
from train.metrics.reliability import (
    bin_accuracies,
    calibrated_errors,
    calibration_gaps,
    confidence_bins,
    error_interval,
    expected_calibration_error,
    reliability_bins,
)


def two_classes(confidences, dtype=np.float64):
    """Predict class 0 with each confidence."""
    first = np.array(confidences, dtype)
    return np.stack([first, 1 - first], axis=1)


def test_the_error_of_five_predictions_is_that_computed_by_hand():
    probabilities = two_classes([0.95, 0.97, 0.72, 0.74, 0.55])
    labels = np.array([0, 1, 0, 0, 1])
    # In ten bins: (0.9, 1.0] has 1 of 2 right at 0.96 on average, (0.7, 0.8] 2 of 2 at 0.73,
    # (0.5, 0.6] 0 of 1 at 0.55: 2/5 * 0.46 + 2/5 * 0.27 + 1/5 * 0.55.
    assert expected_calibration_error(probabilities, labels, bins=10) == pytest.approx(0.402)


def test_a_sure_and_right_classifier_has_no_error():
    probabilities = np.eye(3)[[0, 1, 2, 1]]
    assert expected_calibration_error(probabilities, np.array([0, 1, 2, 1])) == 0


def test_a_sure_and_wrong_classifier_has_the_whole_error():
    assert expected_calibration_error(np.eye(3)[[0, 1]], np.array([1, 2])) == 1


def test_gaps_within_a_bin_cancel_and_those_of_two_bins_add_up():
    # One right and one wrong at 0.5 in one bin: no gap. The same in two bins: 0.4 and 0.6 apart.
    together = two_classes([0.5, 0.5])
    apart = two_classes([0.6, 0.6 + 1e-9])
    labels = np.array([0, 1])
    assert expected_calibration_error(together, labels, bins=5) == pytest.approx(0)
    assert expected_calibration_error(apart, labels, bins=5) == pytest.approx((0.4 + 0.6) / 2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bins", [2, 5, 10, 15])
def test_a_confidence_on_an_edge_belongs_to_the_bin_below(bins, dtype):
    edges = [m / bins for m in range(1, bins + 1) if m / bins >= 0.5]
    expected = [m - 1 for m in range(1, bins + 1) if m / bins >= 0.5]
    assert confidence_bins(two_classes(edges, dtype), bins=bins).tolist() == expected
    above = np.nextafter(np.array(edges[:-1], dtype), dtype(2))
    assert confidence_bins(two_classes(above, dtype), bins=bins).tolist() == expected[1:]


def test_a_confidence_of_one_and_one_rounded_above_it_are_in_the_last_bin():
    rounded_up = np.array([[1.0, 0.0], [np.nextafter(np.float32(1), np.float32(2)), 0]], np.float32)
    assert confidence_bins(rounded_up).tolist() == [14, 14]
    assert reliability_bins(rounded_up, np.array([0, 1]))[-1].photos == 2


def test_bins_say_count_mean_confidence_and_accuracy_and_stay_when_empty():
    bins = reliability_bins(two_classes([0.9, 0.8, 1.0]), np.array([0, 1, 0]), bins=4)
    assert [bin_.photos for bin_ in bins] == [0, 0, 0, 3]
    assert (bins[3].low, bins[3].high) == (0.75, 1)
    assert bins[3].confidence == pytest.approx(0.9)
    assert bins[3].accuracy == pytest.approx(2 / 3)
    assert (bins[0].confidence, bins[0].accuracy) == (None, None)


def test_the_error_is_the_weighted_gap_of_the_bins():
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet(np.ones(4), 300).astype(np.float32)
    labels = generator.integers(0, 4, 300)
    gap = sum(
        bin_.photos / 300 * abs(bin_.accuracy - bin_.confidence)
        for bin_ in reliability_bins(probabilities, labels)
        if bin_.photos
    )
    # Sums of 300 float64 terms in another order.
    assert expected_calibration_error(probabilities, labels) == pytest.approx(gap, abs=1e-12)
    assert (calibration_gaps(probabilities, labels) != 0).sum(axis=1).max() == 1


def test_weighted_accuracies_are_those_of_photos_repeated():
    generator = np.random.default_rng(1)
    probabilities = generator.dirichlet(np.ones(3), 50)
    labels = generator.integers(0, 3, 50)
    weights = generator.integers(0, 3, (4, 50))
    found = bin_accuracies(probabilities, labels, weights.astype(float), bins=5)
    for row, counts in zip(found, weights, strict=True):
        repeated = np.repeat(np.arange(50), counts)
        bins = reliability_bins(probabilities[repeated], labels[repeated], bins=5)
        expected = [np.nan if bin_.accuracy is None else bin_.accuracy for bin_ in bins]
        np.testing.assert_allclose(row, expected, atol=1e-12)  # float64 means of 50 terms


def calibrated_sample(seed, groups):
    """Draw two photos a group that are right as often as the model says."""
    generator = np.random.default_rng(seed)
    probabilities = np.repeat(generator.dirichlet(np.full(4, 0.3), groups), 2, axis=0)
    drawn = generator.random((2 * groups, 1)) > probabilities.cumsum(axis=1)
    return probabilities, np.minimum(drawn.sum(axis=1), 3)


def test_a_calibrated_model_of_one_confidence_shows_the_error_of_its_binomial():
    # 50 photos at 0.8 in one bin: |share right - 0.8| is on average the mean absolute deviation
    # of a binomial share, sqrt(2 / pi) * sqrt(0.8 * 0.2 / 50) = 0.0451 but for its skew.
    errors = calibrated_errors(two_classes([0.8] * 50), np.arange(50), Bootstrap(4000, 0))
    assert errors.mean() == pytest.approx(0.0451, rel=0.05)
    # As one group all are right or all are wrong: 0.2 in eight of ten draws, else 0.8.
    shared = calibrated_errors(two_classes([0.8] * 50), np.zeros(50, int), Bootstrap(4000, 0))
    assert set(shared.round(9)) == {0.2, 0.8}
    # A share of 4,000 draws has a standard error of 0.006.
    assert (shared < 0.5).mean() == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_the_interval_of_the_error_holds_the_truth_and_the_percentiles_alone_do_not(power):
    # Raised to a power and scaled again the probabilities claim too much; at 1 they are right.
    def sample(seed, groups):
        probabilities, labels = calibrated_sample(seed, groups)
        raised = probabilities**power
        return raised / raised.sum(axis=1, keepdims=True), labels

    truth = expected_calibration_error(*sample(0, 200_000))
    held = {"interval": 0, "percentiles": 0}
    trials = 100
    for trial in range(1, trials + 1):
        probabilities, labels = sample(trial, 40)
        groups = np.repeat(np.arange(40), 2)
        weights = np.concatenate(list(resampled_weights(groups, Bootstrap(300, trial))))
        draws = np.abs(weights @ calibration_gaps(probabilities, labels)).sum(axis=1) / 80
        error = expected_calibration_error(probabilities, labels)
        calibrated = calibrated_errors(probabilities, groups, Bootstrap(300, trial))
        low, high = error_interval(error, draws, calibrated)
        held["interval"] += low <= truth <= high
        low, high = np.percentile(draws, [2.5, 97.5])
        held["percentiles"] += low <= truth <= high
    # 100 trials show 0.95 with a standard error of 0.02.
    assert held["interval"] / trials > 0.9
    assert held["percentiles"] / trials < 0.9
    if power == 1:
        assert held["percentiles"] == 0
