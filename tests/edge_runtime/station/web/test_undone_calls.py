"""A call that is undone leaves no patient's name, number or study on a photo that came by it."""

import pytest

from edge_runtime.station.events import PersonCalled, PersonOpened
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.expecting import scheduled
from tests.edge_runtime.station.web.listing import codes, expects, listed
from tests.edge_runtime.station.web.served import served


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as opened:
        expects(opened, scheduled("E1", "Ceros Ana", year=1950), scheduled("E2", "Diaz Eva"))
        yield opened


def call(client, code):
    client.post("expected", entry=code)
    return client.station.store.camp.history[-1].number


def test_a_photograph_that_came_by_a_slip_is_of_nobody_on_the_list_once_the_call_is_undone(client):
    store, code = client.station.store, codes(client.get("/"))[0]
    number = call(client, code)
    added(store, "IMG_1.jpg", person=1)
    client.post("undo", event=str(number))
    person = store.camp.people[1]
    assert person.photos == (1,)
    assert (person.given_id, person.name, person.birth_year) == ("", "", None)
    assert (person.patient_id, person.orders) == ("", ())
    assert listed(client.get("/"))[0] == "10:15 E1 Ceros Ana 1950 Both eyes"
    client.post("expected", entry=code)
    assert store.camp.called == 2
    assert store.camp.people[1].photos == (1,)


def test_what_an_operator_wrote_of_them_stays(client):
    number = call(client, codes(client.get("/"))[0])
    added(client.station.store, "IMG_1.jpg", person=1)
    client.post("describe", person="1", given_id="K", name="Luz")
    client.post("undo", event=str(number))
    person = client.station.store.camp.people[1]
    assert (person.given_id, person.name, person.orders) == ("K", "Luz", ())


def test_of_who_was_here_before_only_what_came_by_the_undone_call_is_another_persons(client):
    store, code = client.station.store, codes(client.get("/"))[0]
    call(client, code)
    added(store, "IMG_1.jpg", person=1)
    store.happen(PersonOpened(2, "K"), PersonCalled(2))
    number = call(client, code)
    added(store, "IMG_2.jpg", person=1)
    added(store, "E1_OD.jpg", person=1)
    client.post("undo", event=str(number))
    people = store.camp.people
    assert people[1].photos == (1, 3)
    assert people[1].name == "Ceros Ana"
    assert (people[3].photos, people[3].given_id, people[3].name) == ((2,), "", "")


def test_who_came_up_by_what_is_undone_on_their_own_page_leads_to_the_worklist(client):
    store = client.station.store
    added(store, "IMG_1_OD.jpg")
    client.post("assign", photo="1", given_id="31")
    number = store.camp.history[-1].number
    status, headers, _ = client.post("undo", event=str(number), back="/person/2")
    assert (status, headers["location"]) == (303, "/worklist")
    assert list(store.camp.people) == [1]
    _, headers, _ = client.post("undo", event=str(store.camp.history[-1].number), back="/person/1")
    assert headers["location"] == "/person/1"


def test_a_mistyped_call_that_is_noticed_later_is_undone_from_their_page(client):
    store = client.station.store
    client.post("call", given_id="71")
    number = store.camp.history[-1].number
    client.post("call", given_id="17")
    added(store, "IMG_1.jpg", person=2)
    button = f'<input type="hidden" name="event" value="{number}">'
    assert button in client.get("/person/1")
    assert f'name="event" value="{number + 2}"' not in client.get("/person/2")  # it has a photo
    _, headers, _ = client.post("undo", event=str(number), back="/person/1")
    assert headers["location"] == "/worklist"
    assert (list(store.camp.people), store.camp.called) == ([2], 2)
