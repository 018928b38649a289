"""The page of the log's checkpoint tells a phone all of it, and nothing of a person."""

import html
import re
import shutil

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.papers.code import code_squares
from edge_runtime.results.texts import LANGUAGES
from edge_runtime.station.events import PersonDescribed
from edge_runtime.station.logged import LOG
from edge_runtime.station.open_log import logged
from edge_runtime.tlog.key import LogKey
from edge_runtime.tlog.told import in_groups, read_kept
from tests.edge_runtime.papers.pdf_tools import code_in
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.web.served import served, words


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as opened, logged(opened.station.store) as log:
        log.begin("ab" * 32, "{}")
        added(opened.station.store, "P1_OD.jpg", 0.9)
        opened.station.store.happen(PersonDescribed(1, "K-17", "Ana", 1961))
        yield opened


def text_on(page):
    return html.unescape(re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)[1])


def drawn(text):
    """Draw a code's squares as a screen shows them."""
    rows = np.array([[int(each) for each in row] for row in code_squares(text)], np.uint8)
    picture = cv2.resize((1 - rows) * 255, None, fx=5, fy=5, interpolation=cv2.INTER_NEAREST)
    return cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)


def verify(client, tmp_path, *options):
    log = client.station.store.folder / LOG
    return CliRunner().invoke(main, ["log", "verify", str(log), *map(str, options)])


def test_what_a_phone_reads_from_the_code_is_a_checkpoint_that_the_log_fits(client, tmp_path):
    text = text_on(client.get("/checkpoint"))
    read = code_in(drawn(text))
    assert read == text
    (tmp_path / "phone.txt").write_text(read, "utf-8")
    kept = read_kept(tmp_path / "phone.txt")
    assert kept.size == client.station.store.log.log.size
    ran = verify(client, tmp_path, "--checkpoint", tmp_path / "phone.txt",
                 "--key", client.station.store.folder / LOG / "log.pub")  # fmt: skip
    assert ran.exit_code == 0, ran.output


def test_the_code_on_the_page_is_that_of_the_text(client):
    from edge_runtime.papers.code import code_svg

    page = client.get("/checkpoint")
    assert code_svg(text_on(page)) in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_can_compare_size_and_root_and_type_them(client, tmp_path, language):
    page = client.get("/checkpoint", cookie=f"language={language}")
    (tmp_path / "kept").write_text(text_on(page), "utf-8")
    kept = read_kept(tmp_path / "kept")
    line = f"{kept.size}: {in_groups(kept.root)}"
    assert in_groups(kept.root) in words(page)
    assert line in words(page).replace("&#34;", '"')
    assert verify(client, tmp_path, "--checkpoint-root", line).exit_code == 0


def test_nothing_of_a_person_stands_on_it_and_what_it_is_for_does(client):
    said = words(client.get("/checkpoint"))
    for secret in ("K-17", "Ana", "1961", "P1_OD", "glaucoma"):
        assert secret not in said
    assert "For research and education only" in said


def test_looking_at_it_writes_nothing_and_adds_nothing(client):
    folder = client.station.store.folder / LOG

    def files():
        return {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}

    before, size = files(), client.station.store.log.log.size
    client.get("/checkpoint")
    assert files() == before
    assert client.station.store.log.log.size == size


def test_it_is_of_the_moment_in_which_it_is_asked_for(client):
    before = text_on(client.get("/checkpoint"))
    client.station.store.happen(PersonDescribed(1, "K-18"))
    after = text_on(client.get("/checkpoint"))
    assert int(after.split("\n")[1]) == int(before.split("\n")[1]) + 1


def test_day_and_settings_lead_there(client):
    for page in ("/day", "/settings"):
        assert '<a href="/checkpoint">' in client.get(page)


def test_a_log_that_was_damaged_meanwhile_is_said(client):
    store = client.station.store
    while store.log.log.size < 300:
        store.happen(PersonDescribed(1, "K-17"))
    store.log.log.look(lambda stored: stored._tile.cache_clear())
    store.log.log.look(lambda stored: stored._roots.clear())
    shutil.move(store.folder / LOG / "tile", store.folder / "tile")
    status, _, page = client.ask("GET", "/checkpoint")
    assert status == 500
    assert "it is gone, and it was written there" in words(page)
    shutil.move(store.folder / "tile", store.folder / LOG / "tile")


def test_where_nothing_signs_it_says_so(client, monkeypatch):
    monkeypatch.setattr(LogKey, "sign", lambda _, note: note)
    page = client.get("/checkpoint")
    assert "It isn't signed, and needn't be: nothing is wrong." in html.unescape(words(page))
    assert 'class="bad"' not in page
    assert not text_on(page).count("\u2014")


def test_where_nothing_is_logged_it_says_so(tmp_path):
    with served(tmp_path) as client:
        assert "Nothing is logged" in words(client.get("/checkpoint"))
