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


def test_too_few_persons_are_said():
    found = reliability(np.ones((3, 13)), np.arange(3), bootstrap=FEW)
    assert found.single is None
    assert "at least 4 persons" in found.why
