"""Eyes, repeats and copies are paired by what is known of photos, and by their content."""

import hashlib
from dataclasses import replace

import cv2
import numpy as np
import pytest
from make_fundus import draw_fundus

from calibration.explanations.consistency.pairs import (
    both_eyes,
    near_copies,
    repeated,
    same_bytes,
)
from edge_runtime.explain.landmarks import Landmarks
from tests.calibration.explanations.made_eyes import RIGHT, photo


def person(number, patient, eye, **changes):
    return replace(photo(number, Landmarks()), patient=patient, eye=eye, **changes)


def links(found):
    return list(zip(found.first.tolist(), found.second.tolist(), strict=True))


def test_each_person_gives_one_pair_of_eyes_the_right_one_first_and_the_left_one_to_mirror():
    photos = [
        person(0, "p", "left"), person(1, "p", "right"), person(2, "p", "right"),
        person(3, "q", "right"), person(4, None, "left"), person(5, None, "right"),
        person(6, "q", "left", source="elsewhere"), person(7, "r", None),
    ]  # fmt: skip
    found = both_eyes(photos)
    assert links(found) == [(1, 0)]
    assert found.mirrored.tolist() == [True]


def test_repeats_are_of_one_eye_of_one_person_and_not_the_same_file():
    photos = [
        person(0, "p", "left"), person(1, "p", "right"), person(2, "p", "left"),
        person(3, "p", "left", sha256=f"{0:064d}"), person(4, "p", "left"),
        person(5, None, "left"), person(6, None, "left"), person(7, "p", "left", source="other"),
    ]  # fmt: skip
    assert links(repeated(photos)) == [(0, 2), (2, 4)]
    assert links(same_bytes(photos)) == [(0, 3)]


def test_an_eye_whose_name_and_disc_disagree_is_paired_with_none_and_the_disc_tells_a_side_alone():
    by_name = person(0, "p", "right")
    doubtful = replace(person(1, "p", "left"), landmarks=RIGHT)
    assert links(both_eyes([by_name, doubtful])) == []
    assert links(repeated([by_name, doubtful, replace(doubtful, sha256="other")])) == []
    by_disc = replace(person(2, "p", None), landmarks=RIGHT)
    assert links(repeated([by_name, by_disc])) == [(0, 1)]


@pytest.fixture
def files(tmp_path):
    """Three eyes, the first mirrored and in lesser quality too; the third's file is another now."""
    eyes = [draw_fundus("diabetic_retinopathy", seed=seed, size=(480, 640)) for seed in (1, 2, 3)]
    pictures = {"a": eyes[0], "b": eyes[1], "c": eyes[2], "mirrored": eyes[0][:, ::-1]}
    photos = []
    for name, picture in pictures.items():
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.ascontiguousarray(picture[..., ::-1]))
        photos.append(tmp_path / f"{name}.png")
    quality = [cv2.IMWRITE_JPEG_QUALITY, 60]
    cv2.imwrite(str(tmp_path / "small.jpg"), np.ascontiguousarray(eyes[0][..., ::-1]), quality)
    photos.append(tmp_path / "small.jpg")
    found = [
        person(
            number, None, None, path=str(path), sha256=hashlib.sha256(path.read_bytes()).hexdigest()
        )
        for number, path in enumerate(photos)
    ]
    changed = np.ascontiguousarray(eyes[0][:, :, ::-1] // 2 + 20)
    cv2.imwrite(str(tmp_path / "c.png"), changed)
    return [*found, person(9, None, None, path=str(tmp_path / "gone.jpg"))]


def test_near_copies_are_found_by_content_and_told_where_they_are_mirrored(files):
    found, search = near_copies(files, cache=None, on_share=lambda label, share: None)
    joined = {frozenset(link) for link in links(found)}
    assert {name for link in joined for name in link} == {0, 3, 4}
    mirrored = dict(zip(links(found), found.mirrored.tolist(), strict=True))
    assert len(mirrored) == 2
    assert all(turned == (3 in link) for link, turned in mirrored.items())
    assert (search.searched, search.gone, search.repeated) == (4, 2, 0)


def test_near_copies_of_one_eye_of_one_person_are_counted_as_repeats(files):
    known = [replace(each, patient="p", eye="left", landmarks=Landmarks()) for each in files]
    _, search = near_copies(known, cache=None, on_share=lambda label, share: None)
    assert search.repeated == 2
