"""Figures of perturbed photos say what was planted in them."""

import math

import cv2
import numpy as np
import pytest
from make_fundus import CLASSES, draw_fundus

from calibration.compare.similarity import MEASURES
from calibration.errors import NoPhotoLeftError
from calibration.explanations.explained import Explained, ExplainedPhoto
from calibration.explanations.known_photos import KnownPhoto
from calibration.explanations.published import to_json
from calibration.explanations.stability.chance_maps import chance_maps
from calibration.explanations.stability.noise_sensitivity import NoiseBall
from calibration.explanations.stability.shake import shake
from calibration.explanations.stability.shaken import ShakeOptions
from calibration.explanations.stability.stability import areas, closeness, summarise
from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.explain.landmarks import Landmarks
from tests.calibration.explanations.stability.toys import (
    SIZE,
    a_bar_in_the_frame,
    brightness_of_cells,
    toy,
)

#: Drawings are no photographs, so the gate stands open.
OPEN = QualityLimits(
    sharpness_max=9, sharpness_min=0, grain_max=9, detail_min=0, outline_max=99, even_max=1,
    white_max=1, reflex_max=1,
)  # fmt: skip
OPTIONS = ShakeOptions(("turn", "shift", "brightness", "cut-field"), NoiseBall(5, 3))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder, found = tmp_path_factory.mktemp("drawn"), []
    for number in range(5):
        path = folder / f"{number}.png"
        picture = draw_fundus(CLASSES[number % 4], seed=number, size=(480, 640))
        cv2.imwrite(str(path), picture[..., ::-1])
        found.append(KnownPhoto(path))
    return found


def measured(model, photos, options=OPTIONS):
    shaken = shake(model, photos, options=options, limits=OPEN)
    return shaken, summarise(shaken, model="toy", bundle=("toy", "0"), size=SIZE, options=options)


def kept(record, name, of="areas"):
    return getattr(record.perturbations[name], of)["pearson"].value


def test_a_map_that_follows_the_eye_is_kept_and_one_of_the_frame_isnt(drawn):
    _, follows = measured(toy(brightness_of_cells), drawn)
    _, stays = measured(toy(a_bar_in_the_frame), drawn)
    for name in ("turn", "shift"):
        assert kept(follows, name) > 0.9
        assert kept(follows, name) > kept(follows, name, "uncarried")
        assert kept(stays, name) < kept(stays, name, "uncarried") - 0.05
        assert kept(stays, name) < kept(follows, name)
        assert kept(follows, name, "followed") > 0.9
    assert kept(stays, "brightness") == pytest.approx(1)
    assert not follows.perturbations["brightness"].followed


def test_a_class_that_changes_counts_apart_from_maps(drawn):
    def dark_is_b(images):
        light = images.reshape(len(images), -1).mean(axis=1)
        return np.where(np.abs(light / light[0] - 1) > 0.15, 0.3, 0.9)

    # The untouched picture comes alone, so it is always the first of its batch; the others begin
    # with one that is turned by 2 degrees, whose light is the same.
    shaken, record = measured(toy(brightness_of_cells, first=dark_is_b), drawn)
    strengths = record.perturbations["brightness"].strengths
    assert [at.changed.value for at in strengths] == [0, 0, 1, 1, 1]
    assert strengths[4].probability_lost.value == pytest.approx(0.6, abs=1e-6)
    assert strengths[4].held["pearson"].value is None
    assert strengths[4].flipped["pearson"].value > 0.99  # of the first class, which it still is
    assert strengths[0].flipped["pearson"].photos == 0
    assert record.perturbations["brightness"].class_area.value == pytest.approx(0.5)
    assert (shaken.distances[:, 2, :, 0] > 0.99).all()


def test_the_same_seed_gives_the_same_figures(drawn):
    first, again = (to_json(measured(toy(brightness_of_cells), drawn[:2])[1]) for _ in range(2))
    assert first == again


def test_a_photo_is_drawn_for_alike_whatever_else_is_looked_at(drawn):
    alone = shake(toy(brightness_of_cells), drawn[1:2], options=OPTIONS, limits=OPEN)
    together = shake(toy(brightness_of_cells), drawn[:2], options=OPTIONS, limits=OPEN)
    np.testing.assert_array_equal(alone.maps[0], together.maps[1])


def test_photos_that_are_refused_or_unreadable_are_named(drawn, tmp_path):
    black, broken = tmp_path / "black.png", tmp_path / "broken.png"
    cv2.imwrite(str(black), np.zeros((300, 300, 3), np.uint8))
    broken.write_bytes(b"no picture")
    photos = [KnownPhoto(black), drawn[0], KnownPhoto(broken)]
    shaken = shake(toy(brightness_of_cells), photos, options=OPTIONS, limits=OPEN)
    assert [(each.path, each.unreadable) for each in shaken.left_out] == [
        (str(black), False), (str(broken), True)
    ]  # fmt: skip
    assert len(shaken.untouched.photos) == 1
    with pytest.raises(NoPhotoLeftError, match=r"no photo is left to .*: .*black\.png"):
        shake(toy(brightness_of_cells), [KnownPhoto(black)], options=OPTIONS, limits=OPEN)


def test_the_pictures_that_are_done_add_up(drawn):
    done = []
    shake(toy(brightness_of_cells), drawn[:2], options=OPTIONS, limits=OPEN, on_picture=done.append)
    assert sum(done) == 2 * OPTIONS.pictures == 2 * (1 + 4 * 5 + 3)


def test_areas_are_those_of_the_trapezoids():
    flat, falling = np.full((1, 5, 1), 0.5), np.linspace(0.8, 0, 5)[None, :, None]
    assert areas(np.ones((1, 5, 1))) == pytest.approx(1)
    assert areas(flat)[0, 0] == pytest.approx((0.75 + 4 * 0.5) / 5)
    assert areas(falling)[0, 0] == pytest.approx(0.5)
    assert np.isnan(areas(np.array([[[1], [1], [np.nan], [1], [1]]]))).all()


def test_closeness_is_0_to_1_of_every_measure():
    rows = np.array([[-0.5, 0.5, 0.5, 0.5, 0.25, 0.0, math.hypot(*SIZE)]])
    assert closeness(rows, size=SIZE).tolist() == [[0, 0.5, 0.5, 0.5, 0.75, 1, 0]]


def test_other_persons_photos_are_of_the_side_that_name_and_disc_tell_and_files_of_one_content_one(
    tmp_path,
):
    eyes = {"a_right": 1, "b": 2, "b_left": 3, "twin": 1}
    paths = []
    for name, seed in eyes.items():
        picture = draw_fundus("normal", seed=seed, size=(480, 640))[..., ::-1]
        paths.append(tmp_path / f"{name}.png")
        cv2.imwrite(str(paths[-1]), np.ascontiguousarray(picture))
    known = [KnownPhoto(path) for path in paths]
    found = shake(toy(brightness_of_cells), known, options=OPTIONS, limits=OPEN).untouched
    assert found.groups.tolist() == [0, 1, 2, 0]
    assert [photo.eye for photo in found.photos] == ["right", None, "left", None]
    by_disc = [photo.landmarks.eye for photo in found.photos]
    assert any(by_disc)
    for photo, disc in zip(found.photos, by_disc, strict=True):
        assert photo.side == (
            None if disc and photo.eye and disc != photo.eye else photo.eye or disc
        )


def test_random_maps_are_at_chance_and_a_twin_of_another_person_is_not():
    draw = np.random.default_rng(0)
    one = draw.normal(0, 1, (7, 7)).astype(np.float32)
    maps = np.tile(one, (200, 2, 1, 1))
    each = tuple(
        ExplainedPhoto("x", str(n), None, None, None, None, None, None, Landmarks())
        for n in range(200)
    )
    photos = Explained(
        ("a", "b"), each, maps, np.tile(np.float32([1, 0]), (200, 1)), np.zeros((200, 0))
    )
    found = chance_maps(photos, np.ones((200, 7, 7), np.float32), size=SIZE, seed=0)
    pearson = MEASURES.index("pearson")
    assert (
        abs(found.distances["random map"][:, pearson].mean()) < 0.03
    )  # 1 / sqrt(200 * 49) is 0.01
    assert found.others[..., pearson].min() == pytest.approx(1)
    assert found.relative.max() == 0
