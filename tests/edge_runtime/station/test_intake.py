"""Photographs from the inbox through the package's own model into the store."""

import contextlib
import os
import shutil
import time
from pathlib import Path

import cv2
import numpy as np

from edge_runtime.predict.record import GradedRecord, UngradableRecord
from edge_runtime.station.arrivals import GIVEN_UP, SETTLED
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import PeopleMerged, PersonCalled, PersonOpened
from edge_runtime.station.fresh import AT_ONCE
from edge_runtime.station.intake import OVERLAY, PHOTO, SMALL, Intake
from tests.conftest import EXAMPLE_PHOTO
from tests.edge_runtime.station.camps import Clock, jpeg
from tests.edge_runtime.station.taking_in import at_work, names, swept, wait_until


def test_a_photograph_comes_in_with_its_result_its_pictures_and_whose_it_is(intake, inbox, store):
    shutil.copy(EXAMPLE_PHOTO, inbox / "17_OD.jpg")
    before = EXAMPLE_PHOTO.read_bytes()
    swept(intake)
    (photo,) = store.camp.photos.values()
    record = store.record_of(1)
    assert isinstance(record, GradedRecord)
    assert (photo.path, photo.class_name) == ("17_OD.jpg", record.class_name)
    assert photo.group in ("refer", "no-referral")
    assert photo.eye_in_name == "right"
    assert photo.disc_seen
    assert store.camp.people[1].given_id == "17"
    assert store.camp.people[1].photos == (1,)
    for name in (PHOTO, OVERLAY, SMALL):
        assert cv2.imread(str(store.picture(1, name))) is not None
    assert (inbox / "17_OD.jpg").read_bytes() == before


def test_a_photograph_without_a_result_comes_in_too_and_has_no_overlay(intake, inbox, store):
    cv2.imwrite(str(inbox / "17_OD.png"), np.zeros((300, 300, 3), np.uint8))
    swept(intake)
    assert isinstance(store.record_of(1), UngradableRecord)
    assert store.camp.photos[1].group == "retake"
    assert store.picture(1, PHOTO).is_file()
    assert not store.picture(1, OVERLAY).exists()


def test_a_name_that_tells_the_number_of_someone_called_is_of_them(intake, inbox, store):
    store.happen(PersonOpened(1, "p17"), PersonCalled(1))
    store.happen(PersonOpened(2, "18", ("18", "")), PersonOpened(3, "19"), PersonOpened(4, "19"))
    for number, name in enumerate(("P17_OD.jpg", "18_OD.jpg", "19_OD.jpg")):
        (inbox / name).write_bytes(jpeg(number))
    swept(intake)
    assert store.camp.people[1].photos != ()
    assert store.camp.people[2].photos == ()  # that one is told by a folder
    assert store.camp.people[3].photos == store.camp.people[4].photos == ()  # nobody knows which


def test_spanish_words_for_the_eye_keep_a_file_from_the_person_who_is_called(intake, inbox, store):
    store.happen(PersonOpened(1, "60"), PersonCalled(1))
    given = ("P61 izquierdo", "P61 derecho", "P42-izq", "P42-der", "52izq", "P43 ojo izquierdo")
    for number, name in enumerate(given):
        (inbox / f"{name}.jpg").write_bytes(jpeg(number))
    swept(intake)
    assert store.camp.people[1].photos == ()
    people = {each.given_id: len(each.photos) for each in store.camp.people.values()}
    assert people == {"60": 0, "P61": 2, "P42": 2, "52": 1, "P43": 1}
    eyes = {each.path: each.eye_in_name for each in store.camp.photos.values()}
    assert eyes["P61 izquierdo.jpg"] == eyes["P42-izq.jpg"] == eyes["52izq.jpg"] == "left"
    assert eyes["P61 derecho.jpg"] == eyes["P42-der.jpg"] == "right"


def test_photographs_whose_names_tell_nobody_are_of_the_person_called(intake, inbox, store):
    store.happen(PersonOpened(1, "17"), PersonCalled(1))
    (inbox / "IMG_1.jpg").write_bytes(jpeg(1))
    (inbox / "18_OD.jpg").write_bytes(jpeg(2))
    swept(intake)
    store.happen(PersonCalled(None))
    (inbox / "IMG_2.jpg").write_bytes(jpeg(3))
    (inbox / "18_OS.jpg").write_bytes(jpeg(4))
    swept(intake)
    people = {
        person.given_id: [Path(each.photo.path).name for each in store.camp.of(person.number)]
        for person in store.camp.people.values()
    }
    assert people == {"17": ["IMG_1.jpg"], "18": ["18_OD.jpg", "18_OS.jpg"], "": ["IMG_2.jpg"]}


def test_a_photograph_is_of_whoever_sat_there_when_it_came_and_not_of_the_next_one(
    intake, inbox, store
):
    store.happen(PersonOpened(1, "17"), PersonOpened(2, "18"), PersonCalled(1))
    (inbox / "IMG_1.jpg").write_bytes(jpeg(1))
    intake.sweep()
    store.happen(PersonCalled(2))  # before the photograph is through
    (inbox / "IMG_2.jpg").write_bytes(jpeg(2))
    swept(intake)
    assert [store.camp.told[number].person for number in (1, 2)] == [1, 2]
    (inbox / "IMG_3.jpg").write_bytes(jpeg(3))
    intake.sweep()
    store.happen(PeopleMerged(2, 1, "one person"))
    swept(intake)
    assert store.camp.people[1].photos == (1, 2, 3)


def test_names_of_merged_persons_lead_to_the_one_that_they_are_now(intake, inbox, store):
    for number, name in enumerate(("17_OD.jpg", "17x_OD.jpg")):
        (inbox / name).write_bytes(jpeg(number))
    swept(intake)
    store.happen(PeopleMerged(2, 1, "a slip of the pen"))
    (inbox / "17x_OS.jpg").write_bytes(jpeg(3))
    swept(intake)
    assert store.camp.people.keys() == {1}
    assert store.camp.people[1].photos == (1, 2, 3)


def test_each_content_comes_in_once_by_whatever_names_and_when(intake, inbox, store):
    for name in ("a.jpg", "b.jpg"):
        (inbox / name).write_bytes(jpeg(1))
    swept(intake)
    intake.sweep()
    (inbox / "b.jpg").rename(inbox / "c.jpg")
    (inbox / "sub").mkdir()
    shutil.copy(inbox / "a.jpg", inbox / "sub" / "d.jpg")
    swept(intake)
    assert names(store) == ["a.jpg"]
    seen = {str(each.path): (each.photo, each.is_copy) for each in store.seen()}
    assert seen == {
        "a.jpg": (1, False), "b.jpg": (1, True), "c.jpg": (1, True), "sub/d.jpg": (1, True),
    }  # fmt: skip
    assert intake.arrivals.still_coming() == ()


def test_a_rewritten_file_is_a_further_photograph(intake, inbox, store):
    (inbox / "17_OD.jpg").write_bytes(jpeg(1))
    swept(intake)
    (inbox / "17_OD.jpg").write_bytes(jpeg(2))
    swept(intake)
    assert names(store) == ["17_OD.jpg", "17_OD.jpg"]
    assert store.camp.people[1].photos == (1, 2)


def test_after_a_restart_nothing_is_done_twice_and_what_came_meanwhile_is(
    intake, inbox, store, classifier, tmp_path
):
    (inbox / "a.jpg").write_bytes(jpeg(1))
    (inbox / os.fsdecode(b"Mu\xf1oz_OD.jpg")).write_bytes(jpeg(2))
    (inbox / "broken.jpg").write_bytes(jpeg(3)[:900])
    swept(intake)
    swept(intake, after_s=GIVEN_UP)
    camp, seen = store.camp, store.seen()
    store.close()
    (inbox / "new.jpg").write_bytes(jpeg(4))
    with contextlib.closing(CampStore(tmp_path / "data")) as again:
        further = Intake(inbox, again, classifier)
        further.arrivals.clock = Clock()
        assert further.arrivals.done == {str(each.path): each.stamp.packed for each in seen}
        swept(further)
        swept(further, after_s=GIVEN_UP)
        assert names(again) == [*(each.path for each in camp.photos.values()), "new.jpg"]
        assert len(again.seen()) == 4


def test_a_burst_comes_in_whole_some_at_each_sweep(intake, inbox, store):
    for number in range(20):
        (inbox / f"{number}_OD.jpg").write_bytes(jpeg(number, size=(120, 160)))
    swept(intake)
    assert len(store.camp.photos) == AT_ONCE
    for _ in range(2):
        intake.sweep()
    assert sorted(names(store)) == sorted(each.name for each in inbox.iterdir())


def test_it_runs_in_a_thread_until_it_is_stopped(inbox, store, classifier):
    intake = Intake(inbox, store, classifier)
    with at_work(intake):
        (inbox / "a.jpg").write_bytes(jpeg(1))
        wait_until(lambda: names(store) == ["a.jpg"])
    (inbox / "b.jpg").write_bytes(jpeg(2))
    time.sleep(2 * SETTLED)
    assert names(store) == ["a.jpg"]


def test_stopped_it_ends_after_the_photograph_that_it_is_at(intake, inbox, store):
    for number in range(5):
        (inbox / f"{number}.jpg").write_bytes(jpeg(number))
    store.watch(lambda: store.camp.photos and intake.stop())
    swept(intake)
    assert len(store.camp.photos) == 1
    assert len(intake.arrivals.still_coming()) == 4
