"""Another person's photo is of the class and the side where one is, and nobody is drawn twice."""

import numpy as np

from calibration.compare.other_persons import Candidates, draw_all_partners, draw_partners

TOPS = np.array([0, 0, 0, 0, 1, 1, 2])
PERSONS = np.array([0, 0, 1, 1, 2, 3, 4])
SIDES = ["left", "left", "left", "right", "left", "right", None]


def test_another_photo_is_of_another_person_and_of_the_class_and_the_side_where_one_is():
    among = Candidates.of(TOPS, PERSONS, SIDES)
    draws = [draw_all_partners(among, count=1, seed=seed) for seed in range(40)]
    seen = [{found[i].photos for found in draws} for i in range(7)]
    assert seen[0] == {(2,)}  # class, side and another person
    assert seen[3] == {(0,), (1,)}  # no right one of the class
    assert seen[4] == {(5,)}  # nor a left one
    assert seen[6] == {(i,) for i in range(6)}  # nor any of the class
    flags = [(each.other_class, each.other_side) for each in draws[0]]
    assert flags == [
        (False, False), (False, False), (False, False), (False, True), (False, True), (False, True),
        (True, True),
    ]  # fmt: skip


def test_a_single_person_has_no_partner_and_no_doubt():
    among = Candidates.of([0, 1], [5, 5], ["left", None])
    for found in draw_all_partners(among, count=5, seed=0):
        assert (found.photos, found.other_class, found.other_side) == ((), False, False)


def test_nobody_is_drawn_twice_and_fewer_are_drawn_where_there_are_fewer():
    persons = np.repeat(np.arange(8), 3)
    among = Candidates.of(np.zeros(24), persons, ["left"] * 24)
    for i, found in enumerate(draw_all_partners(among, count=5, seed=3)):
        who = persons[list(found.photos)]
        assert len(set(who)) == 5
        assert persons[i] not in who
    few = draw_all_partners(Candidates.of([0] * 4, range(4), [None] * 4), count=5, seed=0)
    assert [sorted(each.photos) for each in few] == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]


def test_each_seed_draws_other_persons():
    among = Candidates.of([0] * 60, range(60), [None] * 60)
    draws = [draw_all_partners(among, count=5, seed=seed) for seed in (0, 1)]
    shared = [len({*a.photos} & {*b.photos}) for a, b in zip(*draws, strict=True)]
    assert np.mean(shared) < 1  # 5 * 5 / 59 = 0.42 are expected; 4 of 5 are shared by seed + draw


def test_one_partner_is_drawn_as_validations_on_record_drew_it():
    generator, expected = np.random.default_rng(7), []
    for i, (top, side) in enumerate(zip(TOPS, SIDES, strict=True)):
        others = np.flatnonzero(PERSONS[i] != PERSONS)
        of_class = others[TOPS[others] == top]
        of_side = [j for j in of_class if side and SIDES[j] == side]
        pool = next((each for each in (of_side, of_class) if len(each)), others)
        expected.append((int(generator.choice(pool)),))
    found = draw_all_partners(Candidates.of(TOPS, PERSONS, SIDES), count=1, seed=7)
    assert [each.photos for each in found] == expected


def test_another_class_may_be_wanted():
    among = Candidates.of(TOPS, PERSONS, SIDES)
    generator = np.random.default_rng(0)
    assert draw_partners(0, among, count=5, generator=generator, label=1).photos == (4,)
