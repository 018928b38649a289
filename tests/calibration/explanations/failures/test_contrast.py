"""Exchanges keep persons whole, and chance alone finds no more than it may."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from calibration.explanations.failures.contrast import Draws, contrasts, corrected, superiority
from calibration.explanations.failures.exchange import exchangeable, exchanged, expected, holm

FEW = Draws(resamples=100, permutations=399)


def test_persons_with_as_many_photos_in_each_class_change_places_with_all_of_theirs():
    groups = np.array([0, 0, 1, 1, 2, 3, 3])
    strata = np.array([0, 1, 1, 0, 0, 1, 1])
    alike = exchangeable(strata, groups)
    assert sorted(block.tolist() for block in alike) == [[[0, 1], [3, 2]], [[4]], [[5, 6]]]
    outcomes = np.array([True, False, True, False, True, False, True])
    drawn = np.concatenate([*exchanged(outcomes, alike, permutations=600, seed=0)])
    assert len(drawn) == 600
    assert {tuple(row) for row in drawn[:, [0, 1, 3, 2]].tolist()} == {
        (1, 0, 0, 1), (0, 1, 1, 0),
    }  # fmt: skip
    assert (drawn[:, 4:] == outcomes[4:]).all()
    np.testing.assert_allclose(drawn.mean(axis=0), expected(outcomes, alike), atol=0.07)


def test_holm_corrects_as_published():
    assert holm([0.01, 0.04, None, 0.03, 0.005]) == pytest.approx([0.03, 0.06, None, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_the_probability_of_superiority_is_the_auroc_and_over_strata_their_mean_by_pairs():
    generator = np.random.default_rng(1)
    values, first = generator.integers(0, 6, 80).astype(float), generator.random(80) < 0.3
    one, strata = np.ones((1, 80)), generator.integers(0, 2, 80)
    found = superiority(values, first, np.zeros(80, int), one)
    assert found == pytest.approx(roc_auc_score(first, values))
    areas = [roc_auc_score(first[strata == s], values[strata == s]) for s in (0, 1)]
    pairs = [first[strata == s].sum() * (~first[strata == s]).sum() for s in (0, 1)]
    assert superiority(values, first, strata, one) == pytest.approx(
        np.average(areas, weights=pairs)
    )
    twice = superiority(values, first, strata, 1 + (np.arange(80) % 2 == 0)[None])
    rows = np.r_[np.arange(80), np.arange(0, 80, 2)]
    again = superiority(values[rows], first[rows], strata[rows], np.ones((1, 120)))
    assert twice == pytest.approx(again)


def test_what_is_planted_is_apart_and_what_a_class_alone_explains_isnt():
    generator = np.random.default_rng(2)
    strata = np.repeat([0, 1], 60)
    first = generator.random(120) < np.where(strata, 0.6, 0.1)
    traits = {
        "planted": generator.normal(size=120) + 2 * first,
        "of the class": generator.normal(size=120) + 5 * strata,
        "flat": np.ones(120),
    }
    groups = np.arange(120)
    found = corrected({"": contrasts(traits, first, strata, groups, draws=FEW)})[""]
    assert found["planted"].apart
    assert found["planted"].superiority > 0.85
    assert found["planted"].interval[0] > 0.7
    assert found["planted"].mean > found["planted"].mean_others + 1
    assert not found["of the class"].apart
    assert abs(found["of the class"].mean - found["of the class"].mean_others) < 1
    assert found["flat"].p_value is None
    assert "same in all" in found["flat"].note
    merged = contrasts(traits, first, np.zeros(120, int), groups, draws=FEW)
    assert merged["of the class"].p_value < 0.01


def test_few_persons_or_none_who_are_alike_have_a_reason_and_no_figure():
    values = {"any": np.arange(12.0)}
    first = np.arange(12) < 3
    few = contrasts(values, first, np.zeros(12, int), np.arange(12), draws=FEW)["any"]
    assert few.p_value is None
    assert "5 persons on either side; here are 3, 9" in few.note
    groups = np.repeat(np.arange(10), np.arange(1, 11))  # each with another number of photos
    lonely = contrasts({"any": np.arange(55.0)}, groups < 5, np.zeros(55, int), groups, draws=FEW)[
        "any"
    ]
    assert lonely.p_value is None
    assert lonely.superiority == 0
    assert "none can be exchanged" in lonely.note


def chance(seed, *, copies):
    """Compare 30 things that have nothing to do with what came of persons' photos."""
    generator = np.random.default_rng(seed)
    persons = 60
    groups = np.repeat(np.arange(persons), copies)
    wrong = np.repeat(generator.random(persons) < 0.3, copies)
    strata = np.repeat(generator.integers(0, 2, persons), copies)
    traits = {
        str(number): np.repeat(generator.normal(size=persons), copies) for number in range(30)
    }
    return traits, wrong, strata, groups


def test_chance_alone_is_called_apart_in_one_table_of_twenty_whatever_photos_a_person_has():
    draws = Draws(resamples=10, permutations=999)
    tables, small = 0, []
    for seed in range(40):
        traits, wrong, strata, groups = chance(seed, copies=4)
        found = corrected({"": contrasts(traits, wrong, strata, groups, draws=draws)})[""]
        tables += any(row.apart for row in found.values())
        small += [row.p_value < 0.05 for row in found.values()]
    assert tables <= 6  # of 40, where 2 are expected: more has a probability below 0.4 %
    assert 0.03 < np.mean(small) < 0.07


def test_photos_that_were_taken_for_persons_would_find_what_isnt_there():
    draws = Draws(resamples=10, permutations=999)
    traits, wrong, strata, groups = chance(0, copies=4)
    found = contrasts(traits, wrong, strata, np.arange(len(groups)), draws=draws)
    assert np.mean([row.p_value < 0.05 for row in found.values()]) > 0.2
