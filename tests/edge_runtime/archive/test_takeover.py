"""A photograph whose content has a record gets that record, and isn't screened again."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from edge_runtime.archive import worker
from edge_runtime.archive.contents import Contents, Location, content_key, unpack
from edge_runtime.archive.hashes import array_of
from edge_runtime.archive.rows import Wanted
from edge_runtime.archive.worker import Setup
from tests.edge_runtime.archive.runs import records_in, rows_in, screen, timeless, write_photos


def contents(*told):
    keys = [content_key(*each) for each in told]
    locations = [Location(3, number).packed for number in range(len(told))]
    return Contents([array_of(keys)], [np.array(locations, np.int64)])


def test_a_content_is_found_where_its_last_record_is():
    known = contents(("a", "x.jpg"), ("b", "y.jpg"), ("a", "z.jpg"))
    assert unpack(known.find(content_key("a", "other.jpg"))) == Location(3, 2)
    assert unpack(known.find(content_key("b", "other.jpg"))) == Location(3, 1)
    assert known.find(content_key("c", "x.jpg")) is None
    assert Contents().find(content_key("a", "x.jpg")) is None


def test_what_the_name_says_of_the_eye_is_in_the_record_and_so_in_the_key():
    known = contents(("a", "1_OD.jpg"))
    assert known.find(content_key("a", "elsewhere/2_right.jpg")) is not None
    for other in ("1_OS.jpg", "1.jpg"):
        assert known.find(content_key("a", other)) is None


def test_a_name_that_is_not_told_as_it_is_and_a_file_that_was_not_read_have_no_key():
    assert content_key("a", "\\udcff_OD.jpg") is None
    assert content_key(None, "x.jpg") is None
    assert contents(("a", "x.jpg")).find(None) is None


@pytest.fixture(scope="module")
def begun(cluster, tmp_path_factory):
    """An archive of seven photographs, one of them broken, and its records with maps."""
    folder = tmp_path_factory.mktemp("takeover")
    write_photos(folder / "photos" / "old", range(6))
    cut = (folder / "photos" / "old" / "0.jpg").read_bytes()[:2000]
    (folder / "photos" / "old" / "broken.jpg").write_bytes(cut)
    setup = Setup(None, "", wanted=Wanted(maps=True))
    screen(folder / "photos", folder / "out", partition=4, setup=setup)
    return folder


def test_what_was_moved_touched_or_copied_takes_its_record_along(begun, tmp_path):
    folder = tmp_path / "all"
    shutil.copytree(begun, folder)
    out, moved = folder / "out", folder / "photos" / "new"
    before = {Path(row["path"]).name: row for row in rows_in(out)}
    # copied, so that all lie elsewhere, and have been changed since by the clock
    (folder / "photos" / "old").rename(moved)
    os.utime(moved / "1.jpg", ns=(5, 5))
    setup = Setup(None, "", wanted=Wanted(maps=True))
    _, totals, _ = screen(folder / "photos", out, partition=4, resume=True, setup=setup)
    assert (totals.photos, totals.taken_over, totals.statuses["error"]) == (7, 6, 1)
    rows = [row for row in rows_in(out) if row["path"].startswith(str(moved))]
    assert len(rows) == 7
    for row in rows:
        old = before[Path(row["path"]).name]
        assert row["source"] == "new"
        assert row["modified"].value == Path(row["path"]).stat().st_mtime_ns
        record = timeless(row["record"])
        assert record.pop("path") == row["path"]
        if row["status"] != "error":
            assert record.items() <= timeless(old["record"]).items()
            same = ("sha256", "size", "status", "class", "probabilities", "map", "map_width",
                    "refer", "referral", "reason", "bundle", "version")  # fmt: skip
            assert {name: row[name] for name in same} == {name: old[name] for name in same}
    again = screen(folder / "photos", out, resume=True, setup=setup)
    assert (again[1].photos, again[2]) == (0, 7)


def test_the_record_is_the_one_that_screening_would_give(begun, tmp_path):
    setup = Setup(None, "", wanted=Wanted(maps=True))
    folder = tmp_path / "photos"
    shutil.copytree(begun / "photos", folder / "photos")
    (folder / "photos" / "old" / "3.jpg").rename(folder / "photos" / "old" / "3_OS.jpg")
    shutil.copytree(begun / "out", tmp_path / "out")
    _, totals, _ = screen(folder, tmp_path / "out", resume=True, setup=setup)
    assert totals.taken_over == 5  # neither the broken one, nor the one that is of an eye now
    screen(folder, tmp_path / "fresh", setup=setup)
    taken = records_in(tmp_path / "out")
    assert {path: taken[path] for path in records_in(tmp_path / "fresh")} == records_in(
        tmp_path / "fresh"
    )


def test_no_network_answers_about_what_is_taken_over(begun, tmp_path):
    table = {"partition": 1, "ordinal": 2, "path": b"/a.jpg", "source": None, "date": "2026-01-02",
             "data": None, "sha256": "a", "size": 3, "modified": 4, "error": None,
             "known": 77}  # fmt: skip

    class Row:
        @staticmethod
        def to_pylist():
            return [table]

    made = worker.Worker(Setup(None, ""))
    made._classifier = made._decoder = None
    (row,) = made(Row()).to_pylist()
    assert (row["known"], row["path"], row["status"]) == (77, "/a.jpg", None)
    assert str(row["date"]) == "2026-01-02"
