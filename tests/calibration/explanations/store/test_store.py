"""A store of explanations: what goes in comes out, whatever happens, and nothing else is taken."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from calibration.errors import ExplanationStoreError
from calibration.explanations.store import store as store_module
from calibration.explanations.store.info import check_same, read_info
from calibration.explanations.store.read import (
    read_column,
    read_logits,
    read_parts,
    read_store,
    verify_store,
)
from calibration.explanations.store.row import COLUMNS
from calibration.explanations.store.store import Known, writing
from edge_runtime.errors import OutputExistsError, OutputFailedError
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.photo.find import Stamp
from tests.calibration.explanations.store.stored import INFO, stored, unreadable
from tests.edge_runtime.killing import killed_in_its_work


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(store_module, "PART_PHOTOS", 4)


def fill(path, numbers, *, info=INFO):
    with writing(path, info) as store:
        for number in numbers:
            store.add(stored(number))
    return path


@pytest.fixture
def full(tmp_path):
    """A store of ten photos in three parts."""
    return fill(tmp_path / "store", range(10))


def check(path, numbers):
    """Check that a store has just these photos, in this order, with their own arrays."""
    found, expected = read_store(path), [stored(number) for number in numbers]
    assert found.photos == tuple(each.photo for each in expected)
    for name in ("maps", "features", "probabilities"):
        np.testing.assert_array_equal(
            getattr(found, name), [getattr(each, name) for each in expected]
        )
        assert getattr(found, name).dtype == np.float32
    np.testing.assert_array_equal(read_logits(path), [each.logits for each in expected])


def test_what_is_stored_is_read_again(full):
    check(full, range(10))
    assert read_store(full).classes == INFO.classes
    assert read_info(full) == INFO
    assert read_column(full, "split") == ["test_dir"] * 10
    assert read_column(full, "quality_shape_fill") == [0.9] * 10
    assert read_column(full, "quality_outline") == [None] * 10


def test_what_isnt_known_comes_back_as_unknown(tmp_path):
    none = stored(
        1, label=None, source=None, patient=None, eye=None, familiarity=None, landmarks=Landmarks(),
        fault="too dark", split=None,
    )  # fmt: skip
    with writing(tmp_path / "s", INFO) as store:
        store.add(none)
    assert read_store(tmp_path / "s").photos == (none.photo,)


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_utf8_comes_back_as_it_was(tmp_path):
    odd = stored(1, path=os.fsdecode(b"eye\xff.jpg"))
    with writing(tmp_path / "s", INFO) as store:
        store.add(odd)
    assert read_store(tmp_path / "s").photos[0].path == odd.photo.path


def test_a_store_is_read_part_by_part_too(full):
    parts = list(read_parts(full))
    assert [len(part.photos) for part in parts] == [4, 4, 2]
    whole = read_store(full)
    assert sum((part.photos for part in parts), ()) == whole.photos
    np.testing.assert_array_equal(np.concatenate([part.maps for part in parts]), whole.maps)


def test_all_parts_are_one_array_for_hdf5_wherever_it_is_opened(full, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    full.rename(tmp_path / "moved")
    with h5py.File(tmp_path / "moved" / "explanations.h5") as file:
        assert set(file) == {"maps", "features", "probabilities", "logits"}
        np.testing.assert_array_equal(file["maps"][3:9], read_store(tmp_path / "moved").maps[3:9])
        assert {array.dtype for array in file.values()} == {np.dtype(np.float32)}


def test_where_a_part_is_missing_hdf5_shows_no_number(full):
    (full / "parts" / "00002.h5").unlink()
    with h5py.File(full / "explanations.h5") as file:
        gone = np.isnan(file["maps"][:]).any(axis=(1, 2, 3))
    assert gone.tolist() == [4 <= number < 8 for number in range(10)]


def test_a_store_grows(full):
    fill(full, range(10, 13))
    check(full, range(13))
    with h5py.File(full / "explanations.h5") as file:
        assert file["logits"].shape == (13, 2)
    verify_store(full)


def test_what_couldnt_be_read_is_listed_until_it_can(tmp_path):
    with writing(tmp_path / "s", INFO) as store:
        store.add(unreadable(1))
    assert len(read_store(tmp_path / "s").photos) == 0
    assert read_logits(tmp_path / "s").shape == (0, 2)
    with sqlite3.connect(tmp_path / "s" / "index.sqlite") as index:
        ((path, error),) = index.execute("SELECT path, error FROM unreadable")
        assert (path, error) == ("photos/1.jpg", "can't be read")
    with writing(tmp_path / "s", INFO) as store:
        store.add(stored(1))
    with sqlite3.connect(tmp_path / "s" / "index.sqlite") as index:
        assert index.execute("SELECT count(*) FROM unreadable").fetchall() == [(0,)]
    check(tmp_path / "s", [1])


def test_a_part_is_closed_after_a_while(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "PART_SECONDS", 0.0)
    with writing(tmp_path / "s", INFO) as store:
        store.add(stored(0))
        check(tmp_path / "s", [0])


def test_a_stop_keeps_all_that_was_done_and_an_error_all_whole_parts(tmp_path):
    def numbers(first, last, stop):
        yield from range(first, last)
        raise stop

    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path / "s", numbers(0, 1, KeyboardInterrupt))
    check(tmp_path / "s", [0])
    with pytest.raises(ZeroDivisionError):
        fill(tmp_path / "s", numbers(1, 7, ZeroDivisionError))
    check(tmp_path / "s", range(5))


KILLED = """
import sys, time
from calibration.explanations.store import store as module
from tests.calibration.explanations.store.stored import INFO, stored
module.PART_PHOTOS = 4
from pathlib import Path
with module.writing(Path(sys.argv[1]), INFO) as store:
    for number in range(60):
        if not store.known.has_stamp(f"place{number}", (9, number)):
            store.add(stored(number))
            print(number, flush=True)
            time.sleep(0.01)
"""


def test_a_store_that_is_killed_at_any_moment_goes_on_with_each_photo_once(tmp_path):
    random = np.random.default_rng(0)
    last, kills = -1, 0
    for _ in range(10):
        delay = float(random.uniform(0, 0.2))
        try:
            last = killed_in_its_work(KILLED, tmp_path / "s", delay_s=delay)
        except (AssertionError, ValueError):  # it came to its end
            break
        kills += 1
        done = [each.path for each in read_store(tmp_path / "s").photos]
        assert done == [stored(number).photo.path for number in range(len(done))]
        assert len(done) % 4 == 0
        assert last - 4 <= len(done)  # no more is lost than the part that was gathered
    assert kills >= 3
    assert last > 8  # else nothing was tested
    with writing(tmp_path / "s", INFO) as store:
        for number in range(60):
            if not store.known.has_stamp(f"place{number}", Stamp(9, number)):
                store.add(stored(number))
    check(tmp_path / "s", range(60))
    verify_store(tmp_path / "s")
    assert all(not file.name.startswith(".") for file in (tmp_path / "s" / "parts").iterdir())


HALF_ENTERED = """
import os, sqlite3, sys
index = sqlite3.connect(sys.argv[1], isolation_level=None)
index.execute("PRAGMA cache_size = 1")  # so that what is entered reaches the file before its end
index.execute("BEGIN IMMEDIATE")
for number in range(1000):
    index.execute("INSERT INTO parts VALUES (?, ?, ?)", (10 + number, "0" * 64, 1))
os._exit(0)
"""


def test_what_a_killed_run_had_half_entered_is_taken_back_by_who_reads(full):
    subprocess.run([sys.executable, "-c", HALF_ENTERED, full / "index.sqlite"], check=True)
    assert (full / "index.sqlite-journal").stat().st_size > 0
    check(full, range(10))


def test_a_part_that_isnt_in_the_index_goes(full):
    (full / "parts" / "00004.h5").write_bytes(b"half")
    fill(full, [])
    assert sorted(file.name for file in (full / "parts").iterdir()) == [
        "00001.h5", "00002.h5", "00003.h5",
    ]  # fmt: skip


def test_nobody_else_writes_meanwhile(full):
    with writing(full, INFO):
        with pytest.raises(OutputExistsError, match="another run is writing there"):
            fill(full, [11])
        check(full, range(10))  # and whoever reads may


def test_a_store_is_for_its_owner_only(full):
    if os.name != "nt":
        found = [full, *full.rglob("*")]
        assert {each.stat().st_mode & 0o077 for each in found} == {0}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"bundle_identity": "c" * 64}, "another bundle"),
        ({"model_sha256": "c" * 64}, "another model"),
        ({"gradients": "fixed"}, "another --gradients"),
        ({"version": "2"}, "another version of fundus-edge"),
    ],
)
def test_a_store_of_something_else_is_refused(full, changed, said):
    with pytest.raises(ExplanationStoreError, match=said):
        fill(full, [11], info=replace(INFO, **changed))
    check(full, range(10))


def test_another_day_and_processor_are_no_other_store(full):
    check_same(full, INFO, replace(INFO, created="later", providers=("CUDAExecutionProvider",)))


def test_another_folder_is_refused(tmp_path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(OutputExistsError, match="it is no store of explanations"):
        fill(tmp_path / "photos", [1])
    assert list((tmp_path / "photos").iterdir()) == []


def test_a_full_disk_is_one_sentence_and_loses_no_whole_part(full, monkeypatch):
    def write(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(store_module, "write_file", write)
        with pytest.raises(OutputFailedError, match="no space left on device"):
            fill(full, [11, 12])
    check(full, range(10))


def damaged(path, how):
    part = path / "parts" / "00002.h5"
    if how == "missing":
        part.unlink()
    elif how == "damaged":
        data = bytearray(part.read_bytes())
        data[-5] ^= 1
        part.write_bytes(data)
    elif how == "folder":
        part.unlink()
        part.mkdir()
    return path


@pytest.mark.parametrize(
    ("how", "said"),
    [("missing", "is missing"), ("damaged", "is damaged"), ("folder", "can't be read")],
)
def test_a_part_that_isnt_as_it_was_written_is_named(full, how, said):
    damaged(full, how)
    for read in (read_store, read_logits, lambda path: list(read_parts(path)), verify_store):
        with pytest.raises(ExplanationStoreError, match=rf"parts/00002\.h5 {said}.*take a copy"):
            read(full)


def test_verify_counts_all_that_is_damaged(full):
    shutil.rmtree(full / "parts")
    with pytest.raises(ExplanationStoreError, match="3 of 3 parts: "):
        verify_store(full)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("store.json", None, "is no store of explanations"),
        ("store.json", b"{", "isn't JSON|is not JSON"),
        ("store.json", b'{"form": 2}', "is a store of form 2, and this version reads form 1"),
        ("store.json", b'{"form": 1}', "lacks 'version'"),
        ("index.sqlite", None, "index.sqlite can't be used: it is missing"),
        ("index.sqlite", b"no database, but rather a text" * 100, "index.sqlite can't be used"),
        ("index.sqlite", b"", "it is no index of explanations"),
    ],
)
def test_what_is_no_store_is_refused_in_a_sentence(full, file, content, said):
    (full / file).unlink()
    if content is not None:
        (full / file).write_bytes(content)
    with pytest.raises(ExplanationStoreError, match=said) as caught:
        read_store(full)
    assert str(full) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_index_that_lost_rows_is_refused(full):
    with sqlite3.connect(full / "index.sqlite") as index:
        index.execute("DELETE FROM photos WHERE row = 3")
    index.close()
    with pytest.raises(ExplanationStoreError, match="at odds with itself"):
        read_store(full)


def test_a_column_that_isnt_there_is_named(full):
    with pytest.raises(ExplanationStoreError, match="has no column 'age'; it has path, "):
        read_column(full, "age")


def test_a_photo_is_known_by_its_place_or_as_one_that_was_moved():
    known = Known([("here", "abc", 1, 2)])
    assert known.has_stamp("here", Stamp(1, 2))
    assert not known.has_stamp("here", Stamp(1, 3))
    assert not known.has_stamp("here", None)
    assert known.has_content("here", "abc", named={"here"})
    assert not known.has_content("here", "abd", named={"here"})  # its content changed
    assert known.has_content("there", "abc", named={"there"})  # moved
    assert not known.has_content("there", "abc", named={"here", "there"})  # a copy


def test_the_columns_are_those_of_this_form():
    """Whoever changes them, or what is measured of quality, makes a new form."""
    names = ",".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    assert (len(COLUMNS), hashlib.sha256(names.encode()).hexdigest()[:12]) == (47, "574a2a678a52")


@pytest.mark.parametrize("harm", [Path.unlink, lambda file: file.write_bytes(b"short")])
def test_a_store_that_has_lost_photos_is_not_gone_on_with(tmp_path, harm):
    with writing(tmp_path / "s", INFO) as store:
        store.add(stored(0))
    (part,) = (tmp_path / "s" / "parts").iterdir()
    harm(part)
    with (
        pytest.raises(ExplanationStoreError, match=f"{part.name} is"),
        writing(tmp_path / "s", INFO),
    ):
        pass
