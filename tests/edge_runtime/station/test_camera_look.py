"""What is measured of a photograph follows the camera, and its print knows a copy."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from make_fundus import draw_fundus

from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.photo.decode import decode
from edge_runtime.photo.prepare import prepare_timed
from edge_runtime.station.camera_look import bits_apart, camera_look
from edge_runtime.station.camp_photo import CampPhoto
from edge_runtime.system.codec import from_line, to_line
from tests.edge_runtime.station.camps import made
from tests.edge_runtime.station.taking_in import swept


def look(picture, *, limits=QualityLimits(), **options):  # noqa: B008 - it is frozen
    data = cv2.imencode(".jpg", np.clip(picture, 0, 255).astype(np.uint8), **options)[1].tobytes()
    decoded = decode(data, path=Path("a.jpg"))
    return camera_look(prepare_timed(decoded, size=(224, 224), limits=limits, decode_ms=0))


@pytest.fixture(scope="module")
def picture():
    return draw_fundus("normal", seed=3, size=(480, 640))[..., ::-1].astype(np.float32)  # BGR


def test_each_measure_follows_what_was_changed_of_the_camera(picture):
    before = look(picture)
    assert look(cv2.GaussianBlur(picture, (0, 0), 5)).sharpness < before.sharpness - 0.1
    assert look(picture * 0.5).brightness == pytest.approx(before.brightness - 1, abs=0.1)
    assert look(picture * [0.5, 1, 1]).blue == pytest.approx(before.blue - 1, abs=0.2)
    assert look(picture * [1, 1, 0.5]).red == pytest.approx(before.red - 1, abs=0.2)
    assert abs(look(picture * 0.5).red - before.red) < 0.15  # less light is no other colour


def test_a_photograph_that_nothing_was_measured_of_has_no_look(picture):
    assert look(picture, limits=None) is None
    assert camera_look(None) is None
    assert look(np.zeros((300, 300, 3))) is None


def test_a_copy_that_was_written_anew_has_nearly_the_same_print_and_another_eye_has_not(picture):
    own = look(picture).print
    for copy in (cv2.resize(picture, None, fx=0.7, fy=0.7), picture * 0.8 + 5):
        assert bits_apart(own, look(copy).print) <= 10
    assert bits_apart(own, look(picture, params=[cv2.IMWRITE_JPEG_QUALITY, 50]).print) <= 10
    assert bits_apart(own, look(picture[:, ::-1]).print) > 40
    other = draw_fundus("normal", seed=4, size=(480, 640))[..., ::-1].astype(np.float32)
    assert bits_apart(own, look(other).print) > 20


def test_what_was_kept_before_there_were_looks_is_read_as_it_was():
    short = made(1)[1]
    line = to_line(short)
    assert "camera" in line
    old = line.replace(', "camera": null', "")
    assert old != line
    assert from_line(old, CampPhoto, named="a photograph") == short


def test_a_photograph_is_kept_with_its_look_ungradable_or_not(intake, inbox, store, picture):
    cv2.imwrite(str(inbox / "1_OD.png"), picture)
    cv2.imwrite(str(inbox / "2_OD.png"), cv2.GaussianBlur(picture, (0, 0), 12))
    swept(intake)
    sharp, blurred = (store.camp.photos[number] for number in (1, 2))
    assert (sharp.group, blurred.group) != ("retake", "no-referral")
    assert blurred.class_name is None
    assert blurred.camera.sharpness < sharp.camera.sharpness
