"""What is typed on a person's page and not saved is still there when one form of it was."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from edge_runtime.station.access.password import set_password
from edge_runtime.station.events import PersonDescribed
from tests.edge_runtime.station.camps import added_now
from tests.edge_runtime.station.web.browsing import SECONDS, press, until
from tests.edge_runtime.station.web.served import served
from tests.edge_runtime.station.web.signing_in import TOLD

FIELDS = {
    "place": "Clinic Z",
    "contact": "0999",
    "note": "later",
    "name": "Juan",
}
SAYS = "What you typed here before isn't saved yet"


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as opened:
        added_now(opened.station.store, "P1_OD.jpg", 0.1)
        yield opened


def field(browser, name):
    return browser.find_element(By.CSS_SELECTOR, f".eyes section .stack [name={name}]")


def show(browser, client, page="/person/1"):
    browser.get(f"http://127.0.0.1:{client.port}{page}")
    WebDriverWait(browser, SECONDS).until(lambda b: b.find_elements(By.TAG_NAME, "h1"))


def fill(browser, client):
    show(browser, client)
    for name, text in FIELDS.items():
        field(browser, name).clear()
        field(browser, name).send_keys(text)
    browser.find_element(By.CSS_SELECTOR, "[name=may_call][value=yes]").click()


def typed(browser):
    return {name: field(browser, name).get_property("value") for name in FIELDS}


def may_call(browser):
    ticked = browser.find_elements(By.CSS_SELECTOR, "[name=may_call]:checked")
    return [each.get_property("value") for each in ticked]


def save(browser, kind):
    before = browser.find_element(By.TAG_NAME, "html")
    browser.find_element(By.CSS_SELECTOR, f"form[action='/do/{kind}'] button").click()
    WebDriverWait(browser, SECONDS).until(lambda b: b.find_element(By.TAG_NAME, "html") != before)
    until(browser, "What happened")


def is_said(browser):
    return browser.find_element(By.ID, "unsaved").is_displayed()


def kept(browser):
    """Give all that the tab keeps."""
    return browser.execute_script("return JSON.stringify(sessionStorage)")


def test_saving_one_form_keeps_what_was_typed_in_the_others_until_each_is_saved(browser, client):
    fill(browser, client)
    assert not is_said(browser)
    for kind in ("refer", "consent", "describe"):
        save(browser, kind)
        assert typed(browser) == FIELDS, kind
        assert may_call(browser) == ["yes"]
        assert is_said(browser)
    browser.find_element(By.CSS_SELECTOR, "[name=came][value=no]").click()
    save(browser, "follow")
    assert typed(browser) == FIELDS
    assert not is_said(browser)
    assert "Clinic Z" not in kept(browser)
    person = client.station.store.camp.people[1]
    assert (person.name, person.plan.place, person.plan.contact, person.plan.note) == (
        "Juan", "Clinic Z", "0999", "later",
    )  # fmt: skip
    messages = [each["message"] for each in browser.get_log("browser")]
    assert [each for each in messages if "404 (Not Found)" not in each] == []  # the pictures


def test_take_again_and_a_link_keep_what_was_typed(browser, client):
    fill(browser, client)
    press(browser, "Take again")
    until(browser, "Undo")
    assert typed(browser) == FIELDS
    browser.find_element(By.LINK_TEXT, "Worklist").click()
    until(browser, "Number or name")
    show(browser, client)
    assert typed(browser) == FIELDS
    assert is_said(browser)
    for name in FIELDS:
        field(browser, name).clear()
    browser.find_element(By.TAG_NAME, "body").click()
    show(browser, client)
    assert set(typed(browser).values()) == {""}


def test_what_was_sent_and_refused_is_put_back(browser, client):
    client.station.store.happen(PersonDescribed(1, "K-1"))
    fill(browser, client)
    field(browser, "birth_year").send_keys("12")
    browser.find_element(By.CSS_SELECTOR, "form[action='/do/describe'] button").click()
    WebDriverWait(browser, SECONDS).until(lambda b: "/do/describe" in b.current_url)
    show(browser, client)
    assert typed(browser) == FIELDS
    assert field(browser, "birth_year").get_property("value") == "12"


def test_a_reason_that_was_saved_is_not_put_back_into_its_empty_field(browser, client):
    fill(browser, client)
    more = browser.find_element(By.ID, "more-1")
    more.find_element(By.TAG_NAME, "summary").click()
    more.find_element(By.NAME, "decision").send_keys("Refer")
    more.find_element(By.NAME, "reason").send_keys("known scars")
    before = browser.find_element(By.TAG_NAME, "html")
    more.find_element(By.CSS_SELECTOR, "form[action='/do/override'] button").click()
    WebDriverWait(browser, SECONDS).until(lambda b: b.find_element(By.TAG_NAME, "html") != before)
    until(browser, "known scars")
    assert typed(browser) == FIELDS
    reasons = browser.find_elements(By.CSS_SELECTOR, "[name=reason]")
    assert {each.get_property("value") for each in reasons} == {""}


def test_what_somebody_else_saved_meanwhile_stays(browser, client):
    fill(browser, client)
    show(browser, client, "/worklist")
    client.post("describe", person="1", given_id="", name="Ana", birth_year="")
    show(browser, client)
    assert typed(browser) == {**FIELDS, "name": "Ana"}


def test_what_was_typed_of_one_person_is_not_put_on_the_page_of_another(browser, client):
    added_now(client.station.store, "P2_OD.jpg", 0.9)
    fill(browser, client)
    show(browser, client, "/person/2")
    assert set(typed(browser).values()) == {""}
    browser.execute_script(
        "const moved = sessionStorage.getItem('unsaved /person/1');"
        "sessionStorage.setItem('unsaved /person/1', moved.replaceAll('\"who\":\"', '\"who\":\"x'))"
    )  # as it were of another camp's
    show(browser, client)
    assert set(typed(browser).values()) == {""}


def test_nothing_of_it_is_left_once_somebody_signed_out_or_was_signed_out(browser, tmp_path):
    (tmp_path / "data").mkdir()
    set_password(tmp_path / "data", TOLD)
    with served(tmp_path) as client:
        added_now(client.station.store, "P1_OD.jpg", 0.1)

        def sign_in(password):
            until(browser, "Password of this station")
            assert "unsaved" not in kept(browser)
            assert "0999" not in kept(browser)
            browser.find_element(By.NAME, "name").clear()
            browser.find_element(By.NAME, "name").send_keys("Ana")
            browser.find_element(By.NAME, "password").send_keys(password)
            browser.find_element(By.CSS_SELECTOR, "main button").click()
            until(browser, "What happened")

        show(browser, client)
        sign_in(TOLD)
        fill(browser, client)
        show(browser, client, "/worklist")
        assert "0999" in kept(browser)
        show(browser, client)
        browser.find_element(By.XPATH, "//button[text()='Sign out']").click()
        until(browser, "Password of this station")
        show(browser, client)
        sign_in(TOLD)
        assert set(typed(browser).values()) == {""}
        fill(browser, client)
        set_password(tmp_path / "data", "730916")  # signs everybody out
        sign_in("730916")
        assert set(typed(browser).values()) == {""}
