"""The report's files: 3,000 photos in little time and memory, no row lost, no link broken."""

import re
import time
import tracemalloc
from contextlib import closing

import numpy as np
import pytest

from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.errors import StoreInvalidError
from edge_runtime.predict.classifier import Classifier
from edge_runtime.results.embedded import small_jpeg
from edge_runtime.results.exports import write_exports
from edge_runtime.results.overlays import OVERLAYS, jpeg, overlay_file
from edge_runtime.results.page import ON_A_PAGE
from edge_runtime.results.store import Store
from edge_runtime.results.store_form import Picture
from tests.edge_runtime.links import broken_links
from tests.edge_runtime.results.records import forget, graded, ungradable, unreadable

PICTURE = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
SMALL = PICTURE[:60, :80]


@pytest.fixture(scope="module")
def classifier():
    return Classifier(load_bundle())


def filled(folder, number, picture=SMALL):
    """Write a store of so many photos: three referred or not, one dark, one cut, and again."""
    (folder / OVERLAYS).mkdir()
    small, overlay = small_jpeg(picture), jpeg(picture)
    store = Store(folder)
    for each in range(1, number + 1):
        path = f"p/{each}.jpg"
        pictures = [Picture("", None, small)]
        if each % 5 == 0:
            record, pictures = unreadable(path), []
        elif each % 5 == 1:
            record = ungradable(path)
        else:
            record = graded(path, each * 7919 % number / number)
            file = overlay_file(each, folder / "eye.jpg", "")
            (folder / file).write_bytes(overlay)
            pictures.append(Picture("glaucoma", file, small))
        store.add(record, pictures, sha256=None)
    return store


def test_3000_photos_lose_no_row_and_no_link_in_little_time(tmp_path, classifier):
    number = 3000
    with closing(filled(tmp_path, number)) as store:
        started = time.monotonic()
        write_exports(tmp_path, store, classifier)
    assert time.monotonic() - started < 300  # 34 s where this was written, beside other work
    page = tmp_path / "report.html"
    assert page.stat().st_size < 800 * number  # no picture is in it
    text = page.read_text("utf-8")
    rows = [int(each) for each in re.findall(r'<tr id="n(\d+)">', text)]
    assert sorted(rows) == [*range(1, number + 1)]
    assert broken_links(page) == []
    details = sorted((tmp_path / "report").glob("*.html"))
    assert len(details) == number // ON_A_PAGE
    pages = "".join(file.read_text("utf-8") for file in details)
    shown = [int(each) for each in re.findall(r'class="photo" id="n(\d+)"', pages)]
    assert shown == rows  # the pages go on in the same order
    assert broken_links(details[0]) == broken_links(details[-1]) == []
    assert max(file.stat().st_size for file in details) < 3000 * ON_A_PAGE
    scores = [float(each) for each in re.findall(r"<td>([\d.]+)% for all diseases", text)]
    assert scores == sorted(scores, reverse=True)


def test_a_report_takes_the_memory_of_one_photo_whatever_their_number(tmp_path, classifier):
    with closing(filled(tmp_path, 200, PICTURE)) as store:
        tracemalloc.start()
        write_exports(tmp_path, store, classifier)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    pictures = sum(file.stat().st_size for file in (tmp_path / "report").glob("*.jpg"))
    assert peak < pictures / 3, (peak, pictures)


def test_an_old_report_never_stands_before_other_details(tmp_path, classifier, monkeypatch):
    with closing(filled(tmp_path, 30)) as store:
        write_exports(tmp_path, store, classifier)
        old = {path.name for path in (tmp_path / "report").iterdir()}
        store.add(graded("p/new.jpg", 1.0), [], sha256=None)
        with pytest.raises(StoreInvalidError, match="photo 31 lacks a picture"):
            write_exports(tmp_path, store, classifier)
        assert {path.name for path in (tmp_path / "report").iterdir()} == old
        assert broken_links(tmp_path / "report.html") == []  # the old one, with its details
        forget(store, 31, 30)
        monkeypatch.setattr("edge_runtime.results.report.report_page", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_exports(tmp_path, store, classifier)
    assert not (tmp_path / "report.html").exists()


def test_a_picture_in_the_store_that_is_no_jpeg_is_a_sentence(tmp_path, classifier):
    with closing(Store(tmp_path)) as store:
        store.add(ungradable(), [Picture("", None, b"no picture")], sha256=None)
        with pytest.raises(StoreInvalidError, match="photo 1 has a picture that is no JPEG"):
            write_exports(tmp_path, store, classifier)


def test_an_overlay_that_a_store_names_elsewhere_isnt_written_there(tmp_path, classifier):
    with closing(Store(tmp_path)) as store:
        pictures = [Picture("", None, small_jpeg(PICTURE)),
                    Picture("glaucoma", "../elsewhere.jpg", small_jpeg(PICTURE))]  # fmt: skip
        store.add(graded(), pictures, sha256=None)
        write_exports(tmp_path, store, classifier)
    assert not (tmp_path.parent / "elsewhere.jpg").exists()
