"""A slip that is open shows what was decided since, though never in the middle of a print."""

import time

import pytest
from selenium.webdriver.common.by import By

from edge_runtime.station.events import ResultOverridden
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.web.browsing import until
from tests.edge_runtime.station.web.served import served


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as opened:
        added(opened.station.store, "P1_OD.jpg", 0.05)
        added(opened.station.store, "P1_OS.jpg", 0.05, person=1)
        yield opened


@pytest.mark.parametrize("paper", ["slip", "receipt"])
def test_an_open_sheet_gives_the_advice_of_now_and_stays_while_it_is_printed(
    browser, client, paper
):
    browser.get(f"http://127.0.0.1:{client.port}/{paper}/1")
    until(browser, "No referral")
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    client.station.store.happen(ResultOverridden(1, "refer", "sees halos"))
    time.sleep(2)
    assert "\u25b2 Refer" not in browser.find_element(By.TAG_NAME, "body").text
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    until(browser, "\u25b2 Refer")
    assert browser.find_element(By.CSS_SELECTOR, ".code svg").is_displayed()


def test_key_n_leads_from_any_page_to_where_the_next_ones_number_is_typed(browser, client):
    browser.get(f"http://127.0.0.1:{client.port}/worklist")
    until(browser, "Person 1")
    browser.find_element(By.TAG_NAME, "body").send_keys("n")
    until(browser, "Next at the camera")
    time.sleep(0.5)
    assert browser.switch_to.active_element.get_attribute("id") == "given"
    errors = [each for each in browser.get_log("browser") if each["source"] != "network"]
    assert errors == []
