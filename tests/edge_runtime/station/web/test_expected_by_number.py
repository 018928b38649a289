"""Who is called by typing a number is who is expected by it, where that is one person."""

import pytest

from edge_runtime.station.events import PersonCalled, PersonExpected, PersonOpened
from tests.edge_runtime.station.expecting import scheduled
from tests.edge_runtime.station.web.listing import PEOPLE, codes, expects, listed
from tests.edge_runtime.station.web.served import served


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as opened:
        expects(opened, *PEOPLE)
        yield opened


@pytest.mark.parametrize("typed", ["P1", "p-1", "p 1"])
def test_who_is_called_by_typing_the_id_is_who_is_expected(client, typed):
    client.post("call", given_id=typed)
    camp = client.station.store.camp
    assert camp.people[camp.called].name == "Núñez Ana"
    client.post("expected", entry=codes(client.get("/"))[0])
    assert len(camp.people) == 1


def test_another_number_and_nobody_are_called_as_ever(client):
    for given in ("P9", "Zoe", "17"):
        client.post("call", given_id=given)
    client.post("call", given_id="P1", nobody="1")
    events = [each.event for each in client.station.store.camp.history]
    assert not any(isinstance(each, PersonExpected) for each in events)
    assert events[-1] == PersonCalled(None)


def test_the_number_of_a_page_is_no_id_of_who_is_expected(tmp_path):
    with served(tmp_path) as client:
        expects(client, scheduled("2", "Ana"))
        client.station.store.happen(PersonOpened(1, "x"), PersonOpened(2, "y"))
        client.post("call", given_id="#2")
        camp = client.station.store.camp
        assert (camp.called, camp.people[2].name) == (2, "")


def test_an_entry_without_an_id_shows_no_issuer_before_nothing(tmp_path):
    with served(tmp_path) as client:
        expects(
            client, *(scheduled("", name, issuer="H", accession=name) for name in ("Ana", "Eva"))
        )
        assert [each.split()[1] for each in listed(client.get("/"))] == ["Ana", "Eva"]
