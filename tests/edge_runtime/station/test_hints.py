"""What may be wrong with a person is hinted at, until somebody has answered it."""

import contextlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from make_fundus import draw_fundus

from edge_runtime.station.camera_look import CameraLook
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import (
    EyeTold,
    HintAnswered,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    PhotoAssigned,
    RetakeAsked,
    Undone,
)
from edge_runtime.station.hints import Hints, copies_in
from tests.edge_runtime.station.camps import WHEN, Told, jpeg
from tests.edge_runtime.station.taking_in import swept


@pytest.fixture
def told():
    return Told()


def take(told, path="1.jpg", score=0.1, *, person=1, after_s=0, **changed):
    """Let a photograph come, with what was measured of it and when it came."""
    number = told.take(path, score, person=person)
    arrived = (WHEN + timedelta(seconds=after_s)).isoformat()
    photo = msgspec.structs.replace(told.camp.photos[number], arrived=arrived, **changed)
    told.camp.photos[number] = photo
    known = told.camp.told[number]
    told.camp.told[number] = replace(known, photo=photo, eye=photo.eye)
    return number


def hints(told, person=1):
    return [each.key for each in Hints(told.camp).of(person)]


def test_who_has_the_same_number_is_hinted_at_on_both_sides_until_that_is_answered(told):
    told.happen(PersonOpened(1, "P-17"), PersonOpened(2, "p 17"), PersonOpened(3, ""),
                PersonOpened(4, ""))  # fmt: skip
    assert hints(told, 1) == hints(told, 2) == ["number:1:2"]
    assert hints(told, 3) == []  # nobody is called by nothing
    answered = told.happen(HintAnswered(2, "number:1:2"))
    assert hints(told, 1) == hints(told, 2) == []
    told.happen(Undone(answered))
    assert hints(told, 1) == ["number:1:2"]
    told.happen(PersonDescribed(2, "P-18"))
    assert hints(told, 1) == []


def test_a_copy_that_is_of_someone_else_or_of_the_other_eye_is_hinted_at(told):
    take(told, "1_OD.jpg")
    take(told, "1_OD_2.jpg", copies=(1,))
    assert hints(told) == []  # of the same eye twice harms nobody
    take(told, "1_OS.jpg", copies=(1,))
    take(told, "2_OD.jpg", person=2, copies=(1, 2))
    assert hints(told) == ["copy:3:1"]
    assert hints(told, 2) == ["copy:4:1", "copy:4:2"]
    told.happen(RetakeAsked(3), RetakeAsked(2))
    assert hints(told) == []
    assert hints(told, 2) == ["copy:4:1"]


def test_a_disc_that_lies_as_in_the_other_eye_is_hinted_at_until_the_operator_says_so(told):
    take(told, "1_OD.jpg", eye_by_disc="left", side_doubt="they disagree")
    take(told, "IMG_2.jpg", eye_by_disc="left")
    take(told, "2_OS.jpg", eye_by_disc="left", person=2)
    assert hints(told) == ["side:1:right"]
    told.happen(EyeTold(2, "right"))
    assert hints(told) == ["side:1:right", "side:2:right"]
    told.happen(EyeTold(1, "right"))  # name and operator against the disc
    assert hints(told) == ["side:2:right"]
    told.happen(EyeTold(1, "left"), EyeTold(2, "left"))
    assert hints(told) == hints(told, 2) == []


def test_whose_eye_was_told_otherwise_than_its_name_leads_to_the_one_of_the_other_name(told):
    take(told, "1_OD.jpg")
    take(told, "1_OS.jpg")
    take(told, "1_OD_2.jpg")
    take(told, "IMG_3.jpg")
    assert hints(told) == []
    told.happen(EyeTold(1, "left"))
    assert hints(told) == ["swapped:2"]
    at = told.happen(EyeTold(2, "right"))
    assert hints(told) == ["swapped:3"]  # which is named as the first one is
    told.happen(EyeTold(3, "left"))
    assert hints(told) == []
    told.happen(Undone(at), EyeTold(2, "left"))
    assert hints(told) == []


def test_two_swapped_names_of_which_both_discs_speak_are_asked_about_once_each(told):
    take(told, "1_OD.jpg", eye_by_disc="left", side_doubt="they disagree")
    take(told, "1_OS.jpg", eye_by_disc="right", side_doubt="they disagree")
    told.happen(EyeTold(1, "left"))
    assert hints(told) == ["side:2:left"]


def test_a_file_that_came_by_the_name_of_somebody_else_too_is_asked_about(intake, inbox, store):
    store.happen(PersonOpened(1, "K-001"), PersonCalled(1))
    (inbox / "IMG_1.jpg").write_bytes(jpeg(1))
    swept(intake)
    for name in ("IMG_1 (2).jpg", "K 001_OD.jpg", "P19_OD.jpg", "2/P19_OD.jpg", "105 Perez/1.jpg"):
        (inbox / name).parent.mkdir(exist_ok=True)
        (inbox / name).write_bytes(jpeg(1))
    swept(intake)
    swept(intake)
    keys = {each.key for each in Hints(store.camp).of(1) if each.kind == "named"}
    assert keys == {"named:1:p 19", "named:1:105 perez"}
    known = store.camp.files
    store.close()
    with contextlib.closing(CampStore(store.folder)) as opened:
        assert opened.camp.files == known


def test_a_folder_with_files_of_several_people_is_a_copy_and_nobody(intake, inbox, store):
    for number in (1, 2):
        for name in (f"P{number}_OD.jpg", f"copied/x{number}.jpg"):
            (inbox / name).parent.mkdir(exist_ok=True)
            (inbox / name).write_bytes(jpeg(number))
            swept(intake)
    assert set(store.camp.files.further) == {1, 2}
    kinds = {hint.kind for person in (1, 2) for hint in Hints(store.camp).of(person)}
    assert "named" not in kinds


def both_eyes(told):
    take(told, "IMG_1.jpg", eye_by_disc="right")
    take(told, "IMG_2.jpg", eye_by_disc="left", after_s=20)


def test_what_comes_late_to_a_person_with_both_eyes_may_be_the_next_ones(told):
    both_eyes(told)
    take(told, "IMG_3.jpg", eye_by_disc="left", after_s=40)
    assert hints(told) == []  # somebody wanted a better one
    take(told, "IMG_4.jpg", eye_by_disc="left", after_s=200)
    take(told, "1_OD.jpg", eye_by_disc="right", after_s=400)  # which says whose it is
    assert hints(told) == ["further:4"]


@pytest.mark.parametrize("eye", ["right", None])
def test_after_a_pause_it_may_be_the_next_ones_however_few_there_were(told, eye):
    take(told, "IMG_1.jpg", eye_by_disc=eye)
    take(told, "IMG_2.jpg", eye_by_disc="left", after_s=240)
    assert hints(told) == []
    take(told, "IMG_3.jpg", eye_by_disc="right", after_s=541)
    take(told, "IMG_4.jpg", eye_by_disc="left", after_s=560)
    assert hints(told) == ["further:3"]


def test_nobody_is_asked_about_a_photograph_that_was_asked_for_once(told):
    both_eyes(told)
    told.happen(RetakeAsked(1))  # the other one keeps its result
    take(told, "IMG_3.jpg", eye_by_disc="right", after_s=700)
    assert hints(told) == []
    take(told, "IMG_4.jpg", eye_by_disc="right", after_s=1100)
    assert hints(told) == ["further:4"]


def test_nobody_is_asked_about_whoever_is_called_again(told):
    told.happen(PersonCalled(1))
    both_eyes(told)
    told.happen(PersonCalled(2), PersonCalled(1))
    take(told, "IMG_3.jpg", eye_by_disc="right", after_s=700)
    assert hints(told) == []
    take(told, "IMG_4.jpg", eye_by_disc="right", after_s=900)
    assert hints(told) == ["further:4"]


def test_nobody_is_asked_about_who_was_called_again_or_has_to_come_again(told):
    take(told, "IMG_1.jpg", eye_by_disc="right")
    told.happen(PersonCalled(1))
    take(told, "IMG_2.jpg", eye_by_disc="left", after_s=600)
    told.happen(RetakeAsked(2))
    take(told, "IMG_3.jpg", eye_by_disc="left", after_s=1200)
    assert hints(told) == []


@pytest.mark.parametrize("eyes", [(None, "left"), ("right", None), (None, None)])
def test_an_eye_that_is_not_known_hides_no_next_person(told, eyes):
    for number, eye in enumerate(eyes, 1):
        take(told, f"IMG_{number}.jpg", eye_by_disc=eye, after_s=20 * number)
    take(told, "IMG_3.jpg", eye_by_disc="right", after_s=60)
    assert hints(told) == []
    take(told, "IMG_4.jpg", eye_by_disc="right", after_s=300)
    assert hints(told) == ["further:4"]


@pytest.mark.parametrize("event", [RetakeAsked(1), EyeTold(3, "right"), RetakeAsked(3)])
def test_a_photograph_that_was_asked_for_or_looked_at_is_not_hinted_at(told, event):
    both_eyes(told)
    take(told, "IMG_3.jpg", eye_by_disc="right", after_s=300)
    assert hints(told) == ["further:3"]
    told.happen(event)
    assert hints(told) == []


def test_the_cameras_clock_tells_what_came_late_where_a_card_brings_all_at_once(told):
    both_eyes(told)
    for number, minute in ((1, 30), (2, 31)):
        photo = msgspec.structs.replace(
            told.camp.photos[number], taken=f"2024-05-17T09:{minute}:00"
        )
        told.camp.told[number] = replace(told.camp.told[number], photo=photo)
    take(told, "IMG_3.jpg", eye_by_disc="left", after_s=21, taken="2024-05-17T09:40:00")
    assert hints(told) == ["further:3"]


def test_a_photograph_that_went_to_the_next_person_is_hinted_at_no_more(told):
    both_eyes(told)
    take(told, "IMG_3.jpg", eye_by_disc="left", after_s=200)
    told.happen(PersonOpened(2), PhotoAssigned(3, 2))
    assert hints(told) == hints(told, 2) == []


def test_a_copy_is_known_as_one_when_it_is_taken_in(intake, inbox, store):
    picture = np.ascontiguousarray(draw_fundus("normal", seed=5, size=(480, 640))[..., ::-1])
    cv2.imwrite(str(inbox / "1_OD.jpg"), picture)
    swept(intake)
    cv2.imwrite(str(inbox / "2_OD.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 60])
    cv2.imwrite(str(inbox / "3_OD.jpg"), draw_fundus("normal", seed=6, size=(480, 640))[..., ::-1])
    swept(intake)
    copies = {Path(each.path).stem: each.copies for each in store.camp.photos.values()}
    assert copies == {"1_OD": (), "2_OD": (1,), "3_OD": ()}


def test_of_a_picture_that_many_files_have_a_few_are_named(told):
    """Else what is known of them would grow by the square of their number."""
    look = CameraLook(0, 0, 0, 0, "f" * 64)
    for number in range(10):
        take(told, f"{number}.jpg", camera=look)
    assert copies_in(told.camp, look.print) == (1, 2, 3)


def test_a_file_named_as_somebody_else_alone_is_asked_about(told):
    told.happen(PersonOpened(1, "A1"), PersonOpened(2, "P45"), PersonOpened(3, "0045"))
    for path in ("P45.jpg", "p 45 (2).jpg", "P-45_3.jpg", "P45_I.jpg", "P45OD.jpg"):
        take(told, path)
    for path in ("0045.jpg", "IMG_0045.jpg", "A1.jpg", "P46.jpg", "P45 copy.jpg", "A1/P45.jpg"):
        take(told, path)
    assert hints(told) == [f"named_as:{photo}:2" for photo in range(1, 6)]
    assert hints(told, 2) == []
    told.happen(HintAnswered(1, "named_as:1:2"), RetakeAsked(2), PhotoAssigned(3, 2))
    assert hints(told) == ["named_as:4:2", "named_as:5:2"]
    assert hints(told, 2) == []


def test_of_several_of_the_number_in_a_files_name_the_last_one_is_asked_about(told):
    told.happen(PersonOpened(1, "A1"), PersonOpened(2, "P45"))
    take(told, "P45_OD.jpg", person=2)
    told.turn()
    told.happen(PersonOpened(3, "p-45"))
    take(told, "IMG_1.jpg", person=3)
    take(told, "P45.jpg")
    assert [each for each in hints(told) if each.startswith("named_as")] == ["named_as:3:3"]
