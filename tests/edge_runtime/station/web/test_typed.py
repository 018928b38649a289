"""What is typed or scanned calls who is meant by it alone; where two may be, the page asks."""

import pytest

from edge_runtime.station.events import PersonCalled, PersonOpened
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.expecting import scheduled
from tests.edge_runtime.station.web.listing import codes, expects, listed
from tests.edge_runtime.station.web.served import served, words

TWO = (
    scheduled("77", "Gomez Ana", issuer="HA", study_uid="1.2.1"),
    scheduled("77", "Lopez Luis", issuer="HB", study_uid="1.2.2"),
)


@pytest.fixture
def open_list(tmp_path):
    with served(tmp_path) as client:

        def opened(*entries):
            expects(client, *entries)
            return client

        yield opened


def asked(client, given):
    """Type what makes the page ask; gives the page and what its buttons say."""
    status, _, page = client.post("call", given_id=given, back="/")
    assert status == 400
    rows = page.partition('<ul class="expected">')[2].partition("</ul>")[0].split("<li>")[1:]
    return page, [words(f"<body{each}") for each in rows]


def called(client):
    camp = client.station.store.camp
    person = camp.people[camp.called]
    return person.given_id, person.name


def test_a_number_of_two_issuers_is_asked_about_whoever_is_here(open_list):
    client = open_list(*TWO)
    assert [each.split()[1] for each in listed(client.get("/"))] == ["HA/77", "HB/77"]
    page, rows = asked(client, "77")
    assert "Who sits before the camera?" in page
    assert rows == [
        "10:15 HA/77 Gomez Ana Both eyes",
        "10:15 HB/77 Lopez Luis Both eyes",
        "Somebody else: call a new person by 77",
    ]
    client.post("expected", entry=codes(page)[1])
    assert called(client) == ("77", "Lopez Luis")
    page, rows = asked(client, "77")
    assert rows[1].endswith("at the camera now")
    client.post("expected", entry=codes(page)[0])
    assert called(client) == ("77", "Gomez Ana")
    client.post("call", given_id="77", as_typed="1")
    assert called(client) == ("77", "")
    assert len(client.station.store.camp.people) == 3
    stages = [each.rpartition(" ")[2] for each in listed(client.get("/"))]
    assert stages == ["called", "called"]


def test_two_of_one_id_are_asked_about(open_list):
    client = open_list(
        scheduled("P1", "Ruiz Eva", year=1950), scheduled("P1", "Mora Juan", year=1981)
    )
    _, rows = asked(client, "p-1")
    assert [each.split()[2] for each in rows[:2]] == ["Ruiz", "Mora"]


def test_who_has_the_number_already_and_another_name_is_asked_about(open_list):
    client = open_list(scheduled("P1", "Ruiz Eva", year=1950))
    client.post("call", given_id="P1")
    client.station.asker._asked.entries = (scheduled("P1", "Mora Juan", year=1981),)
    client.station.asker.ask()
    page, rows = asked(client, "P1")
    assert len(rows) == 3
    assert "Mora Juan" in rows[0]
    assert "P1 · Ruiz Eva" in rows[1]
    client.post("call", given_id="#1")
    assert called(client) == ("P1", "Ruiz Eva")
    client.post("expected", entry=codes(page)[0])
    assert called(client) == ("P1", "Mora Juan")


def test_an_id_that_is_typed_as_it_is_written_is_that_one(open_list):
    client = open_list(scheduled("Q-9", "Sol Pia"), scheduled("Q9", "Luz Leo"))
    client.post("call", given_id="Q9")
    assert called(client) == ("Q9", "Luz Leo")
    stages = [each.endswith("at the camera now") for each in listed(client.get("/"))]
    assert sorted(stages) == [False, True]
    client.post("call", given_id="Q-9")
    assert called(client) == ("Q-9", "Sol Pia")
    asked(client, "q 9")


def test_who_was_called_by_another_spelling_is_called_as_the_hospital_writes_it(open_list):
    client = open_list(scheduled("Q-9", "Sol Pia"))
    client.station.store.happen(PersonOpened(1, "q9"), PersonCalled(1))
    client.post("expected", entry=codes(client.get("/"))[0])
    assert called(client) == ("Q-9", "Sol Pia")


def test_a_scanned_accession_number_calls_its_patient(open_list):
    client = open_list(
        scheduled("E5", "Uno Ana", accession="ACC555"), scheduled("E6", "Dos Ana", accession="E5")
    )
    client.post("call", given_id="ACC555")
    assert called(client) == ("E5", "Uno Ana")
    _, rows = asked(client, "E5")  # the one's ID, and the other's order
    assert len(rows) == 3


def test_a_part_of_a_name_is_asked_about(open_list):
    client = open_list(scheduled("E5", "Uno Ana"), scheduled("E6", "Dos Eva"))
    page, rows = asked(client, "uno ana")
    assert "Is this the person before the camera?" in page
    assert rows[0].startswith("10:15 E5 Uno Ana")
    client.post("call", given_id="uno ana", as_typed="1")
    assert called(client) == ("uno ana", "")
    client.post("call", given_id="Uno Ana")  # who is called so, here
    assert called(client) == ("uno ana", "")


def test_a_photograph_isnt_given_by_a_number_of_two(open_list):
    client = open_list(*TWO)
    client.post("expected", entry=codes(client.get("/"))[0])
    added(client.station.store, "IMG_1.jpg")
    assert client.post("assign", photo="1", given_id="77")[0] == 400
    assert client.post("assign", photo="1", given_id="#1")[0] == 303
