"""Intervals of pairs of persons hold the truth as often as they say, whoever was drawn."""

import numpy as np
import pytest

from calibration.compare.other_persons import Candidates, draw_all_partners
from calibration.explanations.estimate import estimate
from calibration.explanations.pair_estimate import pair_estimates
from train.metrics.intervals import Bootstrap

PERSONS, PARTNERS, CASES = 40, 5, 400


def drawn(seed):
    """Draw persons who are as like others as they are, and figures of pairs of which 0 is true."""
    generator = np.random.default_rng(seed)
    own, other = generator.normal(size=(2, PERSONS))
    rest = generator.normal(size=(PERSONS, PERSONS))
    among = Candidates.of(np.zeros(PERSONS), np.arange(PERSONS), [None] * PERSONS)
    found = draw_all_partners(among, count=PARTNERS, seed=CASES + seed)
    partners = np.array([each.photos for each in found])
    values = own[:, None] + other[partners] + rest[np.arange(PERSONS)[:, None], partners]
    return values, partners


def test_the_interval_holds_the_truth_as_often_as_it_says_and_that_of_the_firsts_does_not():
    held, of_firsts = [], []
    for seed in range(CASES):
        values, partners = drawn(seed)
        (found,) = pair_estimates(values[..., None], np.arange(PERSONS), partners)
        held.append(found.interval[0] <= 0 <= found.interval[1])
        alone = estimate(values.mean(axis=1), np.arange(PERSONS), bootstrap=Bootstrap(200, seed))
        of_firsts.append(alone.interval[0] <= 0 <= alone.interval[1])
    assert 0.91 < np.mean(held) < 0.98  # 3 standard deviations of 400 cases are 0.033
    assert np.mean(of_firsts) < 0.88


def test_the_mean_is_that_of_the_photos_means_over_what_they_have():
    values = np.array([[1.0, 3.0, np.nan], [5.0, np.nan, np.nan], [np.nan] * 3, [2.0, 2.0, 8.0]])
    partners = np.array([[1, 2, -1], [0, -1, -1], [-1] * 3, [0, 1, 2]])
    (found,) = pair_estimates(values[..., None], np.arange(4), partners)
    assert found.value == pytest.approx((2 + 5 + 4) / 3)
    assert (found.photos, found.persons) == (3, 3)


def test_the_variance_is_the_sum_over_all_pairs_with_a_person_in_common():
    values, partners = drawn(0)
    rests = (values - values.mean()).ravel() / values.size
    pairs = [{i, j} for i, row in enumerate(partners.tolist()) for j in row]
    variance = sum(
        a * b
        for a, one in zip(rests, pairs, strict=True)
        for b, two in zip(rests, pairs, strict=True)
        if one & two
    )
    (found,) = pair_estimates(values[..., None], np.arange(PERSONS), partners)
    half = (found.interval[1] - found.interval[0]) / 2
    quantile = 2.0227  # Student's with 39 degrees of freedom
    assert half == pytest.approx(quantile * (variance * 40 / 39) ** 0.5, rel=1e-4)


@pytest.mark.parametrize(
    ("values", "partners", "said"),
    [
        ([[np.nan]] * 3, [[-1]] * 3, "no photograph"),
        ([[1.0], [2.0], [3.0]], [[7]] * 3, "of 1 person"),
        ([[1.0]] * 3, [[1], [2], [0]], "every pair gives 1"),
    ],
    ids=["nothing", "one partner for all", "no spread"],
)
def test_without_an_interval_there_is_a_reason(values, partners, said):
    (found,) = pair_estimates(np.array(values)[..., None], np.arange(3), np.array(partners))
    assert found.interval is None
    assert said in found.note
