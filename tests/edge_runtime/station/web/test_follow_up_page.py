"""The page of referrals: who goes where and when, and whether they went."""

import re

import pytest
from msgspec.structs import replace

from edge_runtime.station.events import OperatorAtCamera, PersonReferred
from tests.edge_runtime.results.records import graded
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.web.served import served, words


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as client:
        for number, score in ((1, 0.9), (2, 0.8), (3, 0.1)):
            for eye in ("OD", "OS"):
                person = number if eye == "OS" else None
                added(client.station.store, f"{number}_{eye}.jpg", score, person=person)
        yield client


def test_who_is_to_be_referred_is_listed_and_those_first_whose_day_is_over(client):
    assert "2 people" in words(client.get("/follow-up"))
    client.post("refer", person="2", place="St. Lucy's", day="2024-05-18")
    client.post("consent", person="2", may_call="yes", contact="the school")
    page = client.get("/follow-up")
    assert re.findall(r"/person/(\d)#plan", page) == ["2", "1"]
    assert "Ask now St. Lucy&#39;s 2024-05-18 yes the school" in words(page)
    client.post("follow", person="2", came="no", note="no bus")
    assert "Didn't go" in words(client.get("/follow-up")).replace("&#39;", "'")
    assert re.findall(r"/person/(\d)#plan", client.get("/follow-up?show=unplanned")) == ["1"]


def test_what_was_planned_stands_on_the_persons_page_and_on_the_slip(client):
    client.post("refer", person="1", place="<i>A</i>", day="2026-01-02")
    for page in ("/person/1", "/slip/1", "/follow-up"):
        text = client.get(page)
        assert "&lt;i&gt;A&lt;/i&gt;" in text
        assert "<i>A" not in text
        assert "2026-01-02" in text
    assert 'option value="&lt;i&gt;A&lt;/i&gt;"' in client.get("/person/2")


def test_a_day_before_the_person_was_here_or_absurdly_far_isnt_taken(client):
    page = client.get("/person/1")
    assert 'name="day" type="date" min="2024-05-17" max="20' in page
    for day in ("2024-05-16", "0001-01-01", "9999-12-31"):
        status, _, answer = client.post("refer", person="1", place="A", day=day)
        assert status == 400
        assert "That day is before the person was here last, or more than two years" in answer
    assert client.station.store.camp.people[1].plan.day == ""


def test_a_day_that_was_told_stays_though_the_person_was_here_again_since(client):
    client.station.store.happen(PersonReferred(1, "A", "2024-05-10"))
    assert 'min="2024-05-10"' in client.get("/person/1")
    assert client.post("refer", person="1", place="B", day="2024-05-10")[0] == 303
    assert client.station.store.camp.people[1].plan[:2] == ("B", "2024-05-10")


def test_the_history_says_by_whom(client):
    client.post("operator", name="Asha")
    client.post("retake", photo="1", reason="lashes")
    assert client.station.store.camp.operator == "Asha"
    assert "Asha 1_OD.jpg was set aside, to take it again: lashes." in words(
        client.get("/person/1")
    ).replace("· ", "")
    assert client.station.store.camp.history[-2].event == OperatorAtCamera("Asha")


def test_an_eye_that_is_referred_and_likelier_healthy_than_not_isnt_called_normal(client):
    record = replace(graded("4_OD.jpg", 0.3), class_name="normal", confidence=0.7)
    number = added(client.station.store, "4_OD.jpg", record=record)
    assert client.station.store.camp.photos[number].class_name == "normal"
    assert client.station.store.camp.photos[number].group == "refer"
    for page in ("/person/4", "/slip/4"):
        assert "<strong>Not clearly normal</strong>" in client.get(page)
        assert "Likeliest alone normal 70.0%" in words(client.get(page))
        assert "<strong>normal" not in client.get(page)
