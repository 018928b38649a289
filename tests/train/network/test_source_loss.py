"""The loss within a source, against numbers worked out by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.train.labels import usual_labels
from train.network.source_loss import SourceLoss, accuracy, right_within

# exp of these logits is 1, 2, 3, 4.
LOGITS = np.log(np.array([[1, 2, 3, 4]], np.float32))


def labels(allowed, source, classes=4):
    row = np.zeros((1, 2 * classes), np.float32)
    row[0, list(allowed)] = 1
    row[0, [classes + each for each in source]] = 1
    return row


def loss(logits, wanted, **choices):
    return keras.ops.convert_to_numpy(SourceLoss(**choices).call(tf.constant(wanted), logits))


@pytest.mark.parametrize(
    ("allowed", "source", "share", "expected"),
    [
        # The plain one: 3 of 10.
        ([2], [0, 1, 2, 3], 0.0, np.log(10 / 3)),
        # Within a source that holds the classes 0 and 2: 3 of 1 + 3.
        ([2], [0, 2], 0.0, np.log(4 / 3)),
        ([2], [0, 2], 1.0, np.log(10 / 3)),
        ([2], [0, 2], 0.3, 0.7 * np.log(4 / 3) + 0.3 * np.log(10 / 3)),
        # Anything but class 2, among all: 1 + 2 + 4 of 10.
        ([0, 1, 3], [0, 1, 2, 3], 0.5, np.log(10 / 7)),
        # Class 0 or 1 of a source that holds 0, 1 and 3: 1 + 2 of 1 + 2 + 4.
        ([0, 1], [0, 1, 3], 0.0, np.log(7 / 3)),
        # A source of one class teaches nothing within itself.
        ([3], [3], 0.0, 0.0),
        ([3], [3], 0.3, 0.3 * np.log(10 / 4)),
    ],
)
def test_the_loss_is_what_it_is_by_hand(allowed, source, share, expected):
    found = loss(LOGITS, labels(allowed, source), whole_share=share)
    assert found == pytest.approx([expected], abs=1e-6)  # float32


def test_smoothing_spreads_a_share_over_the_classes_compared():
    found = loss(LOGITS, labels([2], [0, 2]), whole_share=0.3, label_smoothing=0.1)
    within = 0.9 * np.log(4 / 3) + 0.1 * (np.log(4) - (np.log(1) + np.log(3)) / 2)
    whole = 0.9 * np.log(10 / 3) + 0.1 * (np.log(10) - np.log(24) / 4)
    assert found == pytest.approx([0.7 * within + 0.3 * whole], abs=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_without_sources_it_is_the_usual_loss_whatever_the_share(share, smoothing):
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 5, (64, 4)).astype(np.float32)
    classes = generator.integers(0, 4, 64)
    usual = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    expected = float(usual(np.eye(4, dtype=np.float32)[classes], logits))
    ours = SourceLoss(whole_share=share, label_smoothing=smoothing)
    found = float(ours(usual_labels(classes, 4), logits))
    # One float32 rounding of a number near 5, relative.
    assert found == pytest.approx(expected, rel=1e-6)


def gradient(wanted, logits, **choices):
    given = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(given)
        total = tf.reduce_sum(SourceLoss(**choices).call(tf.constant(wanted), given))
    return tape.gradient(total, given).numpy()


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_source_of_one_class_has_no_gradient_without_a_whole_share(smoothing):
    found = gradient(labels([3], [3]), LOGITS, whole_share=0.0, label_smoothing=smoothing)
    np.testing.assert_array_equal(found, np.zeros((1, 4)))
    some = gradient(labels([3], [3]), LOGITS, whole_share=0.3, label_smoothing=smoothing)
    assert (some != 0).all()


def test_classes_that_the_source_lacks_have_no_gradient_within_it():
    found = gradient(labels([2], [0, 2]), LOGITS, whole_share=0.0)
    # 1 and 3 of 4, less the label.
    np.testing.assert_allclose(found, [[1 / 4, 0, 3 / 4 - 1, 0]], atol=1e-6)


@pytest.mark.parametrize("size", [1e3, 1e4, -1e4])
def test_logits_of_any_size_give_a_number_and_a_gradient(size):
    logits = np.array([[size, 0, -size, 1]], np.float32)
    for allowed, source in (([2], [0, 2]), ([0, 1, 3], range(4)), ([1], [1])):
        wanted = labels(allowed, source)
        choices = {"whole_share": 0.3, "label_smoothing": 0.1}
        assert np.isfinite(loss(logits, wanted, **choices)).all()
        assert np.isfinite(gradient(wanted, logits, **choices)).all()


def test_right_is_an_allowed_class_that_is_highest_within_the_source():
    wanted = np.concatenate(
        [
            labels([2], [0, 2]),  # 3 would be the highest, but the source lacks it
            labels([2], [0, 1, 2, 3]),
            labels([0, 1], [0, 1, 2]),
            labels([0, 1], [0, 1]),
            labels([0, 3], [0, 2, 3]),
        ]
    )
    logits = np.repeat(LOGITS, 5, axis=0)
    found = keras.ops.convert_to_numpy(right_within(tf.constant(wanted), logits))
    assert found.tolist() == [1, 0, 0, 1, 1]
    metric = accuracy()
    assert metric.name == "accuracy"
    metric.update_state(wanted, logits)
    assert float(metric.result()) == pytest.approx(0.6)
