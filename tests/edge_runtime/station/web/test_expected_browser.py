"""The list of who is expected in a browser: narrowed by typing, led through by keys."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from edge_runtime.station.events import PersonCalled
from tests.edge_runtime.station.camps import added_now
from tests.edge_runtime.station.expecting import asker_of, scheduled
from tests.edge_runtime.station.web.axe import violations
from tests.edge_runtime.station.web.browsing import SECONDS, until
from tests.edge_runtime.station.web.served import served
from tests.edge_runtime.station.web.test_accessible import SIDEWAYS, SMALL_TARGETS, look, open_page

LONG = "Wolfeschlegelsteinhausenbergerdorff" * 4


@pytest.fixture
def client(tmp_path):
    people = [
        scheduled(f"P{n}", f"Name{n} Ana", time=f"{8 + n // 60:02}:{n % 60:02}") for n in range(60)
    ]
    people[3] = scheduled("P3", LONG, time="08:03", year=1950, what="Both eyes, " + LONG)
    with served(tmp_path) as opened:
        made = asker_of(opened.station.store, *people)
        object.__setattr__(opened.station, "asker", made)  # as the option has it
        yield opened


def opened(browser, client):
    browser.get(f"http://127.0.0.1:{client.port}/")
    until(browser, "P0")
    return browser.find_element(By.ID, "given")


def rows(browser):
    found = browser.find_elements(By.CSS_SELECTOR, "#expected-rows button b")
    return [each.text for each in found]


def wait_for_rows(browser, expected):
    WebDriverWait(browser, SECONDS, ignored_exceptions=(Exception,)).until(
        lambda b: rows(b) == expected, expected
    )


def test_typing_narrows_the_list_and_news_leave_it_narrow(browser, client):
    given = opened(browser, client)
    assert len(rows(browser)) == 12
    given.send_keys("name57")
    wait_for_rows(browser, ["P57"])
    added_now(client.station.store, "P1_OD.jpg", 0.4)  # news while it is typed
    until(browser, "P1_OD.jpg")
    assert rows(browser) == ["P57"]
    given = browser.find_element(By.ID, "given")
    assert given.get_attribute("value") == "name57"
    given.clear()
    given.send_keys("x", Keys.BACKSPACE)
    WebDriverWait(browser, SECONDS).until(lambda b: len(rows(b)) == 12)


def test_arrows_lead_into_the_list_and_enter_calls(browser, client):
    given = opened(browser, client)
    given.send_keys(Keys.ARROW_DOWN, Keys.NULL)
    at = browser.switch_to.active_element
    assert "P0" in at.text
    at.send_keys(Keys.ARROW_DOWN)
    at = browser.switch_to.active_element
    assert "P1" in at.text
    at.send_keys(Keys.ARROW_UP)
    browser.switch_to.active_element.send_keys(Keys.ARROW_UP)
    assert browser.switch_to.active_element.get_attribute("id") == "given"
    browser.switch_to.active_element.send_keys("P58")
    wait_for_rows(browser, ["P58"])
    browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    until(browser, "Called to the camera: P58 · Name58 Ana.")
    assert client.station.store.camp.called == 1


def test_enter_calls_by_the_number_as_ever(browser, client):
    opened(browser, client).send_keys("K-99", Keys.ENTER)
    until(browser, "Called to the camera: K-99.")


def test_a_focus_in_the_list_stays_where_it_is_when_news_come(browser, client):
    opened(browser, client).send_keys(Keys.ARROW_DOWN)
    browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    client.station.asker.ask()
    added_now(client.station.store, "P1_OD.jpg", 0.4)
    until(browser, "P1_OD.jpg")
    assert "P1" in browser.switch_to.active_element.text


def test_while_somebody_is_at_the_camera_the_list_is_folded_and_typing_unfolds_it(browser, client):
    added_now(client.station.store, "K_OD.jpg", 0.4)
    client.station.store.happen(PersonCalled(1))
    browser.get(f"http://127.0.0.1:{client.port}/")
    until(browser, "K_OD.jpg")
    assert browser.find_element(By.ID, "expected").get_attribute("open") is None
    browser.find_element(By.ID, "given").send_keys("P5")
    until(browser, "P59")
    assert browser.find_element(By.ID, "expected").get_attribute("open")


def test_whoever_folds_the_list_has_it_folded_when_news_come_and_by_typing_it_unfolds(
    browser, client
):
    opened(browser, client)
    browser.find_element(By.CSS_SELECTOR, "#expected > summary").click()
    added_now(client.station.store, "K_OD.jpg", 0.4)
    until(browser, "K_OD.jpg")
    assert browser.find_element(By.ID, "expected").get_attribute("open") is None
    browser.find_element(By.ID, "given").send_keys("P5")
    until(browser, "P59")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_page_with_a_list_has_a_serious_fault(browser, client, language, scheme):
    look(browser, prefers_color_scheme=scheme)
    added_now(client.station.store, "K_OD.jpg", 0.4)
    client.station.asker._asked.trouble = "it takes too long to answer; ask there what is wrong"
    client.station.asker.ask()
    for path in ("/", "/?q=Name", "/?q=nobody", "/day"):
        open_page(browser, client, path, language)
        assert violations(browser) == [], path


@pytest.mark.parametrize("width", [320, 1280, 3840])
def test_a_list_is_read_on_a_narrow_and_a_wide_screen(browser, client, width):
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for path in ("/", "/day"):
        open_page(browser, client, path)
        assert violations(browser) == [], path
        assert browser.execute_script(SMALL_TARGETS) == [], path
        assert browser.execute_script(SIDEWAYS) <= width
