"""Where the list now has another name or birth year for an ID, the page asks who it is."""

import pytest

from tests.edge_runtime.station.camps import added_now
from tests.edge_runtime.station.expecting import scheduled
from tests.edge_runtime.station.web.listing import codes, expects, listed
from tests.edge_runtime.station.web.served import served, words
from tests.edge_runtime.station.web.test_hint_cards import press

SAID = "The hospital's list now has M3, Vega Irene, 1952; this page says M3 · Vega Iris."


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as opened:
        asker = expects(opened, scheduled("M3", "Vega Iris"))
        opened.post("expected", entry=codes(opened.get("/"))[0])
        added_now(opened.station.store, "IMG_1.jpg", person=1)
        asker._asked.entries = (scheduled("M3", "Vega Irene", year=1952),)
        asker.ask()
        yield opened


def said(client, page="/person/1"):
    return words(client.get(page)).replace("&#39;", "'")


def test_a_corrected_name_is_asked_about_and_taken_over_by_one_click(client):
    assert listed(client.get("/")) == ["10:15 M3 Vega Irene 1952 Both eyes"]
    for page in ("/", "/person/1", "/worklist"):
        assert SAID in said(client, page), page
    press(client, "/person/1", "Same person")
    camp = client.station.store.camp
    assert (camp.people[1].name, camp.people[1].birth_year) == ("Vega Irene", 1952)
    assert SAID not in said(client)
    assert listed(client.get("/")) == []  # she is photographed


def test_two_persons_stay_two_and_nobody_is_asked_again(client):
    press(client, "/person/1", "Two persons")
    assert SAID not in said(client)
    assert client.station.store.camp.people[1].name == "Vega Iris"
    client.post("expected", entry=codes(client.get("/"))[0])
    assert client.station.store.camp.called == 2
    assert client.station.store.camp.people[2].name == "Vega Irene"


def test_what_isnt_asked_cant_be_answered(client):
    entry = codes(client.get("/"))[0]
    assert client.post("listed", person="9", entry=entry)[0] == 400
    assert client.post("listed", person="1", entry="x")[0] == 400
    assert client.post("hint", person="1", key="listed:1:x")[0] == 400
    press(client, "/person/1", "Same person")
    assert client.post("listed", person="1", entry=entry)[0] == 400


def test_without_another_name_nothing_is_asked(client):
    client.station.asker._asked.entries = (scheduled("M3", "VEGA Iris", year=1952),)
    client.station.asker.ask()
    assert "hospital's list now" not in said(client)
    assert listed(client.get("/")) == []  # she is photographed


def test_undo_of_it_leaves_nothing_of_the_hospitals_patient(tmp_path):
    with served(tmp_path) as client:
        asker = expects(client)
        client.post("call", given_id="m 3")
        client.post("describe", person="1", given_id="m 3", name="Luna Luz", birth_year="")
        added_now(client.station.store, "IMG_1.jpg", person=1)
        asker._asked.entries = (scheduled("M3", "Vega Irene", year=1952),)
        asker.ask()
        before = client.station.store.camp.people[1]
        place = press(client, "/person/1", "Same person")
        known = client.station.store.camp.people[1]
        assert (known.given_id, known.name, known.patient_id) == ("M3", "Vega Irene", "M3")
        assert client.post("undo", event=place.partition("done=")[2])[0] == 303
        assert client.station.store.camp.people[1] == before
        assert "The hospital's list now has M3, Vega Irene, 1952" in said(client)
