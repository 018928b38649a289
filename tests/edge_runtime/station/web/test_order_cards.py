"""The pages ask for which of a hospital's orders photographs are, and one click answers."""

import pytest

from tests.edge_runtime.station.camps import added_now
from tests.edge_runtime.station.expecting import scheduled, today
from tests.edge_runtime.station.web.listing import codes, expects
from tests.edge_runtime.station.web.served import served, words
from tests.edge_runtime.station.web.test_hint_cards import press

RIGHT, LEFT = "10:15 · Right <eye> · OP · A1", "10:45 · OCT · OPT · A2"
ENTRIES = (
    scheduled("M3", "Vega Iris", accession="A1", study_uid="1.2.1", what="Right <eye>"),
    scheduled(
        "M3", "Vega Iris", accession="A2", study_uid="1.2.2", what="OCT", time="10:45",
        modality="OPT",
    ),
)  # fmt: skip


def asked():
    return f"The hospital's list has 2 orders for the visit of {today()}. These photos are for:"


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as opened:
        expects(opened, *ENTRIES)
        opened.post("expected", entry=codes(opened.get("/"))[0])
        yield opened


def said(client, page):
    told = words(client.get(page)).replace("&#39;", "'")
    return told.replace("&lt;", "<").replace("&gt;", ">")


def chosen(client):
    camp = client.station.store.camp
    return [[each.accession for each in event.orders] for event in camp.people[1].chosen]


def test_both_pages_ask_once_a_photograph_is_there_and_name_each_order(client):
    assert asked() not in said(client, "/person/1")
    added_now(client.station.store, "IMG_1.jpg", person=1)
    for page in ("/", "/person/1"):
        for each in (asked(), RIGHT, LEFT, "All of them, it is one visit", "None of them"):
            assert each in said(client, page), (page, each)
    assert asked() in said(client, "/worklist")


@pytest.mark.parametrize(
    ("button", "orders"),
    [(LEFT, ["A2"]), ("All of them, it is one visit", ["A1", "A2"]), ("None of them", [])],
)
def test_one_click_answers_and_the_page_of_the_person_says_it(client, button, orders):
    added_now(client.station.store, "IMG_1.jpg", person=1)
    press(client, "/", button.replace("<", "&lt;").replace(">", "&gt;"))
    assert chosen(client) == [orders]
    assert asked() not in said(client, "/")
    told = said(client, "/person/1")
    shown = {1: LEFT, 2: f"{RIGHT}; {LEFT}", 0: "None of them"}[len(orders)]
    assert f"These photos are for: {shown}" in told
    assert f"The photos of the visit of {today()} are for" in told  # what happened


def test_it_can_be_said_otherwise_on_the_persons_page_and_undone(client):
    added_now(client.station.store, "IMG_1.jpg", person=1)
    press(client, "/person/1", LEFT)
    press(client, "/person/1", "None of them")
    assert chosen(client) == [["A2"], []]
    for left in ([["A2"]], []):
        event = max(
            each.number
            for each in client.station.store.camp.history
            if each.number not in client.station.store.camp.undone()
            and type(each.event).__name__ == "OrdersChosen"
        )
        client.post("undo", event=str(event))
        assert chosen(client) == left
    assert asked() in said(client, "/person/1")


def test_an_order_that_comes_later_is_asked_about_once_on_the_page(client):
    added_now(client.station.store, "IMG_1.jpg", person=1)
    press(client, "/person/1", LEFT)
    assert said(client, "/person/1").count("None of them") == 1
    third = scheduled("M3", "Vega Iris", accession="A3", study_uid="1.2.3", time="10:50")
    client.station.asker._asked.entries = (*ENTRIES, third)
    client.station.asker.ask()
    client.post("expected", entry=codes(client.get("/?q=M3"))[0])
    assert "has 3 orders" in said(client, "/person/1")
    assert said(client, "/person/1").count("None of them") == 1


def test_what_isnt_on_the_list_cant_be_chosen(client):
    added_now(client.station.store, "IMG_1.jpg", person=1)
    assert client.post("orders", person="1", day=today(), choice="x")[0] == 400
    assert chosen(client) == []
