"""The mean of what is known leaves out what isn't, and says so where nothing is."""

import warnings

import numpy as np
import pytest

from calibration.explanations.known_mean import known_mean

TABLE = [[1.0, np.nan, np.nan], [3.0, 5.0, np.nan]]


@pytest.mark.parametrize(("axis", "expected"), [(0, [2, 5, np.nan]), (1, [1, 4])])
def test_what_isnt_known_counts_neither_above_nor_below(axis, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(known_mean(TABLE, axis=axis), expected)
        assert np.isnan(known_mean(np.empty((0, 2)))).all()
