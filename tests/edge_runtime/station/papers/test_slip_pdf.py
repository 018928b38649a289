"""A slip as PDF says what the page says, on one page, whatever is to be said."""

import datetime
import gc
import re
import time
import warnings
from dataclasses import replace
from types import SimpleNamespace

import pytest

from edge_runtime.papers import letters
from edge_runtime.results.texts import LANGUAGES
from edge_runtime.station.events import PersonDescribed, PersonReferred
from edge_runtime.station.papers.receipt_pdf import receipt_pdf
from edge_runtime.station.papers.slip import slip_of
from edge_runtime.station.papers.slip_pdf import slip_pdf
from edge_runtime.station.web import clock
from edge_runtime.station.web.pages import receipt_page, slip_page
from tests.edge_runtime.papers.pdf_tools import (
    check,
    code_in,
    facts_of,
    needs_tools,
    picture_of,
    text_of,
)
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.papers.slips import much_is_said_of, person, station_of
from tests.edge_runtime.station.web.served import words

pytestmark = needs_tools


@pytest.fixture
def station(store, intake, classifier):
    return station_of(store, intake, classifier)


def both(station, number):
    slip = slip_of(station, number)
    return slip_pdf(slip, station.store.picture), receipt_pdf(slip)


def sentences(page):
    """Give what stands on a page between its tags, without the frame that all pages have."""
    article = re.search(r"<article.*?</article>", page, re.DOTALL)[0]
    texts = re.sub(r"<svg.*?</svg>", "", article, flags=re.DOTALL).split("<")
    said = (" ".join(each.rpartition(">")[2].split()) for each in texts)
    return [each.replace("&#39;", "'").replace("&#34;", '"') for each in said if each]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_paper_says_all_that_the_page_says(store, intake, classifier, language, tmp_path):
    station = station_of(store, intake, classifier, language)
    number = person(store)
    pages = slip_page(station, {}, number), receipt_page(station, {}, number)
    for pdf, page in zip(both(station, number), pages, strict=True):
        check(pdf, tmp_path)
        said, wanted = text_of(pdf), sentences(page)
        assert len(wanted) > 8
        unbroken = said.replace(" ", "")  # the code's line is broken where the paper ends
        assert [each for each in wanted if each.replace(" ", "") not in unbroken] == []
        assert station.texts.say("treatment") in said
        assert "1" * 12 in said  # the model of the record
        facts = facts_of(pdf)
        assert facts["Pages"].strip() == "1"
        assert facts["Title"].strip() == "K-17"
        assert f"({language})".encode() in pdf  # which readers aloud go by


def test_a_slip_is_a4_and_a_receipt_eighty_millimetres_wide(station):
    slip, receipt = both(station, person(station.store))
    assert "(A4)" in facts_of(slip)["Page size"]
    wide, high = map(float, re.findall(r"[\d.]+", facts_of(receipt)["Page size"])[:2])
    assert wide == pytest.approx(80 / 25.4 * 72, abs=0.1)
    assert high < 200 / 25.4 * 72
    assert len(slip) < 400_000
    assert len(receipt) < 100_000


def test_however_much_is_said_it_is_one_page_and_what_matters_is_whole(station, tmp_path):
    number = person(station.store)
    much_is_said_of(station.store, number)
    for pdf in both(station, number):
        check(pdf, tmp_path)
        assert facts_of(pdf)["Pages"].strip() == "1"
        assert len(pdf) < 400_000
        said = text_of(pdf)
        assert slip_of(station, number).notice in said
        assert "\u25b2 Refer" in said
        assert "\u2026" in said  # what was cut says so


def test_a_long_place_is_written_to_its_end(station):
    number = person(station.store)
    place = "National Institute of Ophthalmology, outpatients, second floor, room 214, ask for "
    station.store.happen(PersonReferred(number, f"{place}{'the retina clinic ' * 4}today", ""))
    for paper in both(station, number):
        said = " ".join(text_of(paper).split())
        assert f"{place}the retina clinic" in said
        assert "the retina clinic today" in said


def test_nothing_is_written_below_the_page(station, tmp_path):
    number = person(station.store)
    much_is_said_of(station.store, number)
    slip, _ = both(station, number)
    page = picture_of(slip, tmp_path, 72)
    assert page[-20:].min() > 250  # white: 7 mm of the margin
    assert page[:, -20:].min() > 250


def test_letters_get_smaller_and_texts_end_early_until_all_is_on_the_page(station, tmp_path):
    slip = slip_of(station, person(station.store))
    for count, is_whole in ((20, True), (60, False)):
        rows = [
            (f"label {each}", f"{each} " + "word " * 30 + "end", False) for each in range(count)
        ]
        eyes = [replace(eye, shown=replace(eye.shown, rows=rows)) for eye in slip.eyes]
        pdf = slip_pdf(replace(slip, eyes=eyes), station.store.picture)
        page = picture_of(pdf, tmp_path, 72)
        assert page[-20:].min() > 250
        said = text_of(pdf)
        assert f"label {count - 1} " in said
        assert ("\u2026" not in said) is is_whole
        assert slip.notice in said
        assert slip.blanks[-1][0] in said


def test_the_day_on_it_is_that_of_the_photographs_and_where_to_go_stands_there(
    station, monkeypatch
):
    number = person(station.store)
    station.store.happen(PersonReferred(number, "District hospital", "2024-06-01"))
    for pdf in both(station, number):
        said = text_of(pdf)
        assert "2024-05-17" in said  # of camps.WHEN, whenever the person came up
        assert "day=2024-05-17;" in slip_of(station, number).code
        assert "District hospital" in said
        assert "2024-06-01" in said


@pytest.mark.parametrize(
    ("called", "told"),
    [("Maria Lopez", "#1"), ("K", "#1"), ("", "#1"), ("K-17", "K-17"), ("٣", "٣")],
)
def test_a_number_without_a_digit_may_be_a_name_and_is_not_in_the_code(station, called, told):
    line = slip_of(station, person(station.store, called)).code
    assert f";id={told};" in line
    assert not called or called == told or called not in line.split(";")[1]


def test_lines_to_write_on_are_for_those_who_are_to_go_somewhere(station):
    store = station.store
    number = store.next_person()
    added(store, f"{number}_OD.jpg", 0.05)
    added(store, f"{number}_OS.jpg", 0.05, person=number)
    assert slip_of(station, number).blanks == []
    assert "Referred to" not in slip_page(station, {}, number)
    store.happen(PersonReferred(number, "District hospital", ""))
    assert ("Referred to", "District hospital") in slip_of(station, number).blanks
    assert len(slip_of(station, person(store, "K-2")).blanks) == 3


def test_where_little_is_said_pictures_fill_the_columns_of_the_sheet(station, tmp_path):
    number = person(station.store)
    slip, _ = both(station, number)
    page = picture_of(slip, tmp_path, 72)
    mm = page.shape[0] / 297
    dark = (page.max(axis=2) < 40).mean(axis=0) * 297  # of black frames, mm in each column
    assert (dark[int(10 * mm) : int(100 * mm)] > 8).mean() > 0.8
    below = (page.min(axis=(1, 2)) < 250).nonzero()[0].max() / mm
    assert below > 200


def test_the_code_on_the_paper_is_read_by_another_program(station, tmp_path):
    number = person(station.store, "K-17 \u00f1;=%")
    line = slip_of(station, number).code
    assert "id=K-17 \u00f1%3B%3D%25;" in line
    slip, receipt = both(station, number)
    assert code_in(picture_of(slip, tmp_path)) == line
    assert code_in(picture_of(receipt, tmp_path)) == line


def test_the_mark_is_told_by_sign_and_word_and_not_by_colour_alone(station):
    number = person(station.store)
    said = text_of(both(station, number)[1])
    assert "\u25b2 Refer" in said
    assert "\u21bb Take again" in said


def test_letters_that_no_font_has_are_named_and_not_passed_over(station, monkeypatch):
    monkeypatch.setattr(letters, "_FOLDERS", ())
    number = person(station.store, "\u738b 17")
    for pdf in both(station, number):
        said = text_of(pdf)
        assert "Not written, as no font of this computer has them: U+738B" in said
        assert "Or print the page instead." in said
        assert "\ufffd 17" in said


def test_names_of_other_scripts_are_written_where_the_system_has_their_fonts(station):
    name = "\u0905\u0928\u0940\u0924\u093e"
    if letters.lacking(name):
        pytest.skip("no font for Devanagari: apt install fonts-noto-core")
    number = person(station.store, name)
    slip, _ = both(station, number)
    assert "Not written" not in text_of(slip)
    assert b"Devanagari" in slip or b"FreeSans" in slip


def test_latin_with_marks_greek_and_cyrillic_need_no_font_of_the_system(station, monkeypatch):
    monkeypatch.setattr(letters, "_FOLDERS", ())
    number = person(station.store)
    name = "\u00dc\u00f1\u1ecd\u0301 \u0141\u017c \u0395\u03bb\u03ad\u03bd\u03b7 \u0416\u0443\u043a"
    station.store.happen(PersonDescribed(number, "K", name, None))
    said = text_of(both(station, number)[0])
    assert "Not written" not in said
    assert "\ufffd" not in said
    assert name.rsplit(maxsplit=1)[-1] in said


def test_the_same_slip_is_the_same_file_on_another_day_too(station, monkeypatch):
    number = person(station.store)
    before = both(station, number)

    class Later(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return super().now(tz) + datetime.timedelta(days=2)

    monkeypatch.setattr(clock, "datetime", SimpleNamespace(datetime=Later))
    time.sleep(1.1)  # a PDF says when it was made, to the second
    assert both(station, number) == before
    station.store.happen(PersonReferred(number, "Clinic", "2026-12-01"))
    assert both(station, number) != before


def test_no_font_stays_open(station):
    number = person(station.store)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        both(station, number)
        gc.collect()


def test_a_picture_that_is_gone_leaves_the_words(station):
    number = person(station.store)
    for told in station.store.camp.of(number):
        station.store.picture(told.photo.number, "photo").unlink()
    slip, _ = both(station, number)
    assert "glaucoma 90.0%" in text_of(slip)
    assert "K-17" in words(slip_page(station, {}, number))
