"""The pages say what the camp comes to, and forms change it."""

import html
import re
import threading
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from edge_runtime.photo.find import Stamp
from edge_runtime.results.texts import texts
from edge_runtime.station.events import PersonDescribed
from edge_runtime.station.web import pages
from tests.edge_runtime.results.records import graded, ungradable, unreadable
from tests.edge_runtime.station.camps import WHEN, added
from tests.edge_runtime.station.web.served import served, words


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as client:
        yield client


def test_an_empty_camp_says_what_to_do(client):
    assert "Photos that the camera writes into the inbox appear here" in words(client.get("/"))
    for page in ("/worklist", "/files", "/day", "/settings"):
        said = words(client.get(page))
        assert "not a validated diagnostic tool" in said


def test_the_newest_photograph_is_shown_with_its_person_and_what_to_do(client):
    added(client.station.store, "P1_OD.jpg", 0.1)
    added(client.station.store, "P2_OD.jpg", 0.9)
    said = words(client.get("/"))
    assert "Refer because of the right eye: the worse eye decides" in said
    assert "glaucoma 90.0%" in said
    assert "No photo of this eye." in said
    assert "P1_OD" not in said


def test_who_was_called_is_shown_though_another_photograph_came(client):
    client.post("call", given_id="K 7")
    added(client.station.store, "P1_OD.jpg", 0.9)
    said = words(client.get("/"))
    assert "K 7 at the camera now" in said
    assert "No photo yet" in said
    client.post("call", nobody="1")
    assert "K 7" not in words(client.get("/"))


def test_the_worklist_has_the_most_urgent_first_and_finds_by_number_and_by_advice(client):
    store = client.station.store
    for name, score in (("1_OD.jpg", 0.1), ("2_OD.jpg", 0.5), ("3_OD.jpg", 0.9)):
        added(store, name, score)
    for number in (1, 2, 3):
        store.happen(PersonDescribed(number, f"N{number}"))
    assert re.findall(r"<strong>(N\d)</strong>", client.get("/worklist?day=")) == ["N3", "N2", "N1"]
    assert re.findall(r"<strong>(N\d)</strong>", client.get("/worklist?q=n2")) == ["N2"]
    assert (
        re.findall(r"<strong>(N\d)</strong>", client.get("/worklist?day=&show=no-referral")) == []
    )
    assert re.findall(r"<strong>(N\d)</strong>", client.get("/worklist?day=&show=incomplete")) == [
        "N3", "N2", "N1",
    ]  # fmt: skip
    assert "Nobody here." in words(client.get("/worklist?q=%3Cb%3E"))


def test_what_was_decided_is_shown_and_can_be_undone(client):
    added(client.station.store, "P1_OD.jpg", 0.9)
    status, headers, _ = client.post("retake", photo="1", reason="lashes", back="/person/1")
    assert status == 303
    page = client.get(headers["location"])
    assert "P1_OD.jpg was set aside, to take it again: lashes." in words(page)
    assert "Take again no result yet for the right eye" in words(page)
    event, *elsewhere = re.findall(r'name="event" value="(\d+)"', page)
    assert elsewhere == [event, event]  # at the photograph, and in the history
    client.post("undo", event=event, back="/person/1")
    said = words(client.get("/person/1"))
    assert "Refer because of the right eye" in said
    assert "P1_OD.jpg was set aside, to take it again: lashes. (undone)" in said
    assert client.post("undo", event=event)[0] == 400


def test_a_form_that_cant_be_taken_is_answered_with_a_page_that_says_why(client):
    added(client.station.store, "P1_OD.jpg", 0.9)
    status, _, text = client.post("override", photo="1", decision="refer")
    assert status == 400
    assert "A reason is needed." in words(text)


def test_what_refers_is_set_aside_with_a_reason_alone_and_stays_on_page_and_paper(client):
    added(client.station.store, "P1_OD.jpg", 0.9)
    added(client.station.store, "P1_OS.jpg", 0.1, person=1)
    status, _, text = client.post("retake", photo="1")
    assert status == 400
    assert "A reason is needed." in words(text)
    assert client.post("retake", photo="2")[0] == 303  # of another one none is asked
    client.post("undo", event=str(client.station.store.camp.history[-1].number))
    client.post("retake", photo="1", reason="<b>lashes")
    added(client.station.store, "P1_OD_2.jpg", 0.1, person=1)
    for page in ("/person/1", "/slip/1"):
        said = html.unescape(words(client.get(page)))
        assert "No referral both eyes are below the threshold" in said
        assert "Set aside, said refer P1_OD.jpg: glaucoma 90.0%; <b>lashes" in said
    client.post("override", photo="2", decision="refer", reason="sees halos")
    assert client.post("retake", photo="2")[0] == 400  # the operator's own word likewise
    event = str(client.station.store.camp.told[1].by)
    client.post("undo", event=event)
    client.post("override", photo="1", decision="no-referral", reason="artefact")
    assert client.post("retake", photo="1")[0] == 400  # nor by a word before


def test_who_has_an_earlier_referral_due_stands_before_all_others_but_those_to_refer(client):
    store = client.station.store
    for name, score, person in (("A_OD", 0.9, None), ("A_OS", 0.1, 1)):
        added(store, f"{name}.jpg", score, person=person, at=WHEN - timedelta(days=1))
    for name, score, person in (("B_OD", 0.1, None), ("B_OS", 0.1, 2), ("C_OD", 0.9, None),
                                ("C_OS", 0.9, 3), ("A_OD", 0.1, 1), ("A_OS", 0.1, 1)):  # fmt: skip
        added(store, f"{name}_2.jpg", score, person=person)
    page = client.get("/worklist?day=2024-05-17")
    assert re.findall(r'<li><a href="/person/(\d)">', page) == ["3", "1", "2"]
    said = words(page)
    assert "◆ Earlier referral due Referred at the visit of 2024-05-16, and not told" in said
    assert "◆ Earlier referral due 1" in said  # the group's button
    assert "✓ No referral 1" in said
    due = client.get("/worklist?day=2024-05-17&show=due")
    assert re.findall(r'<li><a href="/person/(\d)">', due) == ["1"]
    for page in ("/slip/1", "/receipt/1", "/person/1"):
        text = client.get(page)
        assert '<span class="advice is-retake"><span aria-hidden="true">◆</span> Earlier' in text
        assert "this visit: No referral" in words(text)


def test_two_persons_become_one_and_the_page_leads_to_who_they_are_now(client):
    store = client.station.store
    added(store, "a_OD.jpg", 0.1)
    added(store, "b_OS.jpg", 0.1)
    store.happen(PersonDescribed(1, "A"), PersonDescribed(2, "B"))
    _, headers, _ = client.post("merge", person="2", given_id="A", reason="same name, two cards")
    assert headers["location"].startswith("/person/1?done=")
    assert "No referral both eyes are below the threshold" in words(client.get("/person/1"))
    for page, now in (
        ("/person/2", "/person/1"),
        ("/person/2.json", "/person/1.json"),
        ("/slip/2", "/slip/1"),
        ("/slip/2.pdf?language=es", "/slip/1.pdf?language=es"),
    ):
        status, headers, _ = client.ask("GET", page)  # an open page or a paper has the old number
        assert (status, headers["location"]) == (303, now)
    assert client.ask("GET", "/person/3")[0] == 404
    client.post("call", given_id="#2")
    assert client.station.store.camp.called == 1


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x>', "{{ 1234567*9 }}", "'; --"]
)
def test_hostile_names_are_shown_as_they_are(client, name):
    added(client.station.store, f"{name.replace('/', '')}_OD.jpg", 0.9)
    client.post("describe", person="1", given_id=name, name=name)
    for page in ("/", "/worklist", "/person/1", "/slip/1"):
        text = client.get(page)
        assert "<script>alert" not in text
        assert "<img src=x>" not in text
        assert "11111103" not in text or "{{" not in name
        assert name in words(text.replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'")
                             .replace("&#34;", '"')) or "<" in name  # fmt: skip


def test_files_that_are_no_photographs_are_listed_with_why(client):
    station = client.station
    added(station.store, "P1_OD.jpg", 0.1)
    record = unreadable("cut.jpg")
    station.store.see(
        station.intake.arrivals.inbox / "x", Stamp(1, 2), photo=None, fault=record.error
    )
    said = words(client.get("/files"))
    assert "Not read, and what to do" in said
    assert "truncated" in said


def test_the_day_counts_people_photographs_and_those_without_a_result(client):
    added(client.station.store, "P1_OD.jpg", 0.9)
    added(client.station.store, record=ungradable("P2_OD.jpg"))
    said = words(client.get("/day?day="))
    assert "2 people 2 photos" in said
    assert "2 1 50%" in said


def test_the_slip_names_the_model_and_leaves_room_for_the_referral(client):
    added(client.station.store, "P1_OD.jpg", 0.9)
    client.post("call", given_id="waits")
    said = words(client.get("/slip/1"))
    assert "No result here may decide on a treatment" in said
    assert "Referred to" in said
    own = client.station.classifier.bundle.identity[:12]
    assert "1" * 12 in said  # the one that gave the result, whichever runs now
    assert own not in said
    assert own in words(client.get("/slip/2"))


def test_the_pages_speak_the_chosen_language(tmp_path):
    with served(tmp_path, "es") as client:
        added(client.station.store, "P1_OD.jpg", 0.9)
        page = client.get("/")
    assert '<html lang="es">' in page
    assert "Derivar por el ojo derecho" in words(page)
    assert texts("es").say("disclaimer") in words(page)


def test_an_open_page_hears_of_each_change(client):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=20)
    connection.request("GET", "/events")
    answer = connection.getresponse()
    assert answer.getheader("content-type").startswith("text/event-stream")
    first = answer.readline()
    answer.readline()
    added(client.station.store, record=graded("P1_OD.jpg", 0.9))
    second = answer.readline()
    assert first.startswith(b"data: ")
    assert second.startswith(b"data: ")
    assert first != second
    connection.close()


def test_each_browser_reads_the_language_that_it_chose(client):
    added(client.station.store, "P1_OD.jpg", 0.9)
    form = urlencode({"token": client.station.token, "language": "es"})
    status, headers, _ = client.ask("POST", "/language", form)
    assert (status, headers["location"]) == (303, "/settings")
    cookie = headers["set-cookie"].partition(";")[0]
    assert "Derivar por el ojo derecho" in words(client.get("/", cookie=cookie))
    assert "Refer because of the right eye" in words(client.get("/"))
    assert "Refer because" in words(client.get("/", cookie="language=../etc"))
    _, _, text = client.ask("POST", "/do/retake", urlencode({"token": "x"}), cookie=cookie)
    assert "Eso no funcion" in text
    assert client.ask("POST", "/language", urlencode({"language": "es"}))[0] == 403


@pytest.mark.parametrize("page", ["/slip/1", "/person/1.json"])
def test_a_record_that_cant_be_read_is_a_sentence_on_a_page(client, page):
    added(client.station.store, "P1_OD.jpg", 0.9)
    with client.station.store.at_once() as ask:
        ask("UPDATE photos SET record = '{'")
    status, _, text = client.ask("GET", page)
    assert status == 500
    assert "camp.sqlite: can" in words(text)


def test_a_page_is_written_while_nothing_changes_in_the_camp(client, monkeypatch):
    added(client.station.store, "P1_OD.jpg", 0.9)
    asked, changed = threading.Event(), threading.Event()

    def change():
        asked.wait(10)
        client.station.store.happen(PersonDescribed(1, "late"))
        changed.set()

    real = pages.write_page

    def slowly(*arguments, **values):
        asked.set()
        assert not changed.wait(0.5)
        return real(*arguments, **values)

    monkeypatch.setattr(pages, "write_page", slowly)
    other = threading.Thread(target=change)
    other.start()
    assert "late" not in client.get("/person/1")
    other.join(10)
    assert changed.is_set()


def test_a_call_can_be_undone_however_much_came_since(client):
    _, headers, _ = client.post("call", given_id="K-17x")
    for number in range(12):
        added(client.station.store, f"P{number}_OD.jpg", 0.1)
    assert "Called to the camera: K-17x." in words(client.get(headers["location"]))
