"""The page of the day counts, and says how the camera is and what to do about it."""

import re
from pathlib import Path

import msgspec
import numpy as np
import pytest

from edge_runtime.photo.find import Stamp
from edge_runtime.station.camera_look import CameraLook
from edge_runtime.station.days import days_of
from edge_runtime.station.events import (
    FollowedUp,
    OperatorAtCamera,
    PersonCalled,
    PersonOpened,
    PersonReferred,
    PhotoAssigned,
)
from edge_runtime.station.moment import in_words, now
from tests.edge_runtime.results.records import ungradable
from tests.edge_runtime.station.camps import added, added_now, content, made
from tests.edge_runtime.station.web.served import served, words


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as client:
        yield client


def a_day(store, *, change=(0, 0, 0, 0), people=10):
    """Put a day into a store: four hours of people, the last two of them changed."""
    generator = np.random.default_rng(0)
    for hour in range(4):
        for _ in range(people):
            values = generator.normal(size=4) + (np.array(change) if hour >= 2 else 0)
            look = CameraLook(*map(float, values), "0" * 64)
            name = f"{len(store.camp.photos)}.jpg"
            person = store.next_person()

            def make(number, name=name, hour=hour, look=look):
                record, short, pictures = made(number, name)
                at = f"2024-05-17T{9 + hour:02}:30:00.000+00:00"
                return record, msgspec.structs.replace(short, arrived=at, camera=look), pictures

            store.add(
                make, sha256=content(name, 0), path=name, stamp=Stamp(1, len(store.camp.photos)),
                events=lambda number, person=person: [
                    PersonOpened(person), PhotoAssigned(number, person),
                ],
            )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((-4, 0, 0, 0), "Since 11:00 the pictures are less sharp than in the first hour: clean"),
        ((0, -4, 0, 0), "Since 11:00 the pictures are darker than in the first hour"),
        ((0, 4, 0, 0), "Since 11:00 the pictures are brighter than in the first hour"),
        ((0, 0, 4, -4), "Since 11:00 the pictures have other colours than in the first hour"),
        ((0, 0, 0, 0), "The pictures are as they were in the first hour."),
    ],
)
def test_what_is_wrong_with_the_camera_is_said_once_with_what_to_do(client, change, said):
    a_day(client.station.store, change=change)
    page = client.get("/day?day=")
    assert words(page).count(said) == 1
    assert words(page).count("Since") == any(change)
    assert page.count("<polyline") == 3
    assert "style=" not in page


def test_of_few_people_it_says_that_it_cannot_tell_yet(client):
    a_day(client.station.store, people=1)
    assert "Too few people yet to tell" in words(client.get("/day?day="))


def test_a_camp_of_before_without_any_measure_says_nothing_of_the_camera(client):
    added(client.station.store, "P1_OD.jpg", 0.9)
    said = words(client.get("/day?day="))
    assert "The camera" not in said
    assert "By the hour" in said


def test_photographs_are_counted_by_who_was_at_the_camera_once_somebody_said_so(client):
    store = client.station.store
    added(store, "P1_OD.jpg", 0.9)
    assert "By who was at the camera" not in words(client.get("/day?day="))
    store.happen(OperatorAtCamera("Ana <b>"))
    added(store, "P2_OD.jpg", 0.9)
    added(store, record=ungradable("P3_OD.jpg"))
    page = client.get("/day?day=")
    said = words(page[page.index("<main") :].replace("<main", "<body"))
    assert "not said 1 0 0%" in said
    assert "Ana &lt;b&gt; 2 1 50%" in said


def test_the_last_day_is_shown_with_what_it_came_to_and_others_can_be_chosen(client):
    store = client.station.store
    added(store, "1_OD.jpg", 0.9)  # taken in on the day of the tests' photographs, opened today
    store.happen(PersonOpened(2, "waits"), PersonCalled(2))
    today, before = days_of(store.camp)
    for page in ("/day", "/worklist"):
        assert f"{page}?day={before}" in client.get(page)
    said = words(client.get("/day"))
    assert f"Day {today}" in said
    assert "1 person 0 photos" in said
    assert "1 … No photo yet 100%" in said  # what came before counts on its own day alone
    assert "1 person 1 photo 1 ▲ Refer 100%" in words(client.get(f"/day?day={before}"))
    assert "waits" in words(client.get("/worklist"))
    assert "waits" not in words(client.get(f"/worklist?day={before}"))
    assert "waits" in words(client.get(f"/worklist?day={before}&q=waits"))
    assert "waits" in words(client.get("/worklist?day="))


def test_the_day_counts_of_whom_an_earlier_referral_is_due_as_the_worklist_does(client):
    store, today = client.station.store, now().date().isoformat()
    for number in (1, 2):
        added(store, f"{number}_OD.jpg", 0.9)  # on the day of the tests' photographs
    for number in (1, 2):
        for eye in ("OD", "OS"):
            added_now(store, f"{number}_{eye}_2.jpg", 0.1, person=number)
    store.happen(PersonReferred(2, "City"), FollowedUp(2, True, "glasses"))
    for page in ("/day", "/worklist"):
        said = words(client.get(f"{page}?day={today}"))
        assert re.search(r"1 ◆ Earlier referral due 50%|Earlier referral due 1", said), said
        assert re.search(r"1 ✓ No referral 50%|No referral 1", said), said


def test_both_tables_are_there_to_be_kept(client):
    store = client.station.store
    added(store, "1_OD.jpg", 0.9)
    store.happen(PersonReferred(1, "City", "2099-01-01"))
    page = client.get("/day")
    for name, told in (("camp.csv", "1_OD.jpg"), ("referrals.csv", "2099-01-01")):
        assert f'href="/{name}" download' in page
        assert told in client.get(f"/{name}")


def test_a_camera_of_another_year_has_its_hours_on_the_day_on_which_its_photographs_came(client):
    store = client.station.store
    for name in ("1_OD.jpg", "2_OD.jpg"):
        person = store.next_person()

        def make(number, name=name):
            record, short, pictures = made(number, name)
            taken = "2015-01-01T09:00:00"
            short = msgspec.structs.replace(short, arrived=in_words(now()), taken=taken)
            return record, short, pictures

        store.add(
            make, sha256=content(name, 0), path=Path(name), stamp=Stamp(1, 2),
            events=lambda number, person=person: [
                PersonOpened(person), PhotoAssigned(number, person)
            ],
        )  # fmt: skip
    said = words(client.get("/day"))
    assert "2 photos" in said
    assert "2015-01-01 09:00 2 0 0%" in said
