"""A page shows what is new within a second or two, around whoever is in the middle of it."""

import time

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from edge_runtime.station.events import PersonCalled, PersonOpened, PhotoAssigned, ResultAccepted
from tests.edge_runtime.station.camps import added_now
from tests.edge_runtime.station.web.browsing import SECONDS, until
from tests.edge_runtime.station.web.served import served


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as opened:
        yield opened


@pytest.fixture
def store(client):
    added_now(client.station.store, "P1_OD.jpg", 0.4)
    client.station.store.happen(PersonCalled(1))
    return client.station.store


def opened(browser, client, page="/"):
    browser.get(f"http://127.0.0.1:{client.port}{page}")
    until(browser, "P1_OD.jpg")
    return browser


def more(browser, photo=1):
    return browser.find_element(By.ID, f"more-{photo}")


def field(browser, name, photo=1):
    return more(browser, photo).find_element(By.NAME, name)


def test_news_come_while_more_is_open_and_a_reason_is_typed(browser, client, store):
    opened(browser, client)
    more(browser).find_element(By.TAG_NAME, "summary").click()
    Select(field(browser, "decision")).select_by_value("no-referral")
    field(browser, "reason").send_keys("known scars", Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    begun = time.monotonic()
    added_now(store, "P1_OS.jpg", 0.05, person=1)
    until(browser, "P1_OS.jpg")
    assert time.monotonic() - begun < 10  # a second or two, and CI's processors are busy
    assert more(browser).get_attribute("open")
    assert field(browser, "reason").get_attribute("value") == "known scars"
    assert field(browser, "decision").get_attribute("value") == "no-referral"
    assert browser.switch_to.active_element == field(browser, "reason")
    browser.switch_to.active_element.send_keys("-", Keys.ENTER)  # where the cursor stood
    until(browser, "no referral: known sca-rs")


def test_what_is_typed_of_a_photo_stays_with_it_when_it_comes_to_stand_elsewhere(
    browser, client, store
):
    """The photo of the eye that decides stands first; the one that did goes below it."""
    opened(browser, client)
    more(browser).find_element(By.TAG_NAME, "summary").click()
    field(browser, "given_id").send_keys("K-9")
    added_now(store, "P1_OD_2.jpg", 0.9, person=1)
    until(browser, "1 more of this eye")
    typed = browser.execute_script(
        "return [...document.querySelectorAll('input')].filter(e => e.value === 'K-9')"
        ".map(e => e.form.elements.photo.value)"
    )
    assert typed == ["1"]
    assert not more(browser, 2).get_attribute("open")


def test_what_is_typed_is_never_lost_and_the_page_says_that_it_waits(browser, client, store):
    opened(browser, client)
    more(browser).find_element(By.TAG_NAME, "summary").click()
    field(browser, "reason").send_keys("known scars")
    store.happen(PersonOpened(2, "K-2"), PersonCalled(2))  # whose page has no such form
    until(browser, "There is something new")
    assert field(browser, "reason").get_attribute("value") == "known scars"
    field(browser, "reason").clear()
    until(browser, "K-2 at the camera now")
    assert not browser.find_element(By.ID, "held").is_displayed()


def test_who_has_opened_other_photos_and_stands_on_a_button_still_does(browser, client, store):
    for name in ("P1_OD_2.jpg", "P1_OD_3.jpg"):
        added_now(store, name, None, person=1)
    opened(browser, client)
    others = browser.find_element(By.ID, "others-right")
    others.find_element(By.TAG_NAME, "summary").click()
    button = others.find_element(By.CSS_SELECTOR, "form[action='/do/accept'] button")
    browser.execute_script("arguments[0].focus()", button)
    photo = "return document.activeElement.form.elements.photo.value"
    before = browser.execute_script(photo)
    added_now(store, "P1_OS.jpg", 0.05, person=1)
    until(browser, "P1_OS.jpg")
    assert browser.find_element(By.ID, "others-right").get_attribute("open")
    assert browser.execute_script(photo) == before
    assert browser.switch_to.active_element.text == "Can't be done better"


def test_a_page_is_not_put_in_the_place_of_a_button_that_is_half_pressed(browser, client, store):
    opened(browser, client)
    press = "document.dispatchEvent(new PointerEvent(arguments[0], {bubbles: true}))"
    browser.execute_script(press, "pointerdown")
    added_now(store, "P1_OS.jpg", 0.05, person=1)
    time.sleep(2)
    assert "P1_OS.jpg" not in browser.find_element(By.TAG_NAME, "main").text
    browser.execute_script(press, "pointerup")
    until(browser, "P1_OS.jpg")


def test_a_form_that_nobody_has_touched_shows_what_others_wrote(browser, client, store):
    opened(browser, client, "/person/1")
    client.post("describe", person="1", given_id="K-77", name="Ana", birth_year="")
    until(browser, "K-77 · Ana")
    assert browser.find_element(By.NAME, "name").get_attribute("value") == "Ana"


def test_the_colours_are_the_computers_or_those_that_were_chosen(browser, client, store):
    page = f"http://127.0.0.1:{client.port}"
    dark = "return getComputedStyle(document.body).backgroundColor === 'rgb(18, 22, 28)'"

    def is_dark():
        return browser.execute_script(dark)

    def choose(look):
        browser.get(f"{page}/settings")
        browser.find_element(By.CSS_SELECTOR, f"input[value={look}]").click()
        WebDriverWait(browser, SECONDS).until(lambda _: True)

    def computer_is(scheme):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    browser.get(page)
    computer_is("light")
    assert not is_dark()
    computer_is("dark")
    assert is_dark()
    choose("light")
    assert not is_dark()
    browser.get(page)
    assert not is_dark()
    computer_is("light")
    choose("dark")
    assert is_dark()
    browser.get(page)
    assert is_dark()
    browser.get(f"{page}/settings")
    store.happen(ResultAccepted(1))
    time.sleep(2)  # until the page was put in its place anew
    chosen = browser.find_element(By.CSS_SELECTOR, "input[name=look]:checked")
    assert chosen.get_attribute("value") == "dark"
    choose("auto")
    assert not is_dark()


def test_a_photo_that_becomes_another_persons_takes_what_is_open_along(browser, client, store):
    added_now(store, "P2_OD.jpg", 0.1)
    opened(browser, client)
    more(browser).find_element(By.TAG_NAME, "summary").click()
    store.happen(PhotoAssigned(1, 2))
    until(browser, "No photo of this eye")
    assert not browser.find_elements(By.CSS_SELECTOR, "details[open]")
