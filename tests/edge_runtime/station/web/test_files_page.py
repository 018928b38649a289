"""The page of files lists what is broken now, a file a line, however many photos it holds."""

from contextlib import closing
from html import unescape
from pathlib import Path

import pytest

from edge_runtime.photo.find import Stamp
from edge_runtime.station.camp_store import CampStore
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.web.served import served, words

BROKEN = "Not read, and what to do"


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as client:
        yield client


def broken(store, name, *, size=1, said="is truncated"):
    store.see(Path(name), Stamp(size, 1), photo=None, fault=f"{name}: {said}")


def page(client):
    return words(unescape(client.get("/files")))


def test_a_file_that_came_whole_later_isnt_listed_any_more(client):
    store = client.station.store
    broken(store, "P1_OD.jpg")
    broken(store, "P2_OD.jpg")
    assert page(client).count("P1_OD.jpg") == 1
    added(store, "P1_OD.jpg")
    assert "P1_OD.jpg" not in page(client)
    assert "P2_OD.jpg" in page(client)
    added(store, "P2_OD.jpg")
    assert BROKEN not in page(client)


def test_of_a_file_of_several_photos_that_comes_anew_no_fault_of_before_is_listed(client):
    store = client.station.store
    number = added(store, "good.jpg")
    for name in ("a/scan.dcm#3", "a/scan.dcm", "b/scan.dcm"):
        broken(store, name)
    store.see(Path("a/scan.dcm#1"), Stamp(2, 1), photo=number, fault=None)
    assert list(store.camp.files.broken) == ["b/scan.dcm"]
    broken(store, "a/scan.dcm#2", size=2)
    store.see(Path("a/scan.dcm"), Stamp(2, 1), photo=number, fault=None)
    assert list(store.camp.files.broken) == ["b/scan.dcm", "a/scan.dcm#2"]  # it is broken still
    store.see(Path("a/scan.dcm"), Stamp(3, 1), photo=number, fault=None)
    assert list(store.camp.files.broken) == ["b/scan.dcm"]


def test_a_thousand_broken_photos_of_one_file_are_one_line(client):
    store = client.station.store
    broken(store, "P1_OD.jpg")
    for number in range(1, 1001):
        broken(store, f"scan.dcm#{number}")
    said = page(client)
    assert said.count("scan.dcm") == 1
    assert "scan.dcm (1000 photos)" in said
    assert "P1_OD.jpg" in said
    assert 'aria-label="Files: 2 can\'t be read"' in unescape(client.get("/files"))


def test_a_thousand_copies_out_of_one_file_are_one_line(client):
    store = client.station.store
    first, other = added(store, "first.dcm#1"), added(store, "P1_OD.jpg")
    store.see(Path("again.jpg"), Stamp(5, 5), photo=other, fault=None)
    for number in range(1, 1001):
        store.see(Path(f"copy.dcm#{number}"), Stamp(9, 9), photo=first, fault=None)
    said = page(client)
    assert "copy.dcm (1000 photos) same as first.dcm#1" in said
    assert said.count("copy.dcm") == 1
    assert "again.jpg same as P1_OD.jpg" in said


def test_what_is_broken_is_the_same_after_a_start(tmp_path):
    with closing(CampStore(tmp_path)) as store:
        number = added(store, "good.jpg")
        for name in ("scan.dcm#3", "P1_OD.jpg"):
            broken(store, name)
        store.see(Path("scan.dcm#1"), Stamp(2, 1), photo=number, fault=None)
        before = list(store.camp.files.broken)
    with closing(CampStore(tmp_path)) as again:
        assert list(again.camp.files.broken) == before == ["P1_OD.jpg"]
