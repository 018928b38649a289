"""Planted eyes that mirror each other are explained alike, and random maps as by chance."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.explanations.consistency.compare_photos import compare_photos, map_pairs
from calibration.explanations.consistency.pairs import PhotoPairs, both_eyes, repeated
from calibration.explanations.likeness import LEVEL, MORE
from calibration.explanations.map_pairs import OTHER_PERSON, compare_pairs
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.explain.retina_frame import as_seen_by, to_frame
from tests.calibration.explanations.made_eyes import RIGHT, explained, mirrored, spot
from train.metrics.intervals import Bootstrap

FEW = Bootstrap(200, 0)
BEST = [1, 1, 1, 1, 0, 0, 0]


def moved(eye, x, y):
    (disc_x, disc_y), (fovea_x, fovea_y) = eye.disc, eye.fovea
    return Landmarks(
        (disc_x + x, disc_y + y), eye.disc_diameter, 0.9, (fovea_x + x, fovea_y + y), eye.eye
    )


def persons(rights, lefts, *, eyes=None):
    """Join a right and a left eye of each person."""
    maps = [cam for pair in zip(rights, lefts, strict=True) for cam in pair]
    return explained(eyes or [RIGHT, mirrored(RIGHT)] * len(rights), maps)


def noise(seed, count=40):
    return np.random.default_rng(seed).normal(size=(count, 7, 7)).astype(np.float32)


def compare(kept, **options):
    options = {"align": True, "field_degrees": 45, "bootstrap": FEW} | options
    return compare_photos(kept, both_eyes(kept.photos), **options)


def values(measures):
    return [each.value for each in measures.values()]


def test_eyes_that_mirror_each_other_have_the_best_value_of_every_measure_aligned_too():
    cams = noise(0)
    found = compare(persons(cams, cams[:, :, ::-1]))
    for parts in (found.as_they_are, found.aligned):
        assert parts.agreeing.pairs == 40
        assert values(parts.agreeing.measures) == pytest.approx(BEST, abs=1e-5)
        assert parts.agreeing.verdict == MORE
        assert parts.differing.pairs == 0
    assert values(found.alignment_gain) == pytest.approx([0] * 7, abs=1e-5)
    assert all(pair.mirrored and pair.measures["pearson"] > 0.999 for pair in found.by_pair)


def test_random_maps_of_both_eyes_are_alike_as_by_chance():
    found = compare(persons(noise(1), noise(2)), bootstrap=Bootstrap(1000, 0))
    assert found.as_they_are.agreeing.verdict == LEVEL
    assert found.as_they_are.agreeing.measures["pearson"].value == pytest.approx(0, abs=0.05)


def test_eyes_that_look_elsewhere_are_alike_once_they_are_aligned():
    generator = np.random.default_rng(3)
    eyes, rights, lefts = [], [], []
    for _ in range(20):
        place = generator.uniform(-0.3, 0.3, 2)
        right = moved(RIGHT, *generator.uniform(-0.3, 0.3, 2))
        left = mirrored(moved(RIGHT, *generator.uniform(-0.3, 0.3, 2)))
        rights.append(spot(*(np.array(right.fovea) + place), width=0.3))
        lefts.append(spot(*(np.array(left.fovea) + place * [-1, 1]), width=0.3))
        eyes += [right, left]
    found = compare(persons(rights, lefts, eyes=eyes))
    assert found.aligned.agreeing.measures["pearson"].value > 0.9
    assert found.alignment_gain["pearson"].interval[0] > 0.1
    assert found.alignment_gain["emd_degrees"].interval[0] > 0


def test_a_map_comes_to_where_the_other_photo_shows_the_same_retina():
    here, there = moved(RIGHT, -0.2, 0.1), mirrored(moved(RIGHT, 0.1, 0.0))
    found = as_seen_by(spot(*here.disc, size=29, width=0.15), to_frame(here), to_frame(there))
    row, column = np.unravel_index(np.nanargmax(found), found.shape)
    assert (column + 0.5) / 29 * 2 - 1 == pytest.approx(there.disc[0], abs=0.07)
    assert (row + 0.5) / 29 * 2 - 1 == pytest.approx(there.disc[1], abs=0.07)
    assert np.isnan(found).any()


def test_eyes_without_a_frame_arent_aligned_but_are_compared_and_of_a_doubtful_side_not_at_all():
    eyes = [RIGHT, mirrored(RIGHT)] * 12
    kept = persons(noise(4, 12), noise(5, 12), eyes=eyes)
    photos = list(kept.photos)
    photos[1] = replace(photos[1], landmarks=Landmarks())
    photos[2] = replace(photos[2], landmarks=mirrored(RIGHT))  # the name says right
    found = compare(replace(kept, photos=tuple(photos)))
    assert found.as_they_are.agreeing.pairs == 11
    assert found.aligned.agreeing.pairs == 10


def test_pairs_of_different_classes_stand_apart_and_their_maps_are_of_the_first_ones_class():
    cams = noise(6, 12)
    kept = persons(cams, cams[:, :, ::-1])
    shares = kept.probabilities.copy()
    shares[1::4] = (0.1, 0.9)  # the left eye of every second person is normal
    found = compare(replace(kept, probabilities=shares))
    assert found.same_class.value == 0.5
    assert (found.as_they_are.agreeing.pairs, found.as_they_are.differing.pairs) == (6, 6)
    assert values(found.as_they_are.differing.measures) == pytest.approx(BEST, abs=1e-5)
    assert found.by_pair[0].second_class == "normal"


def test_whom_a_pair_connects_is_one_person_and_no_others_chance():
    alike = np.repeat(noise(7, 1), 12, axis=0)
    alike[6:] = noise(8, 6)
    kept = explained([RIGHT] * 12, alike)
    kept = replace(kept, photos=tuple(replace(each, patient=None) for each in kept.photos))
    chain = PhotoPairs(np.arange(5), np.arange(1, 6), np.zeros(5, bool))
    assert len(set(map_pairs(kept, chain).groups.tolist())) == 1
    found = compare_photos(kept, chain, align=False, field_degrees=45, bootstrap=FEW)
    assert found.as_they_are.agreeing.controls[OTHER_PERSON]["pearson"].value is None
    assert found.aligned is None


def test_without_any_pair_all_figures_are_missing():
    kept = explained([RIGHT] * 4, noise(9, 4))
    found = compare(kept)
    assert found.by_pair == ()
    assert found.same_class.value is None
    assert found.as_they_are.agreeing.measures["pearson"].value is None
    assert found.aligned.agreeing.pairs == 0


def sided(count=40):
    """Make persons with two photos of one eye, whose maps know the side and nothing else."""
    eyes = [eye for _ in range(count // 2) for eye in (RIGHT, RIGHT, *[mirrored(RIGHT)] * 2)]
    maps = [spot(*eye.disc) + 0.1 * cam for eye, cam in zip(eyes, noise(9, len(eyes)), strict=True)]
    return explained(eyes, maps)


def pearson_of(found):
    part = found.as_they_are.agreeing
    own, chance = (each["pearson"].value for each in (part.measures, part.controls[OTHER_PERSON]))
    return own, chance, part


def test_chance_is_of_the_same_side_so_that_maps_of_the_side_alone_are_no_more_than_chance():
    kept = sided()
    pairs = repeated(kept.photos)
    own, chance, part = pearson_of(
        compare_photos(kept, pairs, align=False, field_degrees=45, bootstrap=Bootstrap(1000, 0))
    )
    assert own == pytest.approx(chance, abs=0.03)  # the noise of forty pairs
    assert part.verdict == LEVEL
    assert part.other_side == 0
    nameless = tuple(replace(each, eye=None, landmarks=Landmarks()) for each in kept.photos)
    own, chance, part = pearson_of(
        compare_photos(
            replace(kept, photos=nameless), pairs, align=False, field_degrees=45, bootstrap=FEW
        )
    )
    assert own > chance + 0.3  # as it was of all photos, and is where no side is known
    assert part.verdict == MORE
    assert part.other_side == 40


def test_a_mirrored_copys_chance_is_another_persons_photo_of_its_side_mirrored_too():
    eyes = [RIGHT, mirrored(RIGHT)] * 20
    maps = [spot(*eye.disc) for eye in eyes]
    kept = explained(eyes, maps)
    flags = np.arange(20) % 4 < 2  # the copies of these are mirrored
    pairs = PhotoPairs(np.arange(0, 40, 2), np.arange(0, 40, 2) + flags, flags)
    *values, part = pearson_of(
        compare_photos(kept, pairs, align=False, field_degrees=45, bootstrap=FEW)
    )
    assert values == pytest.approx([1, 1])
    assert part.other_side == 0
    cams = kept.maps[:, 0]
    mixed = map_pairs(kept, pairs).second  # of a pair that is mirrored, and of one that isn't
    np.testing.assert_array_equal(mixed(0, 2, 0), cams[pairs.second[2], :, ::-1])
    np.testing.assert_array_equal(mixed(2, 0, 0), cams[pairs.second[0]])


def test_aligned_pairs_and_their_chance_are_over_the_same_cells():
    kept = persons(noise(10, 12), noise(11, 12))
    plain = map_pairs(kept, both_eyes(kept.photos))
    cut = np.where(np.arange(7) < 4, np.float32(1), np.float32(np.nan))
    whole = compare_pairs(plain, field_degrees=45, seed=0, baselines=False)
    alone = replace(plain, second=lambda i, j, label: plain.second(i, j, label) * cut)
    other = replace(
        plain, second=lambda i, j, label: plain.second(i, j, label) * (1 if i == j else cut)
    )
    here, there = (
        compare_pairs(each, field_degrees=45, seed=0, baselines=False) for each in (alone, other)
    )
    np.testing.assert_array_equal(here.own, there.own)
    np.testing.assert_array_equal(here.controls[OTHER_PERSON], there.controls[OTHER_PERSON])
    assert not np.array_equal(here.own, whole.own)
