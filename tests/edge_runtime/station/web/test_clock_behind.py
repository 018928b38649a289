"""A clock that was ahead once hides nobody, and is spoken of."""

from datetime import datetime, timedelta, timezone

import pytest

from edge_runtime.station import camp_store
from edge_runtime.station.days import chosen_day, days_of
from edge_runtime.station.events import (
    ComputerStarted,
    OperatorAtCamera,
    PersonCalled,
    PersonDescribed,
    Undone,
)
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.web.served import served, words


@pytest.fixture
def now():
    """The moment of the test: all tests together take longer than some clocks here are ahead."""
    return datetime.now(timezone.utc).astimezone()


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as client:
        yield client


def came(client, monkeypatch, called, moment):
    """Let somebody come while the clock says something."""
    store = client.station.store
    monkeypatch.setattr(camp_store, "now", lambda: moment)
    number = store.next_person()
    added(store, f"{called}.jpg", at=moment)
    store.happen(PersonDescribed(number, called))


def test_the_day_of_what_happened_last_is_shown_though_a_later_date_is_there(
    client, monkeypatch, now
):
    came(client, monkeypatch, "Future", now + timedelta(days=900))
    assert "Future" in client.get("/worklist")
    came(client, monkeypatch, "Today", now)
    page = client.get("/worklist")
    assert "Today" in page
    assert "Future" not in page
    assert f'value="{now:%Y-%m-%d}" selected' in client.get("/day")
    camp = client.station.store.camp
    ahead = f"{now + timedelta(days=900):%Y-%m-%d}"
    assert days_of(camp)[0] == ahead
    assert "Future" in client.get(f"/worklist?day={ahead}")
    assert chosen_day(camp, ahead) == ahead


def test_a_day_on_which_nobody_came_yet_isnt_chosen(client, monkeypatch, now):
    came(client, monkeypatch, "Yesterday", now - timedelta(days=1))
    monkeypatch.setattr(camp_store, "now", lambda: now)
    client.station.store.happen(OperatorAtCamera("Ana"))
    assert "Yesterday" in client.get("/worklist")


@pytest.mark.parametrize("page", ["/", "/worklist", "/day", "/files", "/settings", "/person/1"])
def test_each_page_says_that_entries_lie_ahead_of_the_clock(client, monkeypatch, page, now):
    ahead = now + timedelta(minutes=30)
    came(client, monkeypatch, "Future", ahead)
    came(client, monkeypatch, "Today", now)
    client.station.store.happen(Undone(1))  # which works the camp out anew
    sentence = f"but there are entries of {ahead:%Y-%m-%d %H:%M}."
    assert sentence in words(client.get(page))
    assert "Nothing is lost" in words(client.get(page))


def test_the_sentence_goes_after_an_hour_with_the_clock_as_it_is(client, monkeypatch, now):
    came(client, monkeypatch, "Future", now + timedelta(days=400))
    came(client, monkeypatch, "Once", now - timedelta(minutes=59))
    assert 'id="clock"' in client.get("/")
    came(client, monkeypatch, "Further", now + timedelta(days=401))
    assert 'id="clock"' in client.get("/")
    came(client, monkeypatch, "Since", now - timedelta(minutes=61))
    came(client, monkeypatch, "Today", now)
    assert 'id="clock"' not in client.get("/")


def test_a_clock_that_is_set_by_little_isnt_spoken_of(client, monkeypatch):
    came(client, monkeypatch, "Future", datetime.now(timezone.utc) + timedelta(minutes=4))
    elsewhere = timezone(timedelta(hours=9))  # later by its words, and not ahead
    came(client, monkeypatch, "Travelled", datetime.now(timezone.utc).astimezone(elsewhere))
    assert 'id="clock"' not in client.get("/")


@pytest.mark.parametrize("page", ["/", "/worklist", "/person/1"])
def test_each_page_asks_after_a_start_of_the_computer_whether_its_clock_is_right(
    client, monkeypatch, page, now
):
    came(client, monkeypatch, "P1", now)
    assert 'id="started"' not in client.get(page)
    client.station.store.happen(ComputerStarted())
    found = client.get(page)
    assert f"its clock says {datetime.now():%Y-%m-%d %H:}" in words(found)
    assert "Is that right?" in words(found)
    client.station.store.happen(PersonCalled(1))
    assert 'id="started"' not in client.get(page)


def test_two_visits_of_one_date_have_each_its_own_slip(client, monkeypatch, now):
    store = client.station.store
    monkeypatch.setattr(camp_store, "now", lambda: now)
    for path in ("1_OD.jpg", "1_OS.jpg"):
        added(store, path, person=None if path == "1_OD.jpg" else 1, at=now)
    store.happen(ComputerStarted())
    added(store, "2_OD.jpg", person=1, at=now)
    page, date = client.get("/person/1"), f"{now:%Y-%m-%d}"
    assert f"Only the photos of this visit count: {date} (2)." in words(page)
    assert f"Earlier visit, {date} " in words(page)
    assert f'href="/slip/1?day={date}.1"' in page
    assert f'id="visit-{date}.1"' in page
    first, last = client.get(f"/slip/1?day={date}.1"), client.get("/slip/1")
    assert "both eyes are below the threshold" in words(first)
    assert "both eyes are below the threshold" not in words(last)
    assert "One eye only" in words(client.get(f"/worklist?day={date}"))
