"""Who is expected stands on the page where people are called; one click calls them."""

import re
from urllib.parse import quote

import pytest

from edge_runtime.station.asker import LIST
from edge_runtime.station.events import PersonCalled, PersonOpened
from tests.edge_runtime.station.camps import jpeg
from tests.edge_runtime.station.expecting import SOURCE, scheduled
from tests.edge_runtime.station.taking_in import wait_until
from tests.edge_runtime.station.web.listing import PEOPLE, codes, expects, listed
from tests.edge_runtime.station.web.served import served, words


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as opened:
        expects(opened, *PEOPLE)
        yield opened


def test_without_a_worklist_nothing_is_said(tmp_path):
    with served(tmp_path) as client:
        page, day = client.get("/"), client.get("/day")
        status, _, _ = client.ask("POST", "/ask-again", f"token={client.station.token}")
        refused, _, _ = client.post("expected", entry="x")
    assert 'id="expected"' not in page
    assert "Expected" not in day
    assert (status, refused) == (404, 400)


def test_the_page_says_who_is_expected_since_when_and_from_whom(client):
    page = client.get("/")
    assert listed(page) == [
        "08:00 P1 Núñez Ana 1950 Both eyes",
        "09:30 P2 Yamada Tarou (山田 太郎) Right eye",
        "11:00 P3 Lopez Eva Both eyes",
    ]
    said = words(page)
    assert "Expected today: 3 of 3 not photographed yet" in said
    assert re.search(rf"The list is of \d\d:\d\d, from {SOURCE}\.", said)


def test_a_click_calls_the_person_with_all_that_is_known(client):
    first = codes(client.get("/"))[0]
    status, headers, _ = client.post("expected", entry=first)
    assert status == 303
    camp = client.station.store.camp
    person = camp.people[camp.called]
    assert (person.given_id, person.name, person.birth_year) == ("P1", "Núñez Ana", 1950)
    page = client.get(headers["location"])
    assert "Called to the camera: P1 · Núñez Ana." in words(page)
    assert listed(page)[0] == "08:00 P1 Núñez Ana 1950 Both eyes at the camera now"
    client.post("expected", entry=codes(page)[1])
    assert listed(client.get("/"))[0].endswith("Both eyes called")
    history = words(client.get("/person/1"))
    assert (
        "The hospital's list has this person: P1, Núñez Ana, 1950, Both eyes."
        in history.replace("&#39;", "'")
    )


def test_undo_of_the_call_takes_all_of_it_back(client):
    client.post("expected", entry=codes(client.get("/"))[0])
    camp = client.station.store.camp
    client.post("undo", event=str(camp.history[-1].number))
    assert camp.called is None
    assert camp.people == {}
    assert camp.keys == {}
    assert listed(client.get("/"))[0] == "08:00 P1 Núñez Ana 1950 Both eyes"
    client.post("expected", entry=codes(client.get("/"))[0])
    assert len(camp.people) == 1


def test_the_undo_of_a_second_call_leaves_the_person(client):
    client.post("expected", entry=codes(client.get("/"))[0])
    client.post("call", given_id="K")
    client.post("expected", entry=codes(client.get("/"))[0])
    camp = client.station.store.camp
    client.post("undo", event=str(camp.history[-1].number))
    assert [each.given_id for each in camp.people.values()] == ["P1", "K"]


def test_undo_takes_back_what_the_list_said_of_who_was_here(client):
    client.station.store.happen(PersonOpened(1, "P1"), PersonCalled(1), PersonCalled(None))
    client.post("expected", entry=codes(client.get("/"))[0])
    camp = client.station.store.camp
    assert camp.people[1].name == "Núñez Ana"
    client.post("undo", event=str(camp.history[-1].number))
    assert (camp.called, camp.people[1].name, camp.people[1].given_id) == (None, "", "P1")


def test_who_is_photographed_leaves_the_list_and_is_found_by_typing(client, tmp_path):
    (tmp_path / "inbox" / "P2_OD.jpg").write_bytes(jpeg(1, size=(160, 200)))
    intake = client.station.intake

    def is_taken_in():
        intake.sweep()
        return client.station.store.camp.photos

    wait_until(is_taken_in)
    page = client.get("/")
    assert [each.split()[1] for each in listed(page)] == ["P1", "P3"]
    assert "2 of 3 not photographed yet" in words(page)
    assert listed(client.get("/?q=P2"))[0].endswith("Right eye photographed")
    day = client.get("/day")
    absent = words(f"<body{day.partition('Expected, not photographed')[2]}")
    assert "P1" in absent
    assert "P3" in absent
    assert "P2" not in absent.partition("The list is of")[0]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("p1", "P1"),
        ("nunez", "P1"),
        ("山田", "P2"),
        ("AP3", "P3"),
        ("lopez eva", "P3"),
        ("zz", None),
    ],
)
def test_the_list_is_narrowed_by_an_id_or_a_part_of_a_name(client, typed, found):
    page = client.get(f"/?q={quote(typed)}")
    assert [each.split()[1] for each in listed(page)] == ([found] if found else [])
    assert ("Nobody of the list has this number" in page) == (found is None)


def test_a_long_list_is_shown_in_part_and_says_how_to_find_the_rest(tmp_path):
    with served(tmp_path) as client:
        expects(client, *(scheduled(f"P{n}", f"Name {n}") for n in range(1000)))
        page = client.get("/")
        assert len(listed(page)) == 12
        assert "988 more: type a number" in page
        assert len(page) < 30_000
        assert listed(client.get("/?q=P777"))[0].split()[1] == "P777"


def test_a_list_that_failed_stays_and_the_try_is_said(client):
    client.station.asker._asked.trouble = (
        "nobody answers there; check the address, the port and the network"
    )
    client.station.asker.ask()
    page = client.get("/")
    assert len(listed(page)) == 3
    assert re.search(r"The try of \d\d:\d\d failed: nobody answers there; check", page)


def test_where_there_is_no_list_yet_nobody_reads_that_nobody_is_expected(tmp_path):
    with served(tmp_path) as client:
        expects(client, trouble="nobody answers there")
        said = words(client.get("/"))
        assert "Expected today: not known" in said
        assert "0 of 0" not in said


def test_ask_again_asks_and_needs_the_forms_token(client):
    asker = client.station.asker
    assert client.ask("POST", "/ask-again", "token=no")[0] == 403
    assert not asker._wake.is_set()
    assert client.ask("POST", "/ask-again", f"token={client.station.token}")[0] == 303
    assert asker._wake.is_set()


def test_who_isnt_on_the_list_any_more_is_said(client):
    first = codes(client.get("/"))[0]
    client.station.asker._asked.entries = ()
    client.station.asker.ask()
    status, _, page = client.post("expected", entry=first)
    assert status == 400
    assert "hospital&#39;s list any more" in page
    assert "It has nobody for today." in client.get("/")


def test_what_a_hospital_sends_is_text_on_every_page(tmp_path):
    evil = '<script>document.title="taken"</script>'
    with served(tmp_path) as client:
        expects(
            client, scheduled(evil, evil, what=evil, accession=evil, study_uid=evil, issuer=evil)
        )
        for entry in codes(client.get("/")):
            client.post("expected", entry=entry)
        for path in ("/", "/?q=script", "/worklist", "/day", "/person/1", "/slip/1"):
            assert "<script>document" not in client.get(path), path
        assert evil in client.station.store.camp.people[1].given_id


def test_an_open_page_hears_of_a_new_list(client):
    before = client.station.news()
    client.station.asker.ask()
    assert client.station.news() != before


def test_the_data_folder_stays_closed_to_others_with_a_list_in_it(client, tmp_path):
    assert (tmp_path / "data" / LIST).is_file()
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_who_was_called_and_left_stands_below_the_worklist_and_is_expected_still(client):
    client.post("expected", entry=codes(client.get("/"))[0])
    client.post("call", given_id="K")
    worklist = client.get("/worklist")
    assert "P1 · Núñez Ana" in worklist.partition('class="unseen"')[2]
    assert listed(client.get("/"))[0].endswith("called")
    assert isinstance(client.station.store.camp.history[0].event, PersonOpened)
