"""Who looks at the page hears of files that can't be read, and of what came for somebody else."""

from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from edge_runtime.photo.find import Stamp
from edge_runtime.station import moment
from edge_runtime.station.events import PersonCalled, PersonOpened
from edge_runtime.station.web import bad_files
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.web.served import served, words

BROKEN = "P21_OD.jpg can't be read. The file breaks off. Copy it again from the camera's card"


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as client:
        yield client


def see_broken(client, name="P21_OD.jpg", said="the JPEG file is truncated"):
    client.station.store.see(Path(name), Stamp(1, 1), photo=None, fault=f"{name}: {said}")


def test_a_broken_file_is_told_of_until_a_good_one_comes_by_its_name(client):
    added(client.station.store, "P20_OD.jpg")
    state = client.station.news()
    see_broken(client)
    assert client.station.news() != state
    page = unescape(client.get("/"))
    assert BROKEN in words(page)
    assert 'aria-label="Files: 1 can\'t be read"' in page
    added(client.station.store, "P21_OD.jpg")
    page = unescape(client.get("/"))
    assert BROKEN not in words(page)
    assert 'aria-label="Files' not in page
    assert client.station.news() != state


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "the TIFF file claims 2147483648 pixels, more than 200000000",
            "has too many pixels. Have the camera save a smaller one.",
        ),
        ("not a file", "a device or a pipe. Put the photo itself there."),
        ("not a JPEG file", "It isn't a photo, whatever its name says."),
    ],
)
def test_what_copying_cant_mend_isnt_to_be_copied_again(client, said, shown):
    see_broken(client, said=said)
    for address in ("/", "/files"):
        page = words(unescape(client.get(address)))
        assert shown in page
        assert "again" not in page.lower()
    assert "P21_OD.jpg can't be read. " in words(unescape(client.get("/")))


def test_an_hour_later_it_is_counted_alone(client, monkeypatch):
    see_broken(client)
    monkeypatch.setattr(bad_files, "now", lambda: moment.now() + timedelta(minutes=61))
    page = unescape(client.get("/"))
    assert BROKEN not in words(page)
    assert "Files ⚠ 1" in words(page)


def test_a_file_of_another_kind_is_told_of_when_it_comes(client):
    intake = client.station.intake
    intake.arrivals.look()
    (intake.arrivals.inbox / "eye.heic").write_bytes(b"heic")
    state = client.station.news()
    intake.arrivals.look()
    assert client.station.news() != state
    said = "eye.heic isn't a photo that can be read: have the camera write JPEG."
    assert said in words(unescape(client.get("/")))
    (intake.arrivals.inbox / "eye.heic").unlink()
    intake.arrivals.look()
    assert said not in words(unescape(client.get("/")))


def test_what_came_for_somebody_else_since_the_call_is_named(client):
    store = client.station.store
    added(store, "P39_OD.jpg")
    store.happen(PersonOpened(2, "P40"), PersonOpened(3, "P41"), PersonCalled(3))
    assert "came for" not in words(unescape(client.get("/")))
    added(store, "P40_OD.jpg", person=2)
    page = unescape(client.get("/"))
    assert "P40_OD.jpg came for P40. Look at them" in words(page)
    assert '<a href="/person/2">Look at them</a>' in page
    added(store, "P41_OD.jpg", person=3)
    assert "came for" not in words(unescape(client.get("/")))


def test_a_file_that_may_not_be_opened_is_told_of_with_what_to_do_until_it_may(client, monkeypatch):
    arrivals, file = client.station.intake.arrivals, Path("P9_OD.jpg")
    before = client.station.news()
    with monkeypatch.context() as patch:
        patch.setattr(arrivals, "still_coming", lambda: (file, Path("slow.jpg")))
        patch.setattr(arrivals, "refused", lambda: {file: "permission denied; change ..."})
        assert client.station.news() != before
        for page in ("/", "/files"):
            said = words(unescape(client.get(page)))
            assert "Files ⚠ 1" in said
            assert "P9_OD.jpg" in said
            assert "Change its permissions or its owner." in said
        waiting = words(unescape(client.get("/files"))).partition("Not read")[0]
        assert "slow.jpg" in waiting
        assert "P9_OD.jpg" not in waiting
    assert "P9_OD.jpg" not in client.get("/files")
