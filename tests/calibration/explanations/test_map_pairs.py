"""Pairs of maps are as alike as they were made, and random ones as alike as by chance."""

import numpy as np
import pytest

from calibration.compare.other_persons import Candidates, draw_all_partners
from calibration.compare.similarity import MEASURES, MORE_IS_ALIKE, MapDistance, compare_maps
from calibration.explanations.likeness import LEVEL, MORE, UNJUDGED, likeness, means
from calibration.explanations.likeness_tables import counts_text
from calibration.explanations.map_pairs import (
    OTHER_PERSON,
    RANDOM_PAIRS,
    TITLES,
    MapPairs,
    compare_pairs,
    compare_random,
    compare_two,
)
from train.metrics.intervals import Bootstrap

FEW = Bootstrap(200, 0)
COUNT = 60
BEST = [1, 1, 1, 1, 0, 0, 0]


def normal(seed, count=COUNT):
    return np.random.default_rng(seed).normal(size=(count, 7, 7)).astype(np.float32)


def pairs_of(first, second, *, tops=None, groups=None, sides=None):
    count = len(first)
    return MapPairs(
        first,
        lambda i, j, label: second[j],
        np.zeros(count, np.intp),
        np.zeros(count, np.intp) if tops is None else np.array(tops),
        np.arange(count) if groups is None else np.array(groups),
        (None,) * count if sides is None else tuple(sides),
    )


def figures(pairs, *, bootstrap=FEW):
    compared = compare_pairs(pairs, field_degrees=45, seed=0)
    return likeness(compared, np.ones(len(pairs.first), bool), pairs.groups, bootstrap=bootstrap)


def test_the_measures_are_those_of_the_package_with_ways_in_degrees():
    assert tuple(TITLES) == tuple(name.replace("pixels", "degrees") for name in MEASURES)
    a, b = normal(0, 2)
    expected = vars(compare_maps(a, b, input_size=(224, 224)))
    for (name, value), found in zip(
        expected.items(), compare_two(a, b, field_degrees=45), strict=True
    ):
        scale = 45 / 224 if name.endswith("pixels") else 1
        assert found == pytest.approx(value * scale, rel=1e-9)


def test_equal_maps_have_the_best_value_of_every_measure_and_are_more_than_chance():
    maps = normal(1)
    found = figures(pairs_of(maps, maps))
    assert [each.value for each in found.measures.values()] == pytest.approx(BEST, abs=1e-6)
    assert vars(MapDistance()) == dict(zip(MEASURES, BEST, strict=True))
    assert found.verdict == MORE
    assert all(each.interval[0] > 0 for each in found.beyond_chance.values())


def test_random_maps_are_no_more_alike_than_by_chance_whatever_the_measure():
    found = figures(pairs_of(normal(2), normal(3)), bootstrap=Bootstrap(1000, 0))
    assert found.verdict == LEVEL
    assert found.measures["pearson"].value == pytest.approx(0, abs=0.05)
    control = found.controls["random map"]
    for name, each in found.measures.items():
        low, high = control[name].interval
        assert low - 3 * (high - low) < each.value < high + 3 * (high - low)


def test_the_better_side_of_a_measure_counts_as_more_alike():
    maps = normal(4)
    found = figures(pairs_of(maps, maps + np.float32(0.3) * normal(5)))
    assert MORE_IS_ALIKE.tolist() == [value == 1 for value in BEST]
    for name, gain in found.beyond_chance.items():
        own, other = found.measures[name].value, found.controls[OTHER_PERSON][name].value
        assert gain.value == pytest.approx(abs(own - other))


def test_chance_is_the_mean_of_several_persons_photos():
    first, second = normal(20), normal(21)
    pairs = pairs_of(first, second)
    found = compare_pairs(pairs, field_degrees=45, seed=3).controls[OTHER_PERSON]
    among = Candidates.of(pairs.tops, pairs.groups, pairs.sides)
    drawn = draw_all_partners(among, count=5, seed=3)
    for i in (0, COUNT - 1):
        partners = drawn[i].photos
        rows = [compare_two(first[i], second[j], field_degrees=45) for j in partners]
        assert len({*partners} - {i}) == 5
        np.testing.assert_allclose(found[i], np.mean(rows, axis=0), rtol=1e-12)
    assert found[:, 0].std() < 0.6 * 48**-0.5  # which one photo's correlation parts by


def test_each_partner_is_held_against_the_pair_over_the_cells_of_both():
    first, second = normal(22, 2), normal(23, 2)
    second[1, :3] = np.nan
    compared = compare_pairs(pairs_of(first, second), field_degrees=45, seed=0)
    part = np.where(np.isnan(second[1]), np.nan, second[0])
    assert compared.own[0] == pytest.approx(compare_two(first[0], part, field_degrees=45))


def test_where_no_other_person_has_the_class_it_is_counted():
    tops = [0] * 9 + [1]
    found = figures(pairs_of(normal(6, 10), normal(7, 10), tops=tops))
    assert (found.other_class, found.fewer) == (1, 0)


def test_where_there_are_fewer_than_five_other_persons_it_is_counted_and_said():
    found = figures(pairs_of(normal(6, 10), normal(7, 10), tops=[0] * 7 + [1] * 3))
    assert found.fewer == 3
    assert "for 3 there are fewer than 5 such persons" in counts_text(found)


def test_a_single_persons_pairs_have_no_chance_and_arent_judged():
    found = figures(pairs_of(normal(8, 4), normal(8, 4), groups=[0] * 4))
    assert found.controls[OTHER_PERSON]["pearson"].value is None
    assert found.verdict == UNJUDGED
    assert len(compare_random(pairs_of(normal(8, 4), normal(8, 4), groups=[0] * 4),
                              field_degrees=45, seed=0).values) == 0  # fmt: skip


def test_pairs_of_few_persons_arent_judged():
    maps = normal(9, 6)
    assert figures(pairs_of(maps, maps)).verdict == UNJUDGED


def test_a_map_that_shows_nothing_has_nothing_in_common_with_one_that_does_and_two_are_counted():
    first, second = normal(10, 3), normal(11, 3)
    first[0] = second[0] = second[1] = -1
    compared = compare_pairs(pairs_of(first, second), field_degrees=45, seed=0)
    assert np.isnan(compared.own[0]).all()
    assert compared.own[1].tolist() == pytest.approx([0, 0, 0, 0, 1, 45 * 2**0.5, 45 * 2**0.5])
    found = likeness(compared, np.ones(3, bool), np.arange(3), bootstrap=FEW)
    assert (found.pairs, found.blank, found.measures["pearson"].photos) == (3, 1, 2)


def test_cells_that_arent_known_arent_compared():
    a, b = normal(12, 2)
    half = np.where(np.arange(7) < 4, a, np.nan)
    assert compare_two(a, half, field_degrees=45)[:2] == pytest.approx((1, 1))
    assert np.isnan(compare_two(a, np.full((7, 7), np.nan), field_degrees=45)).all()
    unlike = np.where(np.arange(7) < 4, a, b)
    assert compare_two(a, unlike, field_degrees=45)[0] < 0.9


def test_there_are_fifty_random_pairs_of_different_persons_and_each_seed_has_its_own():
    groups = np.arange(COUNT) // 2
    seen = []
    pairs = pairs_of(normal(13), normal(14), groups=groups)
    spy = MapPairs(
        pairs.first,
        lambda i, j, label: seen.append((i, j)) or pairs.second(i, j, label),
        pairs.labels, pairs.tops, groups, pairs.sides,
    )  # fmt: skip
    found = compare_random(spy, field_degrees=45, seed=0)
    assert len(seen) == RANDOM_PAIRS == len(found.values)
    assert [*zip(found.firsts, found.seconds, strict=True)] == [
        (groups[i], groups[j]) for i, j in seen
    ]
    assert all(groups[i] != groups[j] for i, j in seen)
    again, other = (compare_random(pairs, field_degrees=45, seed=seed).values for seed in (0, 1))
    assert np.array_equal(found.values, again)
    assert not np.array_equal(found.values, other)


def test_intervals_of_chance_count_the_other_persons_as_drawn():
    typical = normal(24, 1)
    shares = np.random.default_rng(25).uniform(0, 2, (COUNT, 1, 1)).astype(np.float32)
    maps = shares * typical + normal(26)  # some persons are like everybody, others like nobody
    pairs = pairs_of(maps, maps)
    compared = compare_pairs(pairs, field_degrees=45, seed=0)
    found = likeness(compared, np.ones(COUNT, bool), pairs.groups, bootstrap=FEW)
    low, high = found.controls[OTHER_PERSON]["pearson"].interval
    (alone,) = means([compared.controls[OTHER_PERSON]], pairs.groups, bootstrap=FEW)
    of_firsts = alone["pearson"].interval
    assert high - low > 1.3 * (of_firsts[1] - of_firsts[0])


def test_a_flat_map_has_no_peak_and_no_hottest_tenth():
    values = compare_two(normal(15, 1)[0], np.ones((7, 7), np.float32), field_degrees=45)
    assert np.isnan(np.array(values))[[3, 6]].all()
    assert np.isfinite(np.array(values))[[0, 1, 2, 4, 5]].all()
    field = figures(pairs_of(normal(16), normal(17))).controls["the whole field"]
    assert field["peak_degrees"].value is None
    assert field["pearson"].value is not None
