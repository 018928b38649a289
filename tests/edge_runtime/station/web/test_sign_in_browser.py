"""Signing in, deciding and being signed out, in a real browser."""

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from edge_runtime.station.access.password import set_password
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.web.browsing import SECONDS, until
from tests.edge_runtime.station.web.served import served
from tests.edge_runtime.station.web.signing_in import TOLD


def sign_in(browser, password):
    browser.find_element(By.NAME, "password").send_keys(password, Keys.ENTER)


def test_one_signs_in_by_keyboard_decides_and_is_led_back_when_the_session_ends(
    browser,
    tmp_path,
):
    (tmp_path / "data").mkdir()
    set_password(tmp_path / "data", TOLD)
    with served(tmp_path) as client:
        address = f"http://127.0.0.1:{client.port}"
        added(client.station.store, "P1_OD.jpg", 0.1)
        browser.get(f"{address}/person/1")
        until(browser, "Password of this station")
        assert browser.switch_to.active_element.get_attribute("name") == "name"
        browser.switch_to.active_element.send_keys("Ana", Keys.TAB)
        sign_in(browser, "wrong")
        until(browser, "That isn't the password")
        assert browser.switch_to.active_element.get_attribute("name") == "password"
        assert browser.find_element(By.NAME, "name").get_property("value") == "Ana"
        sign_in(browser, TOLD)
        until(browser, "What happened")
        assert browser.current_url == f"{address}/person/1"

        button = "//main//button[contains(normalize-space(.), 'Take again')]"
        browser.find_element(By.XPATH, button).click()
        until(browser, "Undo")
        assert client.station.store.camp.history[-1].by == "Ana"
        cookies = [each for each in browser.get_cookies() if each["name"].startswith("station-")]
        assert [(each["httpOnly"], each["sameSite"]) for each in cookies] == [(True, "Strict")] * 2
        assert "station-" not in browser.execute_script("return document.cookie")

        set_password(tmp_path / "data", "730916")  # signs everybody out
        WebDriverWait(browser, SECONDS).until(lambda b: "/sign-in" in b.current_url)
        until(browser, "Password of this station")
        browser.find_element(By.NAME, "name").send_keys("Bo")
        sign_in(browser, "730916")
        until(browser, "What happened")
        browser.find_element(By.XPATH, "//button[text()='Sign out']").click()
        until(browser, "Password of this station")
        browser.get(f"{address}/worklist")
        until(browser, "Password of this station")
