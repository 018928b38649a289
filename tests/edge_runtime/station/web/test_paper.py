"""A photo taken again, a result decided otherwise, and the slip, as a browser prints it."""

import base64
import os
import re
import shutil
import subprocess
import time

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from edge_runtime.station import demo
from edge_runtime.station.intake import OVERLAY
from tests.edge_runtime.station.web.browsing import SECONDS, press, take, until
from tests.edge_runtime.station.web.served import served


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as opened:
        yield opened


def arrive(client, folder, *names):
    """Let photographs of the demonstration come in, and wait until they are there."""
    photos, store = dict(demo.photos()), client.station.store
    for name in names:
        take(folder, name, photos[name])
    wanted, end = len(store.camp.photos) + len(names), time.monotonic() + SECONDS
    while len(store.camp.photos) < wanted:
        assert time.monotonic() < end
        client.station.intake.sweep()
        time.sleep(0.1)


def ask_tool(tool, *arguments):
    """Ask a program about a file; where CI lacks it that is a failure."""
    if shutil.which(tool) is None and os.environ.get("FUNDUS_EDGE_BROWSER") != "required":
        pytest.skip(f"no {tool}: apt install poppler-utils qpdf")
    return subprocess.run(
        [tool, *map(str, arguments)], capture_output=True, check=True, text=True
    ).stdout


def printed(browser, target):
    """Print the page that is open into a file."""
    options = {"preferCSSPageSize": True, "printBackground": True}
    data = browser.execute_cdp_cmd("Page.printToPDF", options)["data"]
    target.write_bytes(base64.b64decode(data))
    return target


def test_a_photo_is_taken_again_and_the_one_before_is_kept(browser, client, tmp_path):
    arrive(client, tmp_path, "DEMO-2_OD.jpg", "DEMO-2_OS.jpg")
    browser.get(f"http://127.0.0.1:{client.port}/person/1")
    until(browser, "Take again")
    path = "//section[@aria-label='Left eye (OS)']"
    again = browser.find_element(By.XPATH, f"{path}//details[starts-with(@id, 'again-')]")
    again.find_element(By.TAG_NAME, "summary").click()
    again.find_element(By.NAME, "reason").send_keys("lashes", Keys.ENTER)
    until(browser, "Every photo of this eye was set aside")
    arrive(client, tmp_path, "DEMO-2_OD_2.jpg")
    until(browser, "DEMO-2_OD_2.jpg")
    assert "1 more of this eye" in browser.find_element(By.TAG_NAME, "main").text
    press(browser, "Take this decision back", within=path.removeprefix("//"))
    until(browser, "Refer because of both eyes")
    assert len(client.station.store.camp.photos) == 3


def test_who_decides_otherwise_says_why_and_it_stands_on_paper(browser, client, tmp_path):
    arrive(client, tmp_path, "DEMO-1_OD.jpg", "DEMO-1_OS.jpg")
    client.post("describe", person="1", given_id="K-17", name="Ana Gómez", birth_year="1961")
    browser.get(f"http://127.0.0.1:{client.port}/person/1")
    until(browser, "No referral")
    more = browser.find_element(By.ID, "more-1")
    more.find_element(By.TAG_NAME, "summary").click()
    more.find_element(By.NAME, "reason").send_keys("sees halos", Keys.ENTER)
    until(browser, "refer: sees halos")
    browser.find_element(By.LINK_TEXT, "Slip to print").click()
    until(browser, "Referred to")
    slip = printed(browser, tmp_path / "slip.pdf")
    said = " ".join(ask_tool("pdftotext", "-layout", slip, "-").split())
    for words in ("K-17 · Ana Gómez", "1961", "the operator decided for the right eye: sees halos",
                  "For research and education only", "DEMO-1_OD.jpg"):  # fmt: skip
        assert words in said, (words, said)
    assert "Worklist" not in said  # what is only to be pressed isn't printed


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_slip_is_one_sheet_of_a4_and_white_whatever_the_screen_is(
    browser, client, tmp_path, scheme
):
    names = ["DEMO-2_OD.jpg", "DEMO-2_OD_2.jpg", "DEMO-2_OS.jpg"]
    arrive(client, tmp_path, *names)
    client.post("describe", person="1", given_id="K" * 200, name="N" * 200, birth_year="1961")
    client.post("refer", person="1", place="H" * 200, day="2026-01-01")
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    browser.get(f"http://127.0.0.1:{client.port}/slip/1")
    until(browser, "Referred to")
    slip = printed(browser, tmp_path / "slip.pdf")
    told = ask_tool("pdfinfo", slip)
    assert re.search(r"Pages: +1\n", told), told
    assert re.search(r"Page size: +59[45]\.\d+ x 84[12]\.\d+ pts \(A4\)", told), told
    ask_tool("qpdf", "--check", slip)  # whose status says whether anything is wrong
    ask_tool("pdftoppm", "-r", 20, "-png", slip, tmp_path / "slip")
    (picture,) = tmp_path.glob("slip*.png")
    sheet = demo.cv2.imread(str(picture))
    assert (sheet[:5] == 255).all()
    assert sheet.mean() > 150
    assert len(re.findall("image", ask_tool("pdfimages", "-list", slip))) >= 2
    assert client.station.store.picture(2, OVERLAY).exists()


def test_no_page_asks_anything_of_another_computer(browser, client, tmp_path):
    arrive(client, tmp_path, "DEMO-1_OD.jpg", "DEMO-1_OS.jpg")
    for path in ("/", "/worklist", "/follow-up", "/files", "/day", "/settings", "/person/1",
                 "/slip/1", "/nothing"):  # fmt: skip
        browser.get(f"http://127.0.0.1:{client.port}{path}")
        until(browser, "For research and education only")
    asked = [each["message"] for each in browser.get_log("performance")]
    sent = [each for each in asked if '"Network.requestWillBeSent"' in each]
    assert len(sent) > 20
    urls = {re.search(r'"request":\{.*?"url":"([^"]+)"', each)[1] for each in sent}
    assert all(url.startswith((f"http://127.0.0.1:{client.port}/", "data:")) for url in urls), urls
