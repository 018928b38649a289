"""What DICOM files and objects hold has the records that ``predict`` makes of it."""

import json
import os
import shutil
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import fs, parquet

from edge_runtime.archive import reading
from edge_runtime.archive.place import place_of
from edge_runtime.archive.reading import Reader
from edge_runtime.archive.worker import Setup
from edge_runtime.contract import MAX_PIXELS
from edge_runtime.hospital import find, read
from tests.edge_runtime.archive.runs import predicted, records_in, rows_in, screen
from tests.edge_runtime.archive.scans import OTHERS, PHOTOS, three, wrapped, write_scans
from tests.edge_runtime.hospital.objects import save

#: Answers as a computer on which what reads DICOM isn't installed.
WITHOUT = """
from edge_runtime.archive import decoding
from edge_runtime.hospital import read
read.is_installed = lambda: False
decoding.main()
"""


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    return write_scans(tmp_path_factory.mktemp("scans"))


@pytest.fixture(scope="module")
def whole(scans, cluster, tmp_path_factory):
    """The records of all of it, as an undisturbed run writes them."""
    out = tmp_path_factory.mktemp("records") / "whole"
    return out, screen(scans, out, partition=4)


def test_a_folder_has_the_records_of_predict_frame_by_frame(scans, whole):
    out, (listed, totals, _) = whole
    records = records_in(out)
    assert [*records] == [str(scans / name) for name in PHOTOS]
    assert records == predicted(records)
    assert (listed.others, totals.photos, totals.statuses["error"]) == (OTHERS, 12, 3)
    words = [records[f"{scans}/north/three.dcm#{number}"]["dicom"] for number in (1, 2, 3)]
    assert [(each["laterality"], each["frame"]) for each in words] == [("R", 1), ("L", 2), ("B", 3)]
    assert "claims 3 photos, and is truncated" in records[f"{scans}/north/cut.dcm#2"]["error"]


def test_the_rows_of_a_files_photographs_have_its_hash_size_and_time(scans, whole):
    file = scans / "north" / "three.dcm"
    expected = (file.stat().st_size, file.stat().st_mtime_ns, reading._hash(file, None))
    rows = [row for row in rows_in(whole[0]) if "three" in row["path"]]
    assert len(rows) == 3
    assert {(row["size"], row["modified"].value, row["sha256"]) for row in rows} == {expected}


def test_a_list_of_dicom_files_has_the_records_of_predict(scans, cluster, tmp_path):
    names = ["north/three.dcm", "north/three.dcm#1", "south/ct.dcm", "north/one.dcm", "none.dcm"]
    parquet.write_table(pa.table({"path": [str(scans / each) for each in names]}),
                        tmp_path / "list.parquet")  # fmt: skip
    listed, totals, _ = screen(tmp_path / "list.parquet", tmp_path / "out")
    records = records_in(tmp_path / "out")
    assert records == predicted(records)
    assert (len(records), totals.statuses["error"], listed.duplicates) == (6, 2, 1)
    assert "is no photograph but CT Image" in records[f"{scans}/south/ct.dcm"]["error"]


def test_a_file_that_was_changed_is_done_again_with_all_of_its_photographs(
    scans, cluster, tmp_path
):
    folder, out = tmp_path / "scans", tmp_path / "out"
    shutil.copytree(scans, folder)
    assert screen(folder, out, partition=4, limit=8)[1].photos == 8
    _, totals, before = screen(folder, out, partition=4, resume=True)
    assert (before, totals.photos) == (8, 4)
    save(three(PatientID="P2"), folder / "north" / "three.dcm")
    save(wrapped(9), folder / "north" / "new.dcm")
    _, totals, before = screen(folder, out, resume=True)
    assert (before, totals.photos) == (9, 4)
    rows = rows_in(out)[12:]
    assert [Path(row["path"]).name for row in rows] == ["new.dcm", *(f"three.dcm#{n}" for n in
                                                                    (1, 2, 3))]  # fmt: skip
    assert {json.loads(row["record"])["dicom"]["patient_id"] for row in rows[1:]} == {"P2"}


def test_without_what_reads_dicom_rows_say_what_to_install(scans, cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(find, "is_installed", lambda: False)
    monkeypatch.setattr("edge_runtime.archive.inside.is_installed", lambda: False)
    monkeypatch.setattr(read, "is_installed", lambda: False)
    setup = Setup(None, "", command=(sys.executable, "-c", WITHOUT))
    _, totals, _ = screen(scans, tmp_path / "out", setup=setup)
    records = records_in(tmp_path / "out")
    assert records == predicted(records)
    assert totals.statuses["error"] == totals.photos - 1 == 10
    assert "which needs: pip install" in records[f"{scans}/north/three.dcm"]["error"]


@pytest.fixture(scope="module")
def bucket(store, scans):
    """A bucket with the same files."""
    system, _ = fs.FileSystem.from_uri(f"s3://hospital?{store}&allow_bucket_creation=true")
    system.create_dir("hospital")
    for file in sorted(each for each in scans.rglob("*") if each.is_file()):
        with system.open_output_stream(f"hospital/scans/{file.relative_to(scans)}") as out:
            out.write(file.read_bytes())
    return system


def stored(records, scans):
    """Write records of files as those of the objects that were made of them."""
    text = json.dumps([*records.values()]).replace(str(scans), "s3://hospital/scans")
    return {record["path"]: record for record in json.loads(text)}


def test_objects_have_the_records_of_their_files(bucket, store, scans, whole, cluster, tmp_path):
    source, out = f"s3://hospital/scans?{store}", tmp_path / "out"
    listed, totals, _ = screen(source, out, limit=8)  # two of the three of one object
    assert totals.photos == 8
    listed, totals, before = screen(source, out, resume=True)
    assert (before, totals.photos, listed.others) == (8, 3, OTHERS)
    expected = stored(records_in(whole[0]), scans)
    del expected["s3://hospital/scans/north/IM0001"]
    assert records_in(out) == expected
    here = {row["path"]: row for row in rows_in(whole[0])}
    for row in rows_in(out):
        file = here[row["path"].replace("s3://hospital/scans", str(scans))]
        assert (row["sha256"], row["size"]) == (file["sha256"], file["size"])
    assert screen(source, out, resume=True)[1].photos == 0


def test_a_list_names_objects_without_an_ending_and_photographs_of_them(
    bucket, store, scans, whole, cluster, tmp_path
):
    names = ["north/IM0001", "north/three.dcm#2", "north/three.dcm#4", "south/ct.dcm", "no.dcm#1"]
    rows = [f"s3://hospital/scans/{name}" for name in names]
    parquet.write_table(pa.table({"path": rows}), tmp_path / "list.parquet")
    with bucket.open_output_stream("hospital/list.parquet") as out:
        out.write((tmp_path / "list.parquet").read_bytes())
    source = f"s3://hospital/list.parquet?{store}"
    screen(source, tmp_path / "out")
    records = records_in(tmp_path / "out")
    expected = stored(records_in(whole[0]), scans)
    assert [records[row] for row in rows[:2]] == [expected[row] for row in rows[:2]]
    assert (
        "no photo of this number: its last one is called three.dcm#3" in records[rows[2]]["error"]
    )
    assert "is no photograph but CT Image" in records[rows[3]]["error"]
    assert records[rows[4]]["error"].startswith(f"{rows[4]}: no such file")
    assert screen(source, tmp_path / "out", resume=True)[1].photos == 0


def test_an_object_or_file_of_several_photographs_is_read_once_for_a_block(
    bucket, store, scans, monkeypatch
):
    asked = []
    digest = reading.hashlib.file_digest
    monkeypatch.setattr(
        reading.hashlib, "file_digest", lambda *told: asked.append("file") or digest(*told)
    )
    place = place_of(f"s3://hospital/scans?{store}")
    info = type(place).info_of
    monkeypatch.setattr(
        type(place), "info_of", lambda self, path: asked.append("object") or info(self, path)
    )
    reading._hash_of.cache_clear()
    paths = [f"{root}/north/three.dcm#{n}" for root in (scans, place.text) for n in (1, 2, 3)]
    block = pa.table(
        {
            "partition": [0] * 6, "ordinal": [*range(6)], "path": [*map(os.fsencode, paths)],
            "source": [None] * 6, "date": [None] * 6,
        }
    )  # fmt: skip
    rows = [row for table in Reader(place, max_pixels=MAX_PIXELS)(block)
            for row in table.to_pylist()]  # fmt: skip
    assert asked == ["file", "object"]
    assert len({row["sha256"] for row in rows}) == 1
    assert [row["data"] is None for row in rows] == [True] * 3 + [False] * 3
