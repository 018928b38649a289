"""Who gets whose property, and that tests keep their level where donors are shared."""

import numpy as np
import pytest

from calibration.explanations.explained import Explained, ExplainedPhoto
from calibration.explanations.shortcuts.donors import Donors, clusters, draw_donors
from calibration.explanations.shortcuts.verdict import THRESHOLDS, sign_flips
from edge_runtime.explain.landmarks import Landmarks


def pool(tops, sources=None, persons=None):
    """Make photos that the model calls so, of classes a, b and so on."""
    sources, persons = (each or [None] * len(tops) for each in (sources, persons))
    photos = tuple(
        ExplainedPhoto(f"{i}.jpg", "", None, source, person, None, None, None, Landmarks())
        for i, (source, person) in enumerate(zip(sources, persons, strict=True))
    )
    count = max(tops) + 1
    shares = np.float32(0.8 * np.eye(count)[tops] + 0.1)
    maps = np.zeros((len(tops), count, 2, 2), np.float32)
    empty = np.zeros((len(tops), 0), np.float32)
    return Explained(tuple("abcd"[:count]), photos, maps, shares, empty)


def rows_of(found, photos, kind):
    """Give the changed photos of a row, and their clusters."""
    top = photos.top[found.chosen]
    has = (found.donors[:, kind] >= 0) & (top != kind)
    return has, clusters(found, photos.groups, top, kind)[has]


def test_donors_are_of_other_persons_and_of_the_own_source_where_there_are_such():
    sources = ["x", "x", "y", "y", "x", "x", "y"]
    persons = ["1", "1", "3", "4", "5", "6", "7"]
    found = draw_donors(pool([0, 0, 0, 1, 1, 0, 0], sources, persons), limit=9, seed=0)
    assert set(found.chosen) - {0, 1} == {2, 3, 4, 5, 6}
    assert len(found.chosen) == 6  # one of the first person
    row = int(np.flatnonzero(np.isin(found.chosen, (0, 1)))[0])
    own, other, elsewhere = found.donors[row]
    assert (own, other) == (5, 4)
    assert elsewhere in (2, 6)
    assert found.same_source[row].tolist() == [True, True, False]
    (row,) = np.flatnonzero(found.chosen == 3)
    assert found.donors[row, 1] == 4  # the only other of its class, of another source
    assert found.donors[row, 2] == 4


def test_photos_without_sources_have_no_donor_of_another_one():
    found = draw_donors(pool([0, 0, 1, 1]), limit=4, seed=0)
    assert (found.donors[:, 2] == -1).all()
    assert (found.donors[:, :2] >= 0).all()


def test_of_each_class_as_many_photos_are_changed_as_can_be():
    found = draw_donors(pool([0] * 30 + [1] * 3), limit=8, seed=2)
    assert (found.chosen >= 30).sum() == 3
    assert len(found.chosen) == 8


def test_where_donors_are_enough_no_two_photos_share_one_in_any_row():
    photos = pool([0] * 60 + [1] * 60 + [2] * 60, ["x", "y", "z"] * 60)
    found = draw_donors(photos, limit=30, seed=3)
    for kind in range(4):
        has, groups = rows_of(found, photos, kind)
        assert len(np.unique(groups)) == has.sum() == (30 if kind == 3 else 20)
    assert found.same_source[:, :3].all()


def test_each_donor_serves_one_photo_before_any_serves_two_be_it_of_another_source():
    photos = pool([0] * 12 + [1] * 6, ["x"] * 14 + ["y"] * 4)
    found = draw_donors(photos, limit=18, seed=0)
    given = found.donors[found.chosen < 12, 1]
    assert np.bincount(given)[12:].tolist() == [2] * 6
    photos = pool([0] * 13 + [1] * 6)
    given = draw_donors(photos, limit=19, seed=0).donors[:13, 1]
    assert (given < 0).sum() == 1  # none serves three


def test_what_shares_a_donor_or_a_control_moves_together_and_nothing_else_does():
    top, groups = np.zeros(6, np.intp), np.arange(20)
    donors = np.array([[6, 12], [7, 12], [7, 13], [8, 14], [9, 8], [10, -1]])
    found = Donors(np.arange(6), donors, donors >= 0)
    one, two, three, four, five, _ = clusters(found, groups, top, 1)
    assert one == two == three  # by a donor, and by a control
    assert len({one, four, five}) == 3  # one's control is the other's donor
    each_others = Donors(np.arange(2), np.array([[1, 12], [0, 13]]), donors[:2] >= 0)
    assert len(set(clusters(each_others, groups, top[:2], 1))) == 1
    in_turn = Donors(np.arange(3), np.array([[1, 12], [2, 13], [0, 14]]), donors[:3] >= 0)
    assert len(set(clusters(in_turn, groups, top[:3], 1))) == 3


SETS = {
    "all are changed": ([0] * 24 + [1] * 24, 48, 1),
    "few donors": ([0] * 60 + [1] * 14, 74, 1),
    "few donors among three classes": ([0] * 40 + [1] * 14 + [2] * 40, 60, 1),
    "another source": ([0] * 24 + [1] * 24, 48, 2),
}
DRAWS = 4000
LEVEL = 0.05 + 3 * (0.05 * 0.95 / DRAWS) ** 0.5  # three standard errors above it


def null_effects(photos, found, kind, *, with_push):
    """Draw effects (N, DRAWS) of a property that knows no class, each with one of each donor.

    Each donor pushes all its photos alike, by one standard deviation, and each photo gives way by a
    factor of its own, which goes with its own push where it is ``with_push``.
    """
    draw = np.random.default_rng(1)
    push, own, noise = draw.normal(0, 1, (3, len(photos.photos), DRAWS))
    gives_way = np.exp(0.5 * (push if with_push else own))
    changed, top = found.chosen, photos.top[found.chosen]
    given, controls = found.donors[:, kind], found.donors[np.arange(len(top)), top]
    return gives_way[changed] * (push[given] - push[controls]) + noise[changed]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("with_push", [False, True])
def test_of_properties_that_do_nothing_a_twentieth_is_below_a_twentieth(name, with_push):
    tops, limit, kind = SETS[name]
    photos = pool(tops, (["x", "y"] * len(tops))[: len(tops)])
    found = draw_donors(photos, limit=limit, seed=0)
    has, groups = rows_of(found, photos, kind)
    assert len(np.unique(groups)) >= THRESHOLDS.clusters_least
    effects = null_effects(photos, found, kind, with_push=with_push)[has]
    assert (sign_flips(effects, groups, seed=2) <= 0.05).mean() <= LEVEL
    if name.startswith("few donors"):  # what it was when only persons moved by themselves
        assert (sign_flips(effects, np.arange(len(groups)), seed=2) <= 0.05).mean() > LEVEL


def test_a_push_towards_the_class_is_found_with_few_donors_as_with_many():
    for tops, limit in (([0] * 60 + [1] * 14, 74), ([0] * 60 + [1] * 60, 48)):
        photos = pool(tops)
        found = draw_donors(photos, limit=limit, seed=0)
        has, groups = rows_of(found, photos, 1)
        effects = null_effects(photos, found, 1, with_push=False)[has] + 2
        assert (sign_flips(effects, groups, seed=2) <= 0.05).mean() > 0.9
