"""Photographs that come at 10 kB/s over a share to a station at work, in whatever way."""

import hashlib
import os
import threading
import time

import pytest

from tests.edge_runtime.station.camps import jpeg
from tests.edge_runtime.station.taking_in import at_work, names, wait_until
from tests.edge_runtime.station.web.served import served, words

RATE = 10_000  # bytes a second
PART = 1000  # bytes


def photo(seed):
    """Draw a photograph of some seconds at that rate."""
    data = jpeg(seed, size=(420, 560))
    assert 2 * RATE < len(data) < 8 * RATE
    return data


def write(file, data, *, mode="wb"):
    """Write as a slow share does: a little at a time, each at once on the disk."""
    with file.open(mode, buffering=0) as stream:
        for at in range(0, len(data), PART):
            stream.write(data[at : at + PART])
            time.sleep(PART / RATE)


def plainly(inbox, data):
    write(inbox / "plain_OD.jpg", data)


def by_another_name(inbox, data):
    write(inbox / "renamed_OD.jpg.part", data)
    (inbox / "renamed_OD.jpg.part").rename(inbox / "renamed_OD.jpg")


def once_empty(inbox, data):
    (inbox / "empty_OD.jpg").touch()
    time.sleep(1.5)
    write(inbox / "empty_OD.jpg", data)


def begun_anew(inbox, data):
    write(inbox / "again_OD.jpg", data[: len(data) // 2])
    time.sleep(1)  # the share was away
    write(inbox / "again_OD.jpg", data)


def in_two_halves(inbox, data):
    write(inbox / "halves_OD.jpg", data[: len(data) // 2])
    time.sleep(2)
    write(inbox / "halves_OD.jpg", data[len(data) // 2 :], mode="ab")


def at_full_length(inbox, data):
    """As programs do that reserve the room first."""
    with (inbox / "room_OD.jpg").open("wb") as file:
        file.truncate(len(data))
    write(inbox / "room_OD.jpg", data, mode="r+b")


WAYS = (plainly, by_another_name, once_empty, begun_anew, in_two_halves, at_full_length)


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as client, at_work(client.station.intake):
        yield client


def test_each_comes_in_once_and_whole_and_is_never_said_to_be_broken(client):
    inbox, store = client.station.intake.arrivals.inbox, client.station.store
    photos = [photo(seed) for seed in range(len(WAYS))]
    writers = [
        threading.Thread(target=way, args=(inbox, data))
        for way, data in zip(WAYS, photos, strict=True)
    ]
    for each in writers:
        each.start()
    (inbox / "quick_OD.jpg").write_bytes(jpeg(99))
    wait_until(lambda: "quick_OD.jpg" in names(store))
    assert any(each.is_alive() for each in writers)  # one waits for no other
    assert "Not taken in yet" in words(client.get("/files"))
    wait_until(lambda: len(names(store)) == len(WAYS) + 1)
    for each in writers:
        each.join()
    time.sleep(1)
    assert len(set(names(store))) == len(names(store)) == len(WAYS) + 1
    assert {
        store.photo_of(hashlib.sha256(data).hexdigest()) for data in photos
    } <= store.camp.photos.keys()
    assert [each for each in store.seen() if each.fault] == []
    assert "Not taken in yet" not in words(client.get("/files"))


def test_a_card_that_is_pulled_out_while_it_is_read_comes_in_once_it_is_back(client):
    inbox, store = client.station.intake.arrivals.inbox, client.station.store
    data = photo(7)
    write(inbox / "a_OD.jpg", data[: len(data) // 2])
    away = inbox.with_name("away")
    inbox.rename(away)
    wait_until(lambda: client.station.intake.trouble)
    said = words(client.get("/"))
    assert "the inbox is gone; put the card back in, or connect the share" in said
    write(away / "a_OD.jpg", data[len(data) // 2 :], mode="ab")
    away.rename(inbox)
    wait_until(lambda: names(store) == ["a_OD.jpg"])
    wait_until(lambda: client.station.intake.trouble is None)
    assert [each for each in store.seen() if each.fault] == []


def test_a_file_that_nobody_may_read_is_waited_for(client, monkeypatch):
    """As one that another computer has locked; whoever is root here may read all."""
    inbox, store = client.station.intake.arrivals.inbox, client.station.store
    data, is_locked, opened = photo(8), threading.Event(), type(inbox).open
    is_locked.set()

    def refuse(path, *arguments, **options):
        if path.name == "a_OD.jpg" and is_locked.is_set() and "w" not in str(arguments):
            raise PermissionError(13, os.strerror(13), str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(type(inbox), "open", refuse)
    write(inbox / "a_OD.jpg", data)
    time.sleep(1.5)
    assert names(store) == []
    assert "a_OD.jpg" in words(client.get("/files"))
    is_locked.clear()
    wait_until(lambda: names(store) == ["a_OD.jpg"])
