"""The calibration error is the gap between what a classifier says and what comes true."""

import numpy as np
import pytest

from train.reliability import expected_calibration_error


def test_a_hand_made_case_gives_the_share_weighted_gap():
    # Three photos at 0.9 of which two are right, one at 0.6 that is right.
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.4, 0.6]])
    labels = np.array([0, 1, 1, 1])
    expected = 3 / 4 * abs(2 / 3 - 0.9) + 1 / 4 * abs(1 - 0.6)
    assert expected_calibration_error(probabilities, labels) == pytest.approx(expected)


def test_certainty_that_is_right_has_no_error_and_certainty_that_is_wrong_has_all():
    certain = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert expected_calibration_error(certain, np.array([0, 1])) == 0
    assert expected_calibration_error(certain, np.array([1, 0])) == 1
