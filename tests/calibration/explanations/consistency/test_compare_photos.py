"""Planted eyes that mirror each other are explained alike, and random maps as by chance."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.explanations.consistency.compare_photos import compare_photos, map_pairs
from calibration.explanations.consistency.pairs import PhotoPairs, both_eyes
from calibration.explanations.likeness import LEVEL, MORE
from calibration.explanations.map_pairs import OTHER_PERSON
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
        assert set(parts.agreeing.verdicts.values()) == {MORE}
        assert parts.differing.pairs == 0
    assert values(found.alignment_gain) == pytest.approx([0] * 7, abs=1e-5)
    assert all(pair.mirrored and pair.measures["pearson"] > 0.999 for pair in found.by_pair)


def test_random_maps_of_both_eyes_are_alike_as_by_chance():
    found = compare(persons(noise(1), noise(2)), bootstrap=Bootstrap(1000, 0))
    assert list(found.as_they_are.agreeing.verdicts.values()).count(LEVEL) >= 6
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


def test_eyes_without_a_frame_or_of_a_doubtful_side_arent_aligned_but_are_compared():
    eyes = [RIGHT, mirrored(RIGHT)] * 12
    kept = persons(noise(4, 12), noise(5, 12), eyes=eyes)
    photos = list(kept.photos)
    photos[1] = replace(photos[1], landmarks=Landmarks())
    photos[2] = replace(photos[2], landmarks=mirrored(RIGHT))  # the name says right
    found = compare(replace(kept, photos=tuple(photos)))
    assert found.as_they_are.agreeing.pairs == 12
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
