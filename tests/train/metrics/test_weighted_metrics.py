"""Every weighted metric against scikit-learn, and the ROC curves behind the AUROC."""

import numpy as np
import pytest
from sklearn import metrics

from train.metrics.reliability import expected_calibration_error
from train.metrics.roc import area, roc_band, weighted_roc
from train.metrics.weighted_metrics import BY_CLASS, OVERALL, weighted_metrics

TOLERANCE = 1e-12  # float64 sums of some hundred terms in another order


def example(seed, *, ties, classes=4, photos=120):
    """Draw probabilities that follow the labels a little, and integer weights."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, photos)
    raw = np.exp(generator.normal(size=(photos, classes)) + 1.2 * np.eye(classes)[labels])
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    if ties:
        # Quarters, shared out so that the rows still add up to 1.
        cut = np.sort(generator.integers(0, 5, (photos, classes - 1)), axis=1)
        probabilities = np.diff(np.pad(cut, ((0, 0), (1, 1)), constant_values=(0, 4)), axis=1) / 4
    return probabilities, labels, generator.integers(0, 4, (3, photos)).astype(np.float64)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_every_metric_equals_scikit_learn_with_sample_weights(seed, ties):
    probabilities, labels, weights = example(seed, ties=ties)
    found = weighted_metrics(probabilities, labels, weights)
    assert set(found) == {*OVERALL, *BY_CLASS}
    predicted = probabilities.argmax(axis=1)
    for row, weight in enumerate(weights):
        weighted = {"sample_weight": weight}
        shared = weighted | {"zero_division": 0}
        repeated = np.repeat(np.arange(len(labels)), weight.astype(int))
        expected = {
            "accuracy": metrics.accuracy_score(labels, predicted, **weighted),
            "balanced_accuracy": metrics.balanced_accuracy_score(labels, predicted, **weighted),
            "macro_precision": metrics.precision_score(
                labels, predicted, average="macro", **shared
            ),
            "macro_f1": metrics.f1_score(labels, predicted, average="macro", **shared),
            "macro_auroc": np.mean(
                [metrics.roc_auc_score(labels == k, probabilities[:, k], **weighted)
                 for k in range(4)]
            ),
            "ece": expected_calibration_error(probabilities[repeated], labels[repeated]),
            "nll": metrics.log_loss(labels, probabilities, **weighted),
            "brier": np.average(
                ((probabilities - np.eye(4)[labels]) ** 2).sum(axis=1), weights=weight
            ),
        }  # fmt: skip
        for name, value in expected.items():
            assert found[name][row] == pytest.approx(value, abs=TOLERANCE), name
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            labels, predicted, labels=range(4), **shared
        )
        np.testing.assert_allclose(found["recall"][row], recall, atol=TOLERANCE)
        np.testing.assert_allclose(found["precision"][row], precision, atol=TOLERANCE)
        np.testing.assert_allclose(found["f1"][row], f1, atol=TOLERANCE)
        for k in range(4):
            auroc = metrics.roc_auc_score(labels == k, probabilities[:, k], **weighted)
            assert found["auroc"][row, k] == pytest.approx(auroc, abs=TOLERANCE)


def test_macro_auroc_is_scikit_learns_one_versus_rest():
    probabilities, labels, weights = example(7, ties=False)
    found = weighted_metrics(probabilities, labels, np.ones_like(weights[:1]))["macro_auroc"][0]
    expected = metrics.roc_auc_score(labels, probabilities, multi_class="ovr", average="macro")
    assert found == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize("ties", [False, True])
def test_a_weight_is_a_number_of_copies(ties):
    probabilities, labels, weights = example(11, ties=ties)
    weighted = weighted_metrics(probabilities, labels, weights[:1])
    repeated = np.repeat(np.arange(len(labels)), weights[0].astype(int))
    once = np.ones((1, len(repeated)))
    copied = weighted_metrics(probabilities[repeated], labels[repeated], once)
    for name, values in weighted.items():
        np.testing.assert_allclose(values, copied[name], atol=TOLERANCE, err_msg=name)


def test_a_probability_of_nothing_for_the_true_class_gives_a_finite_likelihood():
    probabilities = np.array([[1, 0], [1, 0]], np.float32)
    found = weighted_metrics(probabilities, np.array([0, 1]), np.ones((1, 2)))
    # Clipped to the precision of float32, 2**-23, for one of two photos.
    assert found["nll"][0] == pytest.approx(23 * np.log(2) / 2)
    assert found["brier"][0] == pytest.approx(1)


def test_a_curve_by_hand_has_its_steps_and_its_area():
    scores = np.array([0.9, 0.8, 0.8, 0.3])
    positive = np.array([True, False, True, False])
    x, y = weighted_roc(scores, positive, np.ones((1, 4)))
    assert x.tolist() == [[0, 0, 0.5, 1]]
    assert y.tolist() == [[0, 0.5, 1, 1]]
    # Pairs: 0.9 beats both, 0.8 ties with one and beats the other: 3.5 of 4.
    assert area(x, y).tolist() == [0.875]


def test_a_weighting_without_positives_or_negatives_has_no_curve():
    weights = np.array([[1.0, 0, 0], [0, 1, 1], [1, 1, 0]])
    areas = area(*weighted_roc(np.array([0.9, 0.2, 0.1]), np.array([True, False, False]), weights))
    assert np.isnan(areas).tolist() == [True, True, False]
    assert areas[2] == 1


def test_a_band_holds_the_curve_and_is_wider_with_fewer_photos():
    generator = np.random.default_rng(5)
    grid = np.linspace(0, 1, 51)
    widths = []
    for photos in (60, 600):
        positive = generator.random(photos) < 0.5
        scores = generator.normal(size=photos) + positive
        weights = generator.multinomial(photos, np.ones(photos) / photos, 300).astype(float)
        low, high = roc_band(scores, positive, weights, grid=grid)
        x, y = (values[0] for values in weighted_roc(scores, positive, np.ones((1, photos))))
        curve = np.interp(grid, x, y)
        assert (low <= curve + 1e-12).all()
        assert (curve <= high + 1e-12).all()
        widths.append(np.mean(high - low))
    # Ten times the photos: a width of about 1 / sqrt(10).
    assert widths[1] < 0.6 * widths[0]


def test_without_any_defined_draw_there_is_no_band():
    scores, positive = np.array([0.5, 0.4]), np.array([True, True])
    assert roc_band(scores, positive, np.ones((3, 2)), grid=np.linspace(0, 1, 5)) is None
