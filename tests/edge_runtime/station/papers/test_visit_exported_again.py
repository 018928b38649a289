"""A visit that is exported again is the same to a hospital as long as nothing was said of it."""

import hashlib

import pytest

from edge_runtime.station.another import another_than
from edge_runtime.station.events import (
    EyeTold,
    PersonDescribed,
    PhotoAssigned,
    ResultOverridden,
    Undone,
)
from edge_runtime.station.visits import return_of
from tests.edge_runtime.station.papers.exported_visits import MONDAY, TUESDAY, WEDNESDAY, Days


@pytest.fixture
def days(store, intake, classifier, monkeypatch):
    return Days(store, intake, classifier, monkeypatch)


def files(exported):
    """Give the hashes of what a hospital gets, and of the slip."""
    kinds = "dicom/*.dcm", "bundle.json", "slip.pdf"
    found = [each for kind in kinds for each in exported.folder.glob(f"*/{kind}")]
    return {
        each.relative_to(exported.folder).as_posix(): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in found
    }


def reports(files):
    return {name: each for name, each in files.items() if name.endswith(("report.dcm", ".json"))}


def test_what_is_said_of_a_later_visit_changes_nothing(days, store):
    days.come("5_OD.jpg", "5_OS.jpg")
    first = files(days.exported(MONDAY))
    assert len(first) > 4
    days.turn(TUESDAY)
    days.come("5_OD_2.jpg")
    store.happen(EyeTold(3, "right"), ResultOverridden(3, "refer", "it is worse"))
    days.turn(WEDNESDAY)
    (last,) = store.happen(EyeTold(3, None))
    store.happen(Undone(last.number))
    assert files(days.exported(MONDAY)) == first
    second = files(days.exported(TUESDAY))
    store.happen(ResultOverridden(1, "refer", "seen again"))  # of the first visit alone
    assert files(days.exported(TUESDAY)) == second == files(days.exported())
    assert reports(files(days.exported(MONDAY))).items().isdisjoint(first.items())


def test_who_turns_out_to_be_another_one_changes_nothing_of_whom_they_were_taken_for(days, store):
    days.come("1_OD.jpg")
    first = files(days.exported(MONDAY))
    days.turn(WEDNESDAY)
    days.come("1_OD_2.jpg")
    store.happen(*another_than(store.camp, 1, return_of(store.camp, 1), new=2))
    store.happen(ResultOverridden(2, "refer", "bad"))
    assert files(days.exported(MONDAY)) == first


def test_a_photo_that_is_taken_away_and_a_word_of_the_person_make_a_newer_report(days, store):
    days.come("5_OD.jpg", "5_OS.jpg", "6_OD.jpg")
    first = days.exported(MONDAY)
    days.turn(MONDAY, "15:00:00")
    store.happen(PhotoAssigned(2, 2))
    second = days.exported(MONDAY)
    days.turn(MONDAY, "16:00:00")
    store.happen(PersonDescribed(1, "5", "Ana"))
    third = days.exported(MONDAY)
    made = [each.people["0001-5"].objects["report.dcm"] for each in (first, second, third)]
    assert [each.ContentTime[:2] for each in made] == ["09", "15", "16"]
    assert len({each.SOPInstanceUID for each in made}) == 3
