"""Papers say what is open of whose the photographs are, and which of two of one number it is."""

import pytest

from edge_runtime.results.texts import LANGUAGES
from edge_runtime.station.events import HintAnswered, PersonDescribed, PersonReferred
from edge_runtime.station.hints import Hints
from edge_runtime.station.papers.receipt_pdf import receipt_pdf
from edge_runtime.station.papers.slip import slip_of
from edge_runtime.station.papers.slip_pdf import slip_pdf
from edge_runtime.station.web.pages import receipt_page, slip_page
from tests.edge_runtime.papers.pdf_tools import facts_of, needs_tools, text_of
from tests.edge_runtime.station.papers.referring import referred
from tests.edge_runtime.station.papers.returns import FIRST, NEXT
from tests.edge_runtime.station.papers.slips import person, station_of
from tests.edge_runtime.station.web.served import words

OPEN = "Not answered yet at the station: a number that two people have."


def answer(store, number):
    store.happen(*(HintAnswered(number, each.key) for each in Hints(store.camp).of(number)))


@needs_tools
def test_all_papers_say_it_until_it_is_answered(store, intake, classifier):
    station = station_of(store, intake, classifier)
    number, _ = person(store, "K-17"), person(store, "K-17")
    for is_open in (True, False):
        slip = slip_of(station, number)
        papers = slip_pdf(slip, store.picture), receipt_pdf(slip)
        said = [text_of(each) for each in papers]
        said += [words(each(station, {}, number)) for each in (slip_page, receipt_page)]
        assert [OPEN in each for each in said] == [is_open] * 4
        assert [facts_of(each)["Pages"].strip() for each in papers] == ["1", "1"]
        answer(store, number)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_asked_again_at_a_further_visit_is_on_its_slip_alone(
    store, intake, classifier, monkeypatch, language
):
    camp = referred(store, intake, classifier, monkeypatch)
    camp.visit(0.1)
    station = station_of(store, intake, classifier, language)
    said = station.texts.say("hint.about.again")
    assert said in slip_of(station, 1).unanswered
    assert said in slip_of(station, 1, day=NEXT).unanswered
    assert slip_of(station, 1, day=FIRST).unanswered == ""


def test_how_many_photographs_it_is_about_is_said(store, intake, classifier, monkeypatch):
    camp = referred(store, intake, classifier, monkeypatch)
    for days in (1, 1):
        camp.turn(days)
        camp.visit(0.1)
    said = slip_of(camp.station, 1).unanswered
    assert "the same person as on an earlier day (2)" in said
    assert "(1)" not in said


@pytest.mark.parametrize("said", [HintAnswered(1, "again:1:x"), PersonReferred(1, "Town", NEXT)])
def test_a_slip_that_says_otherwise_is_a_later_one(store, intake, classifier, monkeypatch, said):
    camp = referred(store, intake, classifier, monkeypatch)
    before = slip_of(camp.station, 1).made
    store.happen(said)
    assert slip_of(camp.station, 1).made > before


@needs_tools
def test_two_of_one_number_and_day_are_told_apart_on_paper_and_in_the_code(
    store, intake, classifier
):
    station = station_of(store, intake, classifier)
    for number in [person(store, each) for each in ("K-17", "k 17")]:
        answer(store, number)
        slip, called = slip_of(station, number), store.camp.people[number].given_id
        assert f";id={called} (#{number});" in slip.code
        papers = [text_of(slip_pdf(slip, store.picture)), text_of(receipt_pdf(slip))]
        papers += [words(each(station, {}, number)) for each in (slip_page, receipt_page)]
        assert [each for each in papers if f"{called} (#{number})" not in each] == []


def test_whom_the_day_tells_apart_has_the_number_alone(store, intake, classifier, monkeypatch):
    camp = referred(store, intake, classifier, monkeypatch)
    camp.visit(0.9, person=2)
    store.happen(PersonDescribed(1, "7"), PersonDescribed(2, "7"))
    assert [slip_of(camp.station, number).title for number in (1, 2)] == ["7", "7"]
    assert ";id=7;" in slip_of(camp.station, 1).code
