"""Gains are tested together: noise seldom has one, and a true one is found among many."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from calibration.explanations.chance_test import corrected_p

TABLES = 200
#: Of 200 tables of noise 10 are to hold a finding, and by luck up to this (binomial, 1 in 1,000).
MOST = 20


@pytest.fixture
def fewer_draws(monkeypatch):
    monkeypatch.setattr("calibration.explanations.chance_test._DRAWS", 499)


def found_in(tables):
    return sum((corrected_p(*table, seed=at) <= 0.05).any() for at, table in enumerate(tables))


def noise(draw, *, persons=30, figures=12, others=4, each=1, spread=1.0):
    """Draw figures that hang together by half, one thing's own wider than others' by ``spread``."""
    shape = 1 + others, persons * each
    values = draw.normal(0, 1, (*shape, 1)) + draw.normal(0, 1, (*shape, figures))
    values[0] *= spread
    return values[0], values[1:], np.repeat(np.arange(persons), each)


@pytest.mark.usefixtures("fewer_draws")
@pytest.mark.parametrize("changed", [{}, {"others": 1}, {"spread": 2.0}, {"figures": 1}])
def test_a_table_of_noise_holds_a_finding_in_one_of_twenty_at_most(changed):
    draw = np.random.default_rng(0)
    assert found_in(noise(draw, **changed) for _ in range(TABLES)) <= MOST


@pytest.mark.usefixtures("fewer_draws")
def test_a_rare_hit_that_never_came_is_no_finding():
    """Each difference to the mean of some draws is then below zero, by a little."""
    draw = np.random.default_rng(1)
    tables = ((draw.random((11, 26, 3)) < 0.04).astype(float) for _ in range(TABLES))
    assert found_in((each[0], each[1:], np.arange(26)) for each in tables) <= MOST


@pytest.mark.usefixtures("fewer_draws")
def test_photos_of_one_person_count_as_one():
    draw, tables = np.random.default_rng(2), []
    for _ in range(TABLES):
        own, others, groups = noise(draw, persons=15, others=1)
        tables.append((np.repeat(own, 8, 0), np.repeat(others, 8, 1), np.repeat(groups, 8)))
    assert found_in(tables) <= MOST


def test_a_gain_is_found_among_many_figures_and_the_others_are_not():
    own, others, groups = noise(np.random.default_rng(3), figures=40)
    own[:, 7] += 2.5
    own[:, 9] -= 2.5
    p = corrected_p(own, others, groups, seed=0)
    assert set(np.flatnonzero(p <= 0.05)) == {7, 9}


def test_a_single_figure_against_a_mean_has_the_p_of_the_usual_test():
    values = np.random.default_rng(4).normal(0.3, 1, (40, 1))
    (p,) = corrected_p(values, np.zeros((1, 40, 1)), np.arange(40), seed=0)
    # 9,999 draws give a p of about 0.05 to within 0.007, three standard errors.
    assert p == pytest.approx(ttest_1samp(values[:, 0], 0).pvalue, abs=0.01)


def test_figures_that_no_photo_has_are_not_tested_and_cost_nothing():
    own, others, groups = noise(np.random.default_rng(5), figures=2)
    own[:, 0] += 0.6
    alone = corrected_p(own[:, :1], others[..., :1], groups, seed=0)
    own[:, 1] = np.nan
    first, second = corrected_p(own, others, groups, seed=0)
    assert first == alone[0]
    assert np.isnan(second)
    assert np.isnan(corrected_p(own[:0], others[:, :0], groups[:0], seed=0)).all()


def test_the_same_seed_gives_the_same_p():
    own, others, groups = noise(np.random.default_rng(6))
    first, again, other = (corrected_p(own, others, groups, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
