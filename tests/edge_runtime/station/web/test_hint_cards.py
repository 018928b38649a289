"""A hint is one click from being mended, and another one from being undone."""

import html
import re
from pathlib import Path

import msgspec
import pytest

from edge_runtime.photo.find import Stamp
from edge_runtime.station.events import (
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    PhotoAssigned,
)
from tests.edge_runtime.station.camps import added, content, made
from tests.edge_runtime.station.web.served import served, words


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as client:
        yield client


def put(store, name, *, person=None, **changed):
    """Put a photograph in of which more is known."""
    new = store.next_person()

    def make(number):
        record, short, pictures = made(number, name)
        return record, msgspec.structs.replace(short, **changed), pictures

    opened = [PersonOpened(new)] if person is None else []
    return store.add(
        make, sha256=content(name, 0), path=name, stamp=Stamp(1, 1),
        events=lambda number: [*opened, PhotoAssigned(number, person or new)],
    )  # fmt: skip


def press(client, page, label):
    """Press a button of a page by what stands on it, and give where that leads."""
    forms = re.findall(r"<form[^>]*>.*?</form>", html.unescape(client.get(page)), re.DOTALL)
    form = next(each for each in forms if f"<button>{label}</button>" in each)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    kind = re.search(r'action="/do/(\w+)"', form)[1]
    status, headers, text = client.post(kind, **fields)
    assert status == 303, text
    return headers["location"]


def test_two_with_one_number_become_one_by_one_click_and_two_again_by_undo(client):
    store = client.station.store
    store.happen(PersonOpened(1, "P17", ("a", "p 17")), PersonOpened(2, "P17", ("b", "p 17")))
    added(store, "a/P17_OD.jpg", person=1)
    added(store, "b/P17_OS.jpg", person=2)
    said = "Somebody else has the number P17: P17 (#{}). Same person?"
    assert said.format(2) in words(client.get("/person/1"))
    assert said.format(1) in words(client.get("/person/2"))
    assert words(client.get("/worklist")).count("Somebody else has the number P17") == 2
    place = press(client, "/person/2", "Same person")
    assert place.startswith("/person/1?done=")
    assert store.camp.people[1].photos == (1, 2)
    assert "Somebody else" not in words(client.get("/person/1"))
    press(client, place, "Undo")
    assert set(store.camp.people) == {1, 2}


def test_why_two_became_one_is_said_in_the_language_of_whoever_reads(client):
    client.station.store.happen(PersonOpened(1, "P17"), PersonOpened(2, "P17"))
    press(client, "/person/2", "Same person")
    assert "the same number" in words(client.get("/person/1"))
    said = words(client.ask("GET", "/person/1", cookie="language=es")[2])
    assert "el mismo número" in said
    assert "the same number" not in said


def test_two_persons_stay_two_and_nobody_is_asked_again(client):
    client.station.store.happen(PersonOpened(1, "P17"), PersonOpened(2, "P17"))
    place = press(client, "/person/1", "Two persons")
    for page in ("/person/1", "/person/2", "/worklist?show=waiting"):
        assert "Somebody else" not in words(client.get(page))
    press(client, place, "Undo")
    assert "Somebody else" in words(client.get("/person/2"))


def test_a_wrong_eye_is_mended_by_one_click(client):
    store = client.station.store
    put(store, "1_OD.jpg", eye_by_disc="left", side_doubt="they disagree")
    said = words(client.get("/"))
    assert (
        "1_OD.jpg is said to be of the right eye, but the optic disc lies as in a left eye" in said
    )
    press(client, "/person/1", "It is the left eye")
    assert store.camp.told[1].eye == "left"
    assert "is said to be" not in words(client.get("/person/1"))


def test_a_copy_of_somebody_elses_photograph_leads_there_and_is_set_aside_by_one_click(client):
    store = client.station.store
    put(store, "1_OD.jpg")
    put(store, "2_OD.jpg", copies=(1,))
    page = client.get("/person/2")
    assert "2_OD.jpg looks like a copy of 1_OD.jpg, a photo of Person 1 (#1)." in words(page)
    assert '<a href="/person/1">Look at them</a>' in page
    press(client, "/person/2", "Set it aside")
    assert store.camp.told[2].decision == "retake"
    assert store.camp.told[2].why == "a copy of 1_OD.jpg"


def test_a_late_photograph_becomes_the_next_persons_by_one_click(client):
    store = client.station.store
    put(store, "IMG_1.jpg", eye_by_disc="right")
    put(store, "IMG_2.jpg", person=1, eye_by_disc="left")
    put(store, "IMG_3.jpg", person=1, eye_by_disc="left", arrived="2024-05-17T11:00:00.000+00:00")
    assert "when there were two results already. Is it the next person's?" in html.unescape(
        words(client.get("/"))
    )
    place = press(client, "/person/1", "Another person's")
    assert [each.photos for each in store.camp.people.values()] == [(1, 2), (3,)]
    press(client, place, "Undo")
    assert [each.photos for each in store.camp.people.values()] == [(1, 2, 3)]


def test_both_eyes_of_the_next_person_of_a_card_become_theirs_by_a_click_each(client):
    store = client.station.store
    put(store, "IMG_1.jpg", eye_by_disc="right")
    put(store, "IMG_2.jpg", person=1, eye_by_disc="left")
    for number, eye in enumerate(("right", "left", "right", "left"), 3):
        at = f"2024-05-17T1{number}:00:00.000+00:00"
        put(store, f"IMG_{number}.jpg", person=1, eye_by_disc=eye, arrived=at)
    press(client, "/person/1", "Another person's")
    press(client, "/person/1", "Of Person 2 (#2), too")
    assert "(#2), too" not in html.unescape(client.get("/person/1"))  # that eye is there
    press(client, "/person/1", "Another person's")
    press(client, "/person/1", "Of Person 3 (#3), too")
    assert [each.photos for each in store.camp.people.values()] == [(1, 2), (3, 4), (5, 6)]


@pytest.mark.parametrize("event", [PersonCalled(1), PersonDescribed(2, "P2")])
def test_no_other_person_is_offered_who_was_called_since_or_has_a_number(client, event):
    store = client.station.store
    for number, eye in enumerate(("right", "left", "right"), 1):
        at = f"2024-05-17T11:0{3 * number - 2}:00.000+00:00"
        person = 1 if number > 1 else None
        put(store, f"IMG_{number}.jpg", person=person, eye_by_disc=eye, arrived=at)
    press(client, "/person/1", "Another person's")
    store.happen(event)
    for number, minute in ((4, "00"), (5, "10")):
        at = f"2024-05-17T19:{minute}:00.000+00:00"
        put(store, f"IMG_{number}.jpg", person=1, eye_by_disc="left", arrived=at)
    page = html.unescape(client.get("/person/1"))
    assert "Another person's" in page
    assert ", too" not in page


def test_a_hint_that_is_not_there_cannot_be_answered(client):
    client.station.store.happen(PersonOpened(1, "P17"))
    for key in ("number:1:2", "", "x" * 5000, "<script>"):
        assert client.post("hint", person="1", key=key)[0] == 400


def test_a_number_of_another_day_is_another_person_by_one_click_and_the_same_by_another(client):
    store = client.station.store
    put(store, "K-3_OD.jpg", arrived="2024-05-16T09:00:00.000+00:00")
    put(store, "K-3_OS.jpg", person=1, arrived="2024-05-17T09:00:00.000+00:00")
    said = "Person 1 was here on 2024-05-16. Same person?"
    for page in ("/", "/person/1"):
        assert said in words(client.get(page))
    assert words(client.get("/worklist?day=2024-05-17")).count(said) == 1
    place = press(client, "/person/1", "Another person")
    assert place.startswith("/person/2?done=")
    assert [each.photos for each in store.camp.people.values()] == [(1,), (2,)]
    press(client, place, "Undo")
    assert [each.photos for each in store.camp.people.values()] == [(1, 2)]
    press(client, "/", "Same person, a new visit")
    assert said not in words(client.get("/person/1"))


def test_a_photograph_that_was_given_to_another_is_told_of_both_and_can_be_taken_back(client):
    store = client.station.store
    put(store, "1_OD.jpg")
    put(store, "2_OD.jpg")
    client.post("assign", photo="1", given_id="#2")
    for page in ("/person/1", "/person/2"):
        assert "1_OD.jpg was given to person #2." in words(client.get(page))
    press(client, "/person/1", "Undo")
    assert [each.photos for each in store.camp.people.values()] == [(1,), (2,)]
    assert "<button>Undo</button>" not in client.get("/person/2")


def test_a_file_that_came_by_another_name_too_goes_to_whom_it_names_by_one_click(client):
    store = client.station.store
    put(store, "K-001_OD.jpg")
    store.see(Path("P19_OD.jpg"), Stamp(1, 2), photo=1, fault=None)
    said = "P19_OD.jpg is the same file as K-001_OD.jpg. Whose is it?"
    assert said in words(client.get("/"))
    assert said in words(client.get("/worklist"))
    place = press(client, "/", "It is of P19")
    assert [each.photos for each in store.camp.people.values()] == [(), (1,)]
    assert store.camp.people[2].given_id == "P19"
    assert said not in words(client.get("/person/2"))
    press(client, place, "Undo")
    press(client, "/", "It is of Person 1")
    assert [each.photos for each in store.camp.people.values()] == [(1,)]
    assert said not in words(client.get("/"))


def test_swapped_names_are_put_right_by_two_clicks(client):
    store = client.station.store
    put(store, "18_OD.jpg", eye_by_disc="left", side_doubt="they disagree")
    put(store, "18_OS.jpg", person=1)
    press(client, "/", "It is the left eye")
    said = "18_OD.jpg is of the left eye, other than its name says. Which eye is 18_OS.jpg of?"
    assert said in words(client.get("/"))
    press(client, "/", "It is the right eye")
    assert [store.camp.told[each].eye for each in (1, 2)] == ["left", "right"]
    assert said not in words(client.get("/"))


def test_a_file_named_as_somebody_else_is_theirs_by_one_click(client):
    store = client.station.store
    store.happen(PersonOpened(1, "A1"), PersonOpened(2, "P45"))
    put(store, "P45.jpg", person=1)
    said = html.unescape(words(client.get("/person/1")))
    assert "P45.jpg is with A1; the file's name says P45 (#2). Whose is it?" in said
    press(client, "/person/1", "It is of P45")
    assert store.camp.people[2].photos == (1,)
    assert "Whose is it?" not in words(client.get("/person/1")) + words(client.get("/person/2"))


def test_a_file_named_as_somebody_else_stays_where_it_is_by_one_click(client):
    store = client.station.store
    store.happen(PersonOpened(1, "A1"), PersonOpened(2, "P45"))
    put(store, "P45.jpg", person=1)
    press(client, "/person/1", "It is of A1")
    assert store.camp.people[1].photos == (1,)
    assert "Whose is it?" not in words(client.get("/person/1"))


def test_the_first_questions_stand_open_and_the_others_behind_a_line(client):
    store = client.station.store
    put(store, "IMG_1.jpg", eye_by_disc="right")
    put(store, "IMG_2.jpg", person=1, eye_by_disc="left")
    for number in range(3, 8):
        at = f"2024-05-17T1{number}:00:00.000+00:00"
        put(store, f"IMG_{number}.jpg", person=1, eye_by_disc="left", arrived=at)
    page = html.unescape(client.get("/person/1"))
    shown, _, behind = page.partition("2 more questions")
    assert [each.count("when there were two results already") for each in (shown, behind)] == [3, 2]
    press(client, "/person/1", "This person's")
    press(client, "/person/1", "This person's")
    assert "more question" not in client.get("/person/1")
