"""Whatever a file, a person or a reason is called, the pages show it and nothing comes of it."""

import csv
import io
import os
import time

import pytest
from selenium.webdriver.common.by import By

from edge_runtime.errors import printable
from tests.edge_runtime.station.camps import jpeg
from tests.edge_runtime.station.web.axe import violations
from tests.edge_runtime.station.web.browsing import SECONDS
from tests.edge_runtime.station.web.served import served
from tests.edge_runtime.station.web.test_accessible import pages

TEXTS = (
    '"><script>document.title = "taken"; alert(1)</script>',
    "<img src=x onerror=\"document.title = 'taken'; alert(2)\">",
    "javascript:alert(3)",
    "\u202egpj.DO_1\u202c",
    "\u2066hidden\u2069\u200b",
    "=HYPERLINK(\"http://example.org\";\"x\")",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; & 'quoted' \"twice\"",
    "W" * 200,
    "أحمد  محمد",
    "../../etc/passwd",
)  # fmt: skip

#: A name whose parts are kept apart by a sign that isn't seen.
PERSIAN = "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"

#: What turns the direction of what follows it, or can't be seen.
INVISIBLE = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Serve a camp in which everything has a hostile name, photographs taken in as ever."""
    folder = tmp_path_factory.mktemp("hostile")
    with served(folder) as client:
        intake, inbox = client.station.intake, folder / "inbox"
        for number, text in enumerate(TEXTS):
            name = f"N{number} {text.replace('/', '|')[:120]}_OD.jpg"
            (inbox / name).write_bytes(jpeg(number, size=(160, 200)))
            (inbox / f"broken {name}").write_bytes(b"no picture")
            (inbox / f"film {name}.heic").write_bytes(b"no picture")
        (inbox / "two\nlines_OD.jpg").write_bytes(jpeg(90, size=(160, 200)))
        (inbox / os.fsdecode(b"\xff\xfe<i>_OD.jpg")).write_bytes(jpeg(91, size=(160, 200)))
        end = time.monotonic() + SECONDS
        while len(client.station.store.camp.photos) < len(TEXTS) + 2:
            assert time.monotonic() < end, client.station.store.seen()
            intake.sweep()
            time.sleep(0.1)
        for path, watched in intake.arrivals.waiting.items():
            fault = f"{printable(path)}: broken"
            client.station.store.see(path, watched.stamp, photo=None, fault=fault)
        for number, text in enumerate(TEXTS, 1):
            person = f"{number}"
            assert client.post("describe", person=person, given_id=text, name=text)[0] == 303
            client.post("override", photo=person, decision="refer", reason=text)
            client.post("refer", person=person, place=text, day="2026-01-01")
            client.post("consent", person=person, may_call="yes", contact=text)
            client.post("follow", person=person, came="no", note=text)
        client.post("operator", name=TEXTS[0])
        client.post("call", given_id=TEXTS[0])
        client.post("retake", photo="2", reason=TEXTS[1])
        yield client


def addresses(client):
    people = client.station.store.camp.people
    own = [f"/{page}/{number}" for page in ("person", "slip") for number in people]
    return [*pages(client), *own, "/worklist?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"]


def test_no_name_runs_or_makes_a_part_of_a_page_or_turns_its_letters_about(browser, hostile):
    for path in addresses(hostile):
        browser.get(f"http://127.0.0.1:{hostile.port}{path}")  # an alert would raise here
        body = browser.find_element(By.TAG_NAME, "body")
        assert browser.title != "taken", path
        assert browser.execute_script(FOREIGN, f"http://127.0.0.1:{hostile.port}/") == [], path
        said = body.get_attribute("textContent")
        assert not set(INVISIBLE) & set(said), (path, ascii(said))
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 1280, path
    log = browser.get_log("browser")
    assert [each for each in log if "Content Security Policy" in each["message"]] == []


#: Parts of a page that no template has, and addresses that lead elsewhere.
FOREIGN = """return [
    ...document.querySelectorAll('body script, i, iframe, object, [onerror], [onclick], [src="x"]'),
    ...[...document.querySelectorAll('[href], [src], [action]')].filter(
        e => ![e.href, e.src, e.action].filter(Boolean).every(
            to => typeof to !== 'string' || to.startsWith(arguments[0])))
    ].map(e => e.outerHTML)"""


#: Where the letters # and 0 of a person's number stand, and where the name beside it ends.
NUMBER = """const row = [...document.querySelectorAll('.faint')].find(
    e => e.textContent === '#10');
const text = row.firstChild, at = place => {
    const one = document.createRange();
    one.setStart(text, place); one.setEnd(text, place + 1);
    return one.getBoundingClientRect().left;
};
return [row.previousElementSibling.getBoundingClientRect().right, at(0), at(2)]"""


@pytest.mark.parametrize("page", ["worklist", "follow-up"])
def test_an_arabic_name_turns_no_number_beside_it_about(browser, hostile, page):
    browser.get(f"http://127.0.0.1:{hostile.port}/{page}")
    name_ends, sign, digit = browser.execute_script(NUMBER)
    assert name_ends <= sign < digit


def test_nor_on_a_page_that_says_what_is_wrong(hostile):
    for text in TEXTS:
        for kind in ("merge", "assign", "undo"):
            _, _, page = hostile.post(kind, person="1", photo="1", event=text, given_id=text)
            assert text not in page or "<" not in text
        _, _, page = hostile.ask("GET", f"/{text.encode().hex()}/%3Cscript%3E")
        assert "<script>" not in page.partition("<body")[2]


def test_pages_of_hostile_names_are_read_aloud_as_others_are(browser, hostile):
    for path in ("/worklist", "/files", "/person/1"):
        browser.get(f"http://127.0.0.1:{hostile.port}{path}")
        assert violations(browser) == [], path


def test_the_table_has_a_row_for_each_photo_and_no_cell_that_a_spreadsheet_computes(hostile):
    rows = [*csv.DictReader(io.StringIO(hostile.get("/camp.csv").removeprefix("\ufeff")))]
    assert len([row for row in rows if row["photo"]]) == len(TEXTS) + 2
    cells = [cell for row in rows for cell in row.values()]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert not any(set(INVISIBLE) & set(cell) or "\n" in cell for cell in cells)
    by_name = {row["name"] for row in rows}
    assert {TEXTS[0], TEXTS[1], TEXTS[6], TEXTS[8]} <= by_name


def test_everything_is_as_it_was_given(hostile):
    """But for what nobody sees; what joins letters, as Persian names have it, stays."""
    hostile.post("describe", person="13", given_id="13", name=PERSIAN)
    names = [person.name for person in hostile.station.store.camp.people.values()]
    told = ["".join(each for each in text if each not in INVISIBLE) for text in TEXTS]
    assert {" ".join(text.split()) for text in told} | {PERSIAN} <= {*names}
    assert PERSIAN in hostile.get("/person/13").partition("<h1>")[2].partition("</h1>")[0]
