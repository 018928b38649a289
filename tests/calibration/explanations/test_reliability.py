"""Photos that agree have a reliability of 1, and those that don't of about 0."""

import numpy as np
import pytest

from calibration.explanations.reliability import reliability, single_icc
from train.metrics.intervals import Bootstrap

FEW = Bootstrap(200, 0)


def test_photos_that_agree_but_for_their_level_are_wholly_reliable():
    values = np.arange(10)[:, None] + np.linspace(0, 1, 6)
    found = reliability(values, np.arange(10), bootstrap=FEW)
    assert found.single == pytest.approx(1)
    assert found.halves == pytest.approx(1)


def test_photos_that_say_nothing_of_each_other_arent():
    values = np.random.default_rng(0).normal(0, 1, (400, 13))
    found = reliability(values, np.arange(400), bootstrap=FEW)
    assert abs(found.single) < 0.02
    assert abs(found.halves) < 0.3
    assert found.interval[0] < found.single < found.interval[1]


def test_a_single_photo_tells_less_than_many():
    draw = np.random.default_rng(0)
    values = np.linspace(0, 1, 13) + draw.normal(0, 1, (300, 13))
    found = reliability(values, np.arange(300), bootstrap=FEW)
    assert found.single < 0.2
    assert found.halves > 0.8


def test_the_intraclass_correlation_is_that_of_shrout_and_fleiss():
    # Shrout and Fleiss, Psychol. Bull. 86, 1979, table 2: four judges of six targets, ICC(3,1).
    judges = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9],
                       [6, 2, 4, 7]], float).T  # fmt: skip
    assert single_icc(judges) == pytest.approx(0.71, abs=0.005)


def test_both_eyes_of_a_person_go_into_one_half():
    values = np.repeat(np.random.default_rng(0).normal(0, 1, (20, 13)), 2, axis=0)
    together = reliability(values, np.repeat(np.arange(20), 2), bootstrap=FEW)
    apart = reliability(values, np.arange(40), bootstrap=FEW)
    assert apart.halves > together.halves + 0.1
    assert together.persons == 20


def test_noise_seldom_seems_to_agree():
    """By persons drawn with replacement, 29 % of these had the lower end above 0."""
    draw, seems, misses = np.random.default_rng(1), 0, 0
    for _ in range(200):
        noise = draw.normal(0, 1, (20, 13))
        low, high = reliability(noise, np.arange(20), bootstrap=FEW).interval
        seems, misses = seems + (low > 0), misses + (not low < 0 < high)
    assert seems <= 12  # 2.5 % are meant, 5 of 200; by luck up to 12 (binomial, 1 in 500)
    assert misses <= 20  # 5 %, 10 of 200, and up to 20 likewise


def test_the_interval_holds_the_truth_where_photos_agree():
    draw, things = np.random.default_rng(2), np.linspace(-1, 1, 13)
    truth = things.var(ddof=1) / (things.var(ddof=1) + 1)
    missed = 0
    for _ in range(200):
        found = reliability(things + draw.normal(0, 1, (20, 13)), np.arange(20), bootstrap=FEW)
        missed += not found.interval[0] < truth < found.interval[1]
    assert missed <= 20  # as above


def test_leaving_out_a_person_leaves_out_all_its_photos():
    values, groups = np.random.default_rng(3).normal(0, 1, (30, 5)), np.arange(30) // 2
    found = reliability(values, groups, bootstrap=FEW)
    without = np.array([single_icc(values[groups != person]) for person in range(15)])
    spread = np.sqrt(14 / 15 * ((without - without.mean()) ** 2).sum())
    reach = 2.144786687916927 * spread  # Student's t of 14 degrees of freedom, 97.5 %
    assert found.interval == pytest.approx((found.single - reach, found.single + reach))


def test_things_that_are_alike_on_each_photo_have_no_order():
    found = reliability(np.repeat(np.arange(8.0)[:, None], 5, 1), np.arange(8), bootstrap=FEW)
    assert (found.single, found.halves) == (None, None)
    assert found.why == "all things have the same figure on each photo"


def test_halves_without_an_order_are_left_out():
    values = np.zeros((8, 3))
    values[0] = [0, 1, 2]  # of one person alone: the half without it is flat
    found = reliability(values, np.arange(8), bootstrap=FEW)
    assert found.single is not None
    assert found.halves is None


def test_too_few_persons_are_said():
    found = reliability(np.ones((3, 13)), np.arange(3), bootstrap=FEW)
    assert found.single is None
    assert "at least 4 persons" in found.why
