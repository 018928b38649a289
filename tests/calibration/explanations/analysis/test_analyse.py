"""Average maps, zones, kinds and likeness of made-up eyes come out as they were made."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pytest

from calibration.errors import NoPhotoLeftError
from calibration.explanations.analysis.analyse import analyse
from calibration.explanations.analysis.averages import (
    average,
    densities,
    likeness_to_average,
    usable,
)
from calibration.explanations.analysis.concentration import entropy, half_area
from calibration.explanations.analysis.like_average import (
    MIDDLE,
    NOISE,
    OTHER_CLASS,
    other_class_table,
)
from calibration.explanations.analysis.page import analysis_page
from calibration.explanations.analysis.prototypes import kinds
from calibration.explanations.store.info import StoreInfo
from edge_runtime.explain.gradcam import inside_shares
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.explain.retina_frame import (
    DISC,
    FRAME_SIDE,
    REACH,
    brought_to,
    framed,
    to_frame,
)
from edge_runtime.photo.field import circle
from edge_runtime.system.codec import plain
from tests.calibration.explanations.made_eyes import CLASSES, RIGHT, explained, mirrored, spot
from train.metrics.intervals import Bootstrap

INFO = StoreInfo(
    form=1, version="1", created="2026-01-01T00:00:00+00:00", bundle="made",
    bundle_identity="0" * 64, model="int8", model_sha256="0" * 64, precision="int8", providers=(),
    gradients="exact", classes=CLASSES, input_size=(224, 224), map_size=(7, 7), features=8,
    max_pixels=1, split_seed=0,
)  # fmt: skip
FEW = Bootstrap(200, 0)


def moved(generator):
    """Shift a right eye's landmarks, as another gaze does."""
    x, y = generator.uniform(-0.3, 0.3, 2)
    (disc_x, disc_y), (fovea_x, fovea_y) = RIGHT.disc, RIGHT.fovea
    return Landmarks(
        (disc_x + x, disc_y + y), RIGHT.disc_diameter, 0.9, (fovea_x + x, fovea_y + y), "right"
    )


def at_disc(landmarks):
    return spot(*landmarks.disc)


def brightest(values):
    row, column = np.unravel_index(np.nanargmax(values), values.shape)
    return tuple(((np.array([column, row]) + 0.5) / FRAME_SIDE * 2 - 1) * REACH)


def test_a_left_eye_comes_to_what_its_mirrored_photo_comes_to():
    left, cam = mirrored(RIGHT), spot(0.4, -0.3)
    found = framed(cam[:, ::-1], to_frame(left))
    np.testing.assert_allclose(found, framed(cam, to_frame(RIGHT)), atol=1e-5)


def test_evidence_on_the_disc_comes_to_the_discs_place_whatever_the_gaze():
    generator = np.random.default_rng(5)
    for _ in range(10):
        eye = moved(generator)
        found = framed(spot(*eye.disc, size=29, width=0.1), to_frame(eye))
        assert np.hypot(*np.subtract(brightest(found), DISC)) < 0.1


def test_without_a_disc_or_a_side_there_is_no_common_frame():
    assert to_frame(Landmarks()) is None
    assert to_frame(Landmarks(disc=(0.5, 0.0), disc_diameter=0.25)) is None
    assert to_frame(Landmarks(disc=(0.5, 0.0), disc_diameter=0.25, eye="right")) is not None


def test_eyes_that_may_be_upside_down_or_of_the_other_side_arent_aligned():
    upside_down = replace(RIGHT, eye=None)
    assert to_frame(upside_down) is None
    named = explained([RIGHT, RIGHT, RIGHT], [at_disc(RIGHT)] * 3)
    first, second, third = named.photos
    photos = (first, replace(second, eye="left"), replace(third, eye=None))
    found = densities(replace(named, photos=photos))
    assert usable(found.aligned).tolist() == [True, False, True]
    assert usable(found.unaligned).all()


def test_alignment_brings_maps_together_that_gaze_and_side_part():
    generator = np.random.default_rng(1)
    eyes = [moved(generator) for _ in range(30)]
    eyes = [eye if i % 2 else mirrored(eye) for i, eye in enumerate(eyes)]
    found, _, maps = analyse(explained(eyes, [at_disc(eye) for eye in eyes]), INFO, bootstrap=FEW)
    ill = found.classes["ill"]
    like, by_chance = ill.like_average, ill.like_average_by_chance
    assert like.aligned.value > 0.9 > like.mirrored.value + 0.1
    assert like.mirrored.value > like.unaligned.value + 0.1
    assert like.alignment_gain.interval[0] > 0
    assert all(
        each.alignment_gain.interval[1] < 0 for each in by_chance.values() if each.aligned.photos
    )
    assert np.hypot(*np.subtract(brightest(maps["ill"].averages["all"]), DISC)) < 0.15


def test_averages_of_left_and_right_eyes_mirror_each_other():
    generator = np.random.default_rng(2)
    rights = [moved(generator) for _ in range(8)]
    cams = [spot(*generator.uniform(-0.5, 0.5, 2)) for _ in rights]
    right = explained(rights, cams)
    left = explained([mirrored(eye) for eye in rights], [cam[:, ::-1] for cam in cams])
    one, other = densities(right), densities(left)
    np.testing.assert_allclose(average(one.aligned), average(other.aligned), atol=1e-4)
    np.testing.assert_allclose(average(one.unaligned), average(other.unaligned)[:, ::-1], atol=1e-4)


@pytest.mark.parametrize("place", ["disc", "macula"])
def test_planted_evidence_is_found_in_its_zone(place):
    generator = np.random.default_rng(3)
    eyes = [moved(generator) for _ in range(12)]
    points = [eye.disc if place == "disc" else eye.fovea for eye in eyes]
    cams = [spot(*point, size=56, width=0.04) for point in points]
    found, _, _ = analyse(explained(eyes, cams), INFO, bootstrap=FEW)
    zones = found.classes["ill"].zones
    assert zones[place].share.value > 0.95
    assert zones[place].evenly < 0.3
    assert sum(row.share.value for row in zones.values()) == pytest.approx(1)


def test_random_evidence_lies_in_zones_by_their_area():
    generator = np.random.default_rng(4)
    eyes = [moved(generator) for _ in range(200)]
    inside = inside_shares(circle((112, 112)), (7, 7))
    cams = generator.random((200, 7, 7)).astype(np.float32) * inside
    found, _, _ = analyse(explained(eyes, cams), INFO, bootstrap=FEW)
    ill = found.classes["ill"]
    for row in ill.zones.values():
        assert row.share.value == pytest.approx(row.evenly, abs=0.02)
    assert abs(ill.like_average.aligned.value) < 0.25  # cells at the edge of the eye are dim in all


def two_classes(cams, *, tops):
    """Make eyes with maps of their own for each, of which the model calls some normal."""
    given = explained([RIGHT] * len(cams), cams)
    maps = np.repeat(np.asarray(cams, np.float32)[:, None], 2, axis=1)
    return replace(given, maps=maps, probabilities=np.eye(2, dtype=np.float32)[list(tops)])


def test_noise_is_as_like_its_average_as_maps_of_noise_are_by_chance():
    generator = np.random.default_rng(12)
    eyes = [moved(generator) for _ in range(120)]
    cams = generator.standard_normal((120, 7, 7)).astype(np.float32)
    found, _, _ = analyse(explained(eyes, cams), INFO, bootstrap=FEW)
    ill = found.classes["ill"]
    noise, middle = (ill.like_average_by_chance[name] for name in (NOISE, MIDDLE))
    for name in ("aligned", "mirrored", "unaligned", "alignment_gain"):
        low, high = getattr(ill.like_average, name).interval
        there = getattr(noise, name).interval
        assert low < there[1], name
        assert there[0] < high, name
    assert noise.aligned.interval[0] < 0.1
    assert middle.unaligned.interval[0] > 0.5 > ill.like_average.aligned.interval[1]
    assert middle.alignment_gain.interval[1] < 0  # what looks at one place is parted by alignment


def test_another_classes_average_is_as_like_where_both_look_at_one_place_and_else_not():
    tops = [0, 1] * 10
    both = two_classes([spot(0, 0)] * 20, tops=tops)
    parted = two_classes([spot(*(RIGHT.fovea if top else RIGHT.disc)) for top in tops], tops=tops)
    for given, alike in ((both, True), (parted, False)):
        entry = analyse(given, INFO, bootstrap=FEW)[0].classes["ill"]
        other = entry.like_average_by_chance[OTHER_CLASS].aligned
        assert entry.like_average.aligned.value > 0.99
        assert other.photos == 10
        assert (other.value > 0.99) is alike
        assert alike or other.value < 0.2
    alone = two_classes([spot(0, 0)] * 3, tops=[0, 0, 0])
    entry = analyse(alone, INFO, bootstrap=FEW)[0].classes["ill"]
    assert entry.like_average_by_chance[OTHER_CLASS].aligned.value is None


def test_no_person_is_in_another_classes_average_that_holds_one_of_their_photos():
    cams = [spot(*RIGHT.disc), spot(*RIGHT.fovea)] * 2
    given = two_classes(cams, tops=[0, 1, 0, 1])  # photos 0 and 1 are of one person, 2 and 3 too
    density = densities(given)
    without = given.taken(np.arange(2))
    assert np.isfinite(other_class_table(density, given)).all()
    assert np.isnan(other_class_table(densities(without), without)).all()


def test_where_all_photos_are_refused_a_sentence_says_so():
    given = explained([RIGHT] * 2, [spot(0, 0)] * 2, faults=["it is blurred", "it is dark"])
    with pytest.raises(NoPhotoLeftError, match=r"0\.jpg: it is blurred; 1\.jpg: it is dark"):
        analyse(given, INFO, bootstrap=FEW)
    with pytest.raises(NoPhotoLeftError, match="none was found"):
        analyse(given.taken(np.zeros(2, bool)), INFO, bootstrap=FEW)


def test_a_page_names_files_and_none_of_their_folders():
    given = explained([RIGHT] * 6, [spot(i / 10, 0) for i in range(6)])
    photos = tuple(replace(each, path=f"/of/Ana Diaz/{each.path}") for each in given.photos)
    page = analysis_page(*analyse(replace(given, photos=photos), INFO, bootstrap=FEW))
    assert "5.jpg" in page
    assert "Diaz" not in page


def test_kinds_of_many_maps_are_those_of_all_though_their_number_is_chosen_on_some(monkeypatch):
    monkeypatch.setattr("calibration.explanations.analysis.prototypes._SILHOUETTE_OF", 25)
    maps = [spot(*(RIGHT.disc if i % 3 else RIGHT.fovea), shift=(i / 1000, 0)) for i in range(60)]
    found = kinds(densities(explained([RIGHT] * 60, maps)).aligned, seed=0)
    assert [kind.photos for kind in found] == [40, 20]


def test_right_and_wrong_predictions_have_averages_of_their_own():
    labels = ["ill", "normal"] * 6
    cams = [spot(*RIGHT.disc) if label == "ill" else spot(*RIGHT.fovea) for label in labels]
    found, _, maps = analyse(explained([RIGHT] * 12, cams, labels=labels), INFO, bootstrap=FEW)
    assert (found.classes["ill"].right, found.classes["ill"].wrong) == (6, 6)
    averages = maps["ill"].averages
    assert brightest(averages["right"])[0] - brightest(averages["wrong"])[0] > 0.4


def test_a_photo_that_is_called_what_it_isnt_is_wrong_even_if_its_class_isnt_known():
    given = explained([RIGHT] * 3, [spot(0, 0)] * 3, labels=["ill", None, None])
    photos = *given.photos[:2], replace(given.photos[2], excluded="ill")
    found, _, maps = analyse(replace(given, photos=photos), INFO, bootstrap=FEW)
    ill = found.classes["ill"]
    assert (ill.photos, ill.right, ill.wrong) == (3, 1, 1)
    assert usable(maps["ill"].averages["wrong"][None]).all()


def test_two_kinds_of_maps_are_told_apart_and_one_isnt():
    generator = np.random.default_rng(6)
    two = [
        spot(*(RIGHT.disc if i % 3 else RIGHT.fovea), shift=generator.normal(0, 0.03, 2))
        for i in range(30)
    ]
    density = densities(explained([RIGHT] * 30, two))
    found = kinds(density.aligned, seed=0)
    assert [kind.photos for kind in found] == [20, 10]
    assert {index % 3 for index in found[1].prototypes} == {0}
    alike = densities(explained([RIGHT] * 5, two[:5]))
    assert [kind.photos for kind in kinds(alike.aligned, seed=0)] == [5]


def test_entropy_and_half_area_are_those_of_known_maps():
    one, even = np.zeros((7, 7), np.float32), np.ones((7, 7), np.float32)
    one[3, 3] = 2
    assert entropy(one) == 0
    assert half_area(one) == pytest.approx(0.5 / 49)
    assert entropy(even) == pytest.approx(1)
    assert half_area(even) == pytest.approx(0.5)
    assert np.isnan(entropy(-even))
    assert np.isnan(half_area(-even))


def test_refused_photos_are_left_out_and_maps_without_evidence_counted():
    cams = [at_disc(RIGHT), np.full((7, 7), -1, np.float32), at_disc(RIGHT)]
    given = explained([RIGHT, RIGHT, Landmarks()], cams, faults=[None, None, "it is blurred"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, kept, maps = analyse(given, INFO, bootstrap=FEW)
        page = analysis_page(found, kept, maps)
    assert (found.photos, found.refused) == (2, 1)
    assert found.classes["ill"].with_evidence == 1
    json.dumps(plain(found), allow_nan=False)
    assert "For research and education only" in page
    assert "its photographs are of 1 group" in page


def test_the_same_seed_gives_the_same_figures():
    generator = np.random.default_rng(8)
    cams = generator.random((40, 7, 7)).astype(np.float32)
    given = explained([RIGHT] * 40, cams)
    first, again = (plain(analyse(given, INFO, bootstrap=FEW)[0]) for _ in range(2))
    assert first == again


def test_a_lone_photo_is_like_no_average():
    density = densities(explained([RIGHT], [at_disc(RIGHT)]))
    assert np.isnan(likeness_to_average(density.aligned, np.zeros(1, np.intp))).all()


def test_the_average_that_a_photo_is_held_against_has_no_photo_of_its_person():
    cams = np.repeat(np.random.default_rng(10).random((12, 7, 7)), 2, axis=0)  # two of a person
    kept = explained([RIGHT] * 24, list(cams.astype(np.float32)))
    maps = densities(kept).aligned
    found = likeness_to_average(maps, kept.groups)
    assert found == pytest.approx(np.repeat(likeness_to_average(maps[::2], np.arange(12)), 2))
    assert (found < likeness_to_average(maps, np.arange(24))).all()  # which has the other photo
    one = np.zeros(24, np.intp)
    assert np.isnan(likeness_to_average(maps, one)).all()


def test_an_average_brought_back_to_an_eye_lies_where_its_evidence_does():
    generator = np.random.default_rng(6)
    for eye in [moved(generator) for _ in range(5)] + [mirrored(RIGHT)]:
        to = to_frame(eye)
        back = brought_to(framed(spot(*eye.disc, size=29, width=0.1), to), to, 56)
        row, column = np.unravel_index(np.nanargmax(back), back.shape)
        place = (np.array([column, row]) + 0.5) / 56 * 2 - 1
        assert np.hypot(*(place - eye.disc)) < 0.1
        assert np.isnan(back[0, 0])


def test_no_photo_is_among_the_most_and_the_least_alike_and_few_have_no_average_drawn():
    cams = np.random.default_rng(9).random((5, 7, 7)).astype(np.float32)
    given = explained([RIGHT] * 5, list(cams), labels=["ill"] * 3 + ["normal"] * 2)
    found, kept, maps = analyse(given, INFO, bootstrap=FEW)
    most, least = found.classes["ill"].most_alike, found.classes["ill"].least_alike
    assert len(most) == len(least) == 2
    assert not {each.photo for each in most} & {each.photo for each in least}
    page = analysis_page(found, kept, maps)
    assert "predicted rightly (3)" in page
    assert "says little: predicted wrongly (2)" in page
    assert "Average map, predicted wrongly" not in page


def test_a_kind_of_fewer_than_three_photos_has_no_average_drawn_and_that_is_said():
    few, more = (
        analysis_page(*analyse(explained([RIGHT] * count, [at_disc(RIGHT)] * count), INFO))
        for count in (2, 3)
    )
    said = "their average isn't drawn, as one of fewer than three says little"
    assert said in few
    assert 'alt="Map, average"' not in few
    assert said not in more
    assert 'alt="Map, average"' in more
