"""What the tests of the station share."""

import contextlib
import os
import shutil

import pytest
from selenium import webdriver

from edge_runtime import Classifier, load_bundle
from edge_runtime.station.arrivals import Arrivals
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.intake import Intake
from tests.edge_runtime.station.camps import Clock
from tests.edge_runtime.station.web.browsing import SECONDS


@pytest.fixture(scope="session")
def classifier():
    return Classifier(load_bundle(), threads=1)


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def store(tmp_path):
    with contextlib.closing(CampStore(tmp_path / "data")) as opened:
        yield opened


@pytest.fixture
def intake(inbox, store, classifier):
    made = Intake(inbox, store, classifier)
    made.arrivals.clock = Clock()
    return made


@pytest.fixture
def arrivals(inbox):
    return Arrivals(inbox, clock=Clock())


@pytest.fixture(scope="session")
def chromium():
    """Give Debian's Chromium; CI has it, and where it isn't that is said."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (binary and driver) and os.environ.get("FUNDUS_EDGE_BROWSER") != "required":
        pytest.skip("no browser: apt install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,1000"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.binary_location = binary
    with webdriver.Chrome(options=options, service=webdriver.ChromeService(driver)) as opened:
        opened.set_page_load_timeout(SECONDS)
        yield opened


@pytest.fixture
def browser(chromium):
    """Give the browser as if it had just been opened."""
    chromium.get("about:blank")
    chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    for log in ("browser", "performance"):
        chromium.get_log(log)
    return chromium
