"""The worklist has whom somebody looks for, and nobody who is there by a slip of the finger."""

import re

import pytest

from edge_runtime.station.events import PersonDescribed
from tests.edge_runtime.station.camps import added, added_now
from tests.edge_runtime.station.web.served import served, words


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as client:
        yield client


def titles(client, asked=""):
    return re.findall(r"<strong>([^<]+)</strong>", client.get(f"/worklist{asked}"))


@pytest.mark.parametrize(
    ("search", "found"),
    [("munoz", "P-17"), ("p18", "P-18"), ("unal+ayse", "P-18"), ("%232", "P-18")],
)
def test_a_person_is_found_by_what_one_types_in_a_hurry(client, search, found):
    store = client.station.store
    for name in ("1_OD.jpg", "2_OD.jpg"):
        added(store, name)
    store.happen(PersonDescribed(1, "P-17", "Ana Muñoz"), PersonDescribed(2, "P-18", "Ayşe Ünal"))
    assert [each.partition(" ")[0] for each in titles(client, f"?q={search}")] == [found]


def test_who_was_called_by_mistake_is_named_below_the_list_and_found(client):
    added_now(client.station.store, "P1_OD.jpg", 0.9)
    client.post("call", given_id="K-17x")
    assert "K-17x" in titles(client)  # they sit before the camera
    client.post("call", given_id="K-17")
    page = client.get("/worklist")
    assert titles(client) == ["Person 1", "K-17"]
    assert "2 people" in words(page)
    assert "Called, and no photo came: K-17x" in words(page)
    assert titles(client, "?day=&show=waiting") == ["K-17x", "K-17"]
    assert titles(client, "?q=17x") == ["K-17x"]
    assert "2 people" in words(client.get("/day"))


def test_who_waits_and_of_whom_somebody_knows_stays_in_the_list(client):
    client.post("call", given_id="K-17")
    client.post("describe", person="1", given_id="K-17", name="Ana")
    client.post("call", given_id="K-18")
    assert titles(client) == ["K-17 · Ana", "K-18"]
    client.post("call", nobody="1")
    assert titles(client) == ["K-17 · Ana"]


def undo_of(client, answer):
    """Undo what a form made happen, as the page that follows offers it."""
    _, headers, _ = answer
    page = client.get(headers["location"])
    return client.post("undo", event=re.search(r'name="event" value="(\d+)"', page)[1])


def test_who_came_up_by_a_call_is_gone_with_it_when_it_is_undone(client):
    camp = client.station.store.camp
    client.post("call", given_id="K-17")
    undo_of(client, client.post("call", given_id="K-17x"))
    assert (set(camp.people), camp.called) == ({1}, 1)
    again = client.post("call", given_id="K-17x")  # as they are called in earnest
    client.post("describe", person="3", given_id="K-17x", name="Ana")
    undo_of(client, again)
    assert (set(camp.people), camp.called) == ({1, 3}, 1)


def test_a_call_of_someone_whose_photograph_came_is_undone_without_them(client):
    store = client.station.store
    answer = client.post("call", given_id="K-17")
    added(store, "a.jpg", person=1)
    undo_of(client, answer)
    assert store.camp.people[1].photos == (1,)


def test_who_came_up_for_a_photograph_is_gone_with_it_when_that_is_undone(client):
    store = client.station.store
    added(store, "a.jpg")
    undo_of(client, client.post("assign", photo="1", given_id="K-18", back="/person/1"))
    assert set(store.camp.people) == {1}
    assert store.camp.people[1].photos == (1,)
    answer = client.post("assign", photo="1", given_id="K-18", back="/person/1")
    added(store, "b.jpg", person=3)
    undo_of(client, answer)
    assert store.camp.people[3].photos == (2,)
