"""The code on the page as a browser shows it, and pages printed by it."""

import base64

import cv2
import numpy as np
import pytest
from selenium.webdriver.common.by import By

from edge_runtime.results.texts import LANGUAGES
from edge_runtime.station.events import (
    ConsentTold,
    PersonDescribed,
    PersonReferred,
    ResultOverridden,
)
from edge_runtime.station.open_log import logged
from edge_runtime.station.papers.slip import slip_of
from tests.edge_runtime.papers.pdf_tools import (
    check,
    code_in,
    facts_of,
    needs_tools,
    picture_of,
    text_of,
)
from tests.edge_runtime.station.papers.slips import much_is_said_of, person
from tests.edge_runtime.station.web.served import served
from tests.edge_runtime.station.web.test_accessible import open_page

pytestmark = needs_tools


def shown(browser, element):
    png = np.frombuffer(element.screenshot_as_png, np.uint8)
    return cv2.imdecode(png, cv2.IMREAD_COLOR)


def test_the_code_on_the_page_is_read_from_the_screen_and_from_the_print(browser, tmp_path):
    with served(tmp_path) as client:
        number = person(client.station.store)
        line = slip_of(client.station, number).code
        for paper in ("slip", "receipt"):
            browser.get(f"http://127.0.0.1:{client.port}/{paper}/{number}")
            code = browser.find_element(By.CLASS_NAME, "code")
            assert line in code.get_attribute("aria-label")
            seen = cv2.resize(shown(browser, code), None, fx=3, fy=3)
            assert code_in(seen) == line
            asked = {"preferCSSPageSize": True}
            printed = browser.execute_cdp_cmd("Page.printToPDF", asked)["data"]
            pdf = base64.b64decode(printed)
            check(pdf, tmp_path)
            assert facts_of(pdf)["Pages"].strip() == "1"
            assert code_in(picture_of(pdf, tmp_path, 300)) == line
            assert client.station.texts.say("treatment") in text_of(pdf)
        errors = [each for each in browser.get_log("browser") if each["level"] == "SEVERE"]
        assert errors == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", ["e", "n", "W"])
def test_a_slip_that_is_printed_large_is_one_sheet_at_its_fullest(
    browser, tmp_path, letter, language
):
    with served(tmp_path) as client, logged(client.station.store):
        number, store = person(client.station.store), client.station.store
        both = [told.photo.number for told in store.camp.of(number)]
        wide = 25 if letter == "W" else 50
        store.happen(
            PersonReferred(number, letter * wide, "2030-01-01"),
            PersonDescribed(number, "K1", letter * (wide * 13 // 25), 1950),
        )
        words = (letter * 24 + " ") * 6
        for long in range(140, 0, -5):
            store.happen(*(ResultOverridden(each, "refer", words[:long]) for each in both))
            if slip_of(client.station.in_language(language), number).is_short:
                break
        assert long > 20
        open_page(browser, client, f"/slip/{number}", language)
        assert browser.find_elements(By.CLASS_NAME, "roomy")
        asked = {"preferCSSPageSize": True}
        printed = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", asked)["data"])
    assert facts_of(printed)["Pages"].strip() == "1"


def test_a_persons_page_is_printed_without_its_forms_and_with_what_was_told_in_them(
    browser, tmp_path
):
    with served(tmp_path) as client:
        number, store = person(client.station.store), client.station.store
        store.happen(
            PersonDescribed(number, "K1", "Maria", 1950),
            PersonReferred(number, "St. Lucy", "2026-01-02"),
            ConsentTold(number, may_call=True, contact="the school"),
        )
        browser.get(f"http://127.0.0.1:{client.port}/person/{number}")
        asked = {"preferCSSPageSize": True}
        printed = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", asked)["data"])
        say = client.station.texts.say
    said = text_of(printed)
    for told in ("Year of birth 1950", "Referred to St. Lucy", "May be called yes", "the school"):
        assert told in said
    assert say("disclaimer") in said
    for key in ("do.save", "undo", "do.more", "do.merge", "do.slip", "nav.worklist"):
        assert say(key) not in said
    assert facts_of(printed)["Pages"].strip() == "1"


def test_a_pdf_opens_in_the_browser_though_the_policy_allows_nothing(browser, tmp_path):
    with served(tmp_path) as client:
        number = person(client.station.store)
        much_is_said_of(client.station.store, number)
        browser.get(f"http://127.0.0.1:{client.port}/slip/{number}.pdf")
        said = browser.get_log("browser")
    assert [each for each in said if "Content Security Policy" in each["message"]] == []
