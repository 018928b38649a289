"""Every page can be read and used by everybody: axe-core finds nothing serious in any colours."""

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from edge_runtime.photo.find import Stamp
from edge_runtime.station.events import (
    PersonCalled,
    PersonDescribed,
    ResultAccepted,
    ResultOverridden,
    RetakeAsked,
    Undone,
)
from edge_runtime.station.open_log import logged
from edge_runtime.station.trouble import Trouble
from edge_runtime.station.web.app import make_app
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.web.axe import violations
from tests.edge_runtime.station.web.browsing import SECONDS
from tests.edge_runtime.station.web.served import served

#: Addresses of which the answer is no page.
_NO_PAGES = ("/static/", "/events")


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """Serve a camp that has something of everything."""
    with served(tmp_path_factory.mktemp("full")) as client, logged(client.station.store):
        store, arrivals = client.station.store, client.station.intake.arrivals
        added(store, "P1_OD.jpg", 0.9, pictures=("photo", "overlay", "small"))
        added(store, "P1_OS.jpg", None, person=1)  # ungradable
        added(store, "P1_OS_2.jpg", None, person=1)
        for number, score in ((2, 0.1), (3, None), (4, 0.1), (5, 0.9)):
            added(store, f"P{number}_OD.jpg", score)
        added(store, "P4_OS.jpg", 0.1, person=4)
        added(store, "IMG_1.jpg", 0.1, person=1)  # of which the eye isn't known
        store.happen(PersonDescribed(1, "K-17", "Ana", 1961), PersonCalled(1))
        store.happen(PersonDescribed(3, "K-17"))  # of which a hint asks whether it is one person
        store.happen(RetakeAsked(2), ResultAccepted(3), Undone(store.camp.history[-1].number + 1))
        store.happen(ResultOverridden(1, "refer", "known scars"))
        stamp = Stamp(10, 20)
        store.see(Path("torn.jpg"), stamp, photo=None, fault="torn.jpg: it breaks off")
        store.see(Path("copy.jpg"), stamp, photo=1, fault=None)
        arrivals.unread = (Path("film.heic"),)
        client.station.intake.trouble = Trouble("gone", "camp/inbox")
        yield client


def pages(client):
    """List the addresses of all pages, and of what is said of one that isn't there."""
    app = make_app(client.station)
    found = [route.path for route in app.routes if "GET" in (route.methods or ())]
    own = [path for path in found if "." not in path and not path.startswith(_NO_PAGES)]
    assert {"/", "/worklist", "/settings", "/person/{number}"} <= {*own}
    queries = ["/worklist?show=refer", "/worklist?q=nobody", "/?done=30", "/person/99"]
    return [path.replace("{number}", "1") for path in own] + queries


def look(browser, **features):
    """Have the browser say what the computer is set to."""
    told = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": told})


def open_page(browser, client, path, language="en"):
    browser.get(f"http://127.0.0.1:{client.port}/static/icon.svg")
    browser.add_cookie({"name": "language", "value": language})
    browser.get(f"http://127.0.0.1:{client.port}{path}")
    WebDriverWait(browser, SECONDS).until(
        lambda b: b.execute_script("return document.styleSheets.length >= 3")
    )
    for details in browser.find_elements(By.CSS_SELECTOR, "main details"):
        browser.execute_script("arguments[0].open = true", details)
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == language


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_page_has_a_serious_fault(browser, full, language, scheme):
    look(browser, prefers_color_scheme=scheme)
    found = {}
    for path in pages(full):
        open_page(browser, full, path, language)
        found[path] = violations(browser)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_nor_has_a_camp_in_which_nothing_has_come_yet(browser, tmp_path):
    with served(tmp_path) as client:
        for path in ("/", "/worklist", "/follow-up", "/files", "/day", "/settings", "/person/1"):
            open_page(browser, client, path)
            assert violations(browser) == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_nor_has_the_page_to_sign_in_with_a_wrong_password_either(
    browser, locked, language, scheme
):
    look(browser, prefers_color_scheme=scheme)
    open_page(browser, locked, "/person/1", language)
    assert browser.find_elements(By.NAME, "password")
    assert violations(browser) == []
    browser.find_element(By.NAME, "name").send_keys("Ana")
    browser.find_element(By.NAME, "password").send_keys("wrong", Keys.ENTER)
    WebDriverWait(browser, SECONDS).until(lambda b: b.find_elements(By.CSS_SELECTOR, ".verdict"))
    assert violations(browser) == []


@pytest.mark.parametrize("width", [320, 1280, 3840])
def test_nor_has_a_page_on_a_narrow_or_a_wide_screen(browser, full, width):
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for path in pages(full):
        open_page(browser, full, path)
        assert violations(browser) == [], path
        small = browser.execute_script(SMALL_TARGETS)
        assert small == [], path
        assert browser.execute_script(SIDEWAYS) <= width


#: Fields and buttons that reach out of their section, or of which another thing lies over a corner.
COVERED = """return [...document.querySelectorAll('main :is(button, select, summary, input)')]
    .filter(e => {
        if (!e.getClientRects().length) { return false; }
        e.scrollIntoView({block: 'center'});
        const box = e.getBoundingClientRect(), middle = (box.top + box.bottom) / 2;
        const own = e.closest('section, main').getBoundingClientRect();
        return box.right > own.right + 1 || [box.left + 5, box.right - 5].some(x => {
            const met = document.elementFromPoint(x, middle);
            return met && !e.contains(met) && !met.contains(e);
        });
    }).map(e => e.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("width", [320, 1024, 1366, 1920, 3840])
def test_nothing_lies_over_a_field_or_a_button(browser, full, width):
    size = {"width": width, "height": 768, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for path in ("/", "/person/1", "/person/2", "/settings", "/day"):
        open_page(browser, full, path)
        assert browser.execute_script(COVERED) == [], path


#: What a finger is to meet and is narrower or lower than 24 pixels (WCAG 2.2, 2.5.8).
SMALL_TARGETS = """return [...document.querySelectorAll(
    'button, select, summary, nav a, .filter a, input:not([type=hidden])')]
    .filter(e => e.getClientRects().length && Math.min(e.offsetWidth, e.offsetHeight) < 24)
    .map(e => e.outerHTML.slice(0, 80))"""

SIDEWAYS = "return document.documentElement.scrollWidth"


@pytest.mark.parametrize("path", ["/", "/worklist", "/person/1", "/settings"])
def test_a_page_that_is_zoomed_to_twice_its_size_on_a_small_screen_reads_without_scrolling_sideways(
    browser, full, path
):
    size = {"width": 320, "height": 400, "deviceScaleFactor": 2, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)  # 640 x 800 at 200 %
    open_page(browser, full, path)
    assert browser.execute_script(SIDEWAYS) <= 320


def test_where_the_computer_has_colours_of_its_own_every_advice_is_read(browser, full):
    look(browser, forced_colors="active")
    for path in ("/", "/worklist", "/person/1"):
        open_page(browser, full, path)
        assert violations(browser) == []
        bare = browser.execute_script(
            "return [...document.querySelectorAll('.advice')].filter(e => {"
            "const style = getComputedStyle(e);"
            "return style.borderTopWidth === '0px' || style.color === style.backgroundColor"
            "|| !e.textContent.trim()}).map(e => e.outerHTML)"
        )
        assert bare == []


def test_what_axe_finds_is_seen(browser, full):
    open_page(browser, full, "/")
    browser.execute_script(
        "document.querySelector('main h1').insertAdjacentHTML('afterend',"
        "'<input id=bare><img src=/static/icon.svg>')"
    )
    assert [each.partition(":")[0] for each in violations(browser)] == ["image-alt", "label"]
    policy = browser.execute_async_script(
        "const done = arguments[0];"
        "document.addEventListener('securitypolicyviolation', e => done(e.violatedDirective));"
        "const script = document.createElement('script'); script.textContent = '1';"
        "document.head.append(script); setTimeout(() => done('none'), 3000)"
    )
    assert policy.startswith("script-src")  # it was on all the time
