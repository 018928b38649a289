"""A visit to a camp in a real browser, from the camera's file to the printed slip."""

import base64
import time

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from edge_runtime.station import demo
from tests.edge_runtime.station.web.browsing import SECONDS, press, station, take, until

#: What of a page reaches beyond its side.
TOO_WIDE = """[...document.querySelectorAll('body, body *')]
    .filter(e => e.getBoundingClientRect().right > arguments[0] + 1)
    .map(e => e.outerHTML.slice(0, 80))"""

#: Whether a page's style is there: a driver may be back before it.
IS_STYLED = "return getComputedStyle(document.body).paddingLeft !== '0px'"


def test_a_whole_visit(browser, tmp_path):
    photos = dict(demo.photos())
    with station(tmp_path) as address:
        port = int(address.rsplit(":", 1)[1])
        browser.get(address)
        until(browser, "Photos that the camera writes into the inbox appear here")
        browser.find_element(By.TAG_NAME, "body").send_keys("n")
        browser.switch_to.active_element.send_keys("K-17", Keys.ENTER)
        until(browser, "K-17 at the camera now")

        take(tmp_path, "IMG_0001.jpg", photos["DEMO-2_OD.jpg"])  # out of focus
        until(browser, "the photo is blurred; take it again")
        take(tmp_path, "IMG_0002.jpg", photos["DEMO-2_OD_2.jpg"])
        take(tmp_path, "IMG_0003.jpg", photos["DEMO-1_OS.jpg"])
        until(browser, "IMG_0003.jpg")
        said = until(browser, "Refer because of the right eye")
        assert "diabetic retinopathy" in said
        assert "normal" in said

        overlays = "[...document.querySelectorAll('.eye > .picture .over')]"
        shown = f"return {overlays}.map(e => e.offsetParent !== null)"
        assert all(browser.execute_script(shown))
        browser.find_element(By.TAG_NAME, "body").send_keys("o")
        assert not any(browser.execute_script(shown))

        browser.find_element(By.LINK_TEXT, "K-17").click()
        until(browser, "What happened")
        browser.find_elements(By.XPATH, "//summary[text()='More']")[0].click()
        form = browser.find_element(By.XPATH, "//form[@action='/do/override']")
        Select(form.find_element(By.NAME, "decision")).select_by_value("no-referral")
        form.find_element(By.NAME, "reason").send_keys("<b>known scars</b>", Keys.ENTER)
        until(browser, "no referral: <b>known scars</b>")
        press(browser, "Undo", within="form[@class='done']")
        until(browser, "Refer because of the right eye")

        browser.find_element(By.LINK_TEXT, "Slip to print").click()
        until(browser, "Referred to")
        pdf = base64.b64decode(browser.print_page())
        (tmp_path / "slip.pdf").write_bytes(pdf)
        assert pdf.startswith(b"%PDF-")
        assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 1
        browser.get(address)
        until(browser, "K-17")

    until(browser, "The station doesn't answer. Nothing is lost")
    with station(tmp_path, port):
        WebDriverWait(browser, SECONDS).until(
            lambda b: not b.find_element(By.ID, "lost").is_displayed()
        )
        assert "K-17 at the camera now" in until(browser, "Refer")
        take(tmp_path, "IMG_0004.jpg", photos["DEMO-3/IMG_0001.jpg"])
        until(browser, "1 more of this eye")
    errors = [each["message"] for each in browser.get_log("browser") if each["level"] == "SEVERE"]
    assert [each for each in errors if "ERR_CONNECTION_REFUSED" not in each
            and "ERR_INCOMPLETE_CHUNKED_ENCODING" not in each] == []  # fmt: skip
    asked = [each["message"] for each in browser.get_log("performance")]
    urls = [m for m in asked if '"Network.requestWillBeSent"' in m]
    assert urls
    assert all(f'"url":"http://127.0.0.1:{port}/' in m for m in urls)


def test_the_page_can_be_used_on_a_phone_and_by_keyboard_alone(browser, tmp_path):
    with station(tmp_path) as address:
        take(tmp_path, "P1_OD.jpg", dict(demo.photos())["DEMO-1_OD.jpg"])
        browser.get(address)
        until(browser, "One eye only")
        for width in (320, 390, 768, 3840):
            size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            for page in ("", "/worklist", "/files", "/day", "/settings", "/person/1", "/slip/1"):
                browser.get(address + page)
                WebDriverWait(browser, SECONDS).until(lambda b: b.execute_script(IS_STYLED))
                wide = browser.execute_script(f"return {TOO_WIDE}", width)
                assert wide == [], (page, width, browser.get_log("browser"))
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.get(address)
        names = []
        for _ in range(14):
            browser.switch_to.active_element.send_keys(Keys.TAB)
            names.append(browser.switch_to.active_element.text)
            time.sleep(0.01)
        assert {"To the page", "Worklist", "Call N", "Evidence O", "More"} <= set(names)
        browser.find_element(By.TAG_NAME, "body").send_keys("w")
        until(browser, "Number or name")
