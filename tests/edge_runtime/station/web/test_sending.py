"""The page "Settings" says how what is sent to a hospital stands, and opens nothing of it."""

import pytest

from edge_runtime.exchange.outbox import Outbox
from edge_runtime.exchange.outbox_form import STANDING
from edge_runtime.exchange.standing import Standing
from edge_runtime.results.texts import LANGUAGES, texts
from edge_runtime.station.web.frame import TEXTS
from edge_runtime.station.web.sending import sending_rows
from edge_runtime.system.codec import to_line
from tests.edge_runtime.station.web.served import served, words


@pytest.fixture
def folder(tmp_path):
    """A queue's folder that says how it stands."""
    said = (("ARCH@pacs:104", "it can't make <b>sense</b> of the object (status C000)"),)
    standing = Standing(3, 40, 0, 2, 1, said, 0.0)
    (tmp_path / STANDING).write_text(to_line(standing))
    return tmp_path


def test_without_a_queue_nothing_is_said(tmp_path):
    with served(tmp_path) as client:
        assert "To the hospital" not in client.get("/settings")


def test_what_waits_and_what_was_refused_stands_on_the_page(folder, tmp_path):
    with served(tmp_path) as client:
        object.__setattr__(client.station, "send_queue", folder)  # as the option has it
        page = client.get("/settings")
    assert "To the hospital 3 waiting, 40 sent, 2 refused, 1 given up" in words(page)
    assert "ARCH@pacs:104 says it can&#39;t make &lt;b&gt;sense" in words(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_a_caution_where_a_person_has_to_look(folder, language):
    say = texts(language, TEXTS).say
    assert [is_wrong for _, _, is_wrong in sending_rows(folder, say)] == [True, True]
    (folder / STANDING).write_text(to_line(Standing(3, 40, 0, 0, 0, (), 0.0)))
    assert [is_wrong for _, _, is_wrong in sending_rows(folder, say)] == [False]
    for lost in ("{", "[]", ""):
        (folder / STANDING).write_text(lost)
        assert str(folder) in sending_rows(folder, say)[0][1]


def test_looking_holds_no_sender_up(tmp_path):
    outbox = Outbox(tmp_path / "queue")
    outbox.tell()
    rows = sending_rows(tmp_path / "queue", texts("en", TEXTS).say)
    outbox.close()
    assert rows == [("To the hospital", "0 waiting, 0 sent, 0 refused, 0 given up", False)]
