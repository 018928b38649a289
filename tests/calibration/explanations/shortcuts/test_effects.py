"""Effects and tests, on answers that are made up."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from calibration.explanations.estimate import Estimate
from calibration.explanations.shortcuts.effects import moved
from calibration.explanations.shortcuts.record import AtTheMiddle
from calibration.explanations.shortcuts.verdict import adjusted, judge, sign_flips


def test_an_effect_is_what_goes_beyond_the_control():
    before = np.array([[2.0, 0.0], [0.0, 2.0], [2.0, 0.0]])
    swapped = np.array([[1.0, 3.0], [5.0, 5.0], [np.nan, np.nan]])
    own = np.array([[2.0, 0.5], [0.0, 2.0], [2.0, 0.0]])
    found = moved(before, swapped, own, 1)
    assert found.towards[0] == (3 - 1) - (0.5 - 2)
    assert found.margin[0] == (1 - 3) - 2
    assert found.logits[0].tolist() == [-1, 2.5]
    assert (found.turned[0], found.turned_by_own[0]) == (1, 0)
    assert np.isnan(found.towards[1:]).all()  # already of that class; no donor


def test_another_source_counts_any_change_of_the_answer():
    before = np.array([[2.0, 0.0, 0.0], [2.0, 0.0, 0.0]])
    swapped, own = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]), before
    found = moved(before, swapped, own, 3)
    assert found.turned.tolist() == [1, 0]
    assert found.towards.tolist() == [3, 1]


def test_sign_flips_find_what_is_there_and_nothing_where_nothing_is():
    draw = np.random.default_rng(0)
    effects = draw.normal(0, 1, (20, 200))
    effects[:, 0] += 3
    effects[5:, 1] = np.nan
    p = sign_flips(effects, np.arange(20), seed=0)
    assert p[0] == pytest.approx(1e-4, rel=0.01)
    assert (p[1:] <= 0.05).mean() == pytest.approx(0.05, abs=0.04)
    few = sign_flips(np.ones((3, 1)), np.arange(3), seed=0)
    assert few[0] == pytest.approx(1 / 8, abs=0.02)


def test_photos_of_one_person_count_once():
    effects = np.ones((30, 1))
    assert sign_flips(effects, np.repeat(np.arange(3), 10), seed=0)[0] > 0.1


def test_the_adjustment_is_that_of_benjamini_and_hochberg():
    p = np.random.default_rng(1).uniform(0, 1, 40) ** 3
    assert adjusted(p) == pytest.approx(false_discovery_control(p))


def estimate(value, interval=None):
    return Estimate(value, interval, 20, 20)


FIFTH, NARROW = estimate(0.5, (0.2, 0.8)), estimate(0.1, (0.05, 0.2))


@pytest.mark.parametrize(
    ("p", "beyond", "at_middle", "verdict"),
    [
        (None, estimate(1.0), None, "too few"),
        (0.2, estimate(1.0), None, "none"),
        (0.01, FIFTH, None, "shortcut"),
        (0.01, estimate(0.5, (-0.1, 0.8)), None, "acts"),
        (0.01, NARROW, None, "acts"),
        (0.01, estimate(1.0), None, "shortcut"),  # every photo turned, so no interval
        (0.01, FIFTH, (FIFTH, estimate(0.1, (-0.1, 0.3))), "anywhere"),
        (0.01, FIFTH, (NARROW, estimate(0.1, (0.05, 0.3))), "acts"),
        (0.01, FIFTH, (FIFTH, estimate(2.0, (1.0, 3.0))), "shortcut"),
    ],
)
def test_the_verdict(p, beyond, at_middle, verdict):
    middle = at_middle and AtTheMiddle("middle", estimate(0.0), *at_middle)
    assert judge(p_adjusted=p, beyond=beyond, middle=middle, is_writing=False) == verdict
