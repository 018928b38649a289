"""An object store is read and written as a folder is, and nothing says who asked for it."""

import json
from functools import partial

import pyarrow as pa
import pytest
from pyarrow import fs, parquet

from edge_runtime.archive.destination import RUN, begin
from edge_runtime.archive.errors import DestinationError
from edge_runtime.archive.place import Place, parts_in, place_of
from edge_runtime.archive.rows import Wanted
from edge_runtime.archive.screening import Job
from edge_runtime.archive.worker import Setup
from edge_runtime.commands.archive_show import run_job
from tests.edge_runtime.archive.runs import rows_in, screen, timeless
from tests.edge_runtime.archive.stores import SECRET


@pytest.fixture
def bucket(store, archive):
    """A bucket with the archive's photographs."""
    pytest.importorskip("moto")
    system, _ = fs.FileSystem.from_uri(f"s3://archive?{store}&allow_bucket_creation=true")
    system.create_dir("archive")
    for file in sorted(archive.rglob("*.jpg")):
        with system.open_output_stream(f"archive/photos/{file.parent.name}/{file.name}") as out:
            out.write(file.read_bytes())
    return system


def test_a_bucket_is_screened_into_a_bucket(bucket, store, cluster, archive, tmp_path):
    source, out = f"s3://archive/photos?{store}", f"s3://archive/records?{store}"
    screen(archive, tmp_path / "here")
    listed, totals, _ = screen(source, out, partition=8, limit=8)
    assert (totals.photos, listed.photos) == (8, 8)
    listed, totals, before = screen(source, out, partition=8, resume=True)
    assert (before, totals.photos, totals.statuses["error"]) == (8, 7, 1)
    for file in bucket.get_file_info(fs.FileSelector("archive/records")):
        with bucket.open_input_stream(file.path) as stream:
            data = stream.read()
        assert SECRET.encode() not in data
        assert b"somebody" not in data
        (tmp_path / file.base_name).write_bytes(data)
    rows = {row["path"]: row for row in rows_in(tmp_path)}
    here = {row["path"]: row for row in rows_in(tmp_path / "here")}
    assert len(rows) == len(here) == 15
    for path, row in rows.items():
        other = here[path.replace("s3://archive/photos", str(archive))]
        record, expected = timeless(row["record"]), timeless(other["record"])
        assert record == json.loads(json.dumps(expected).replace(other["path"], path))
        assert (row["sha256"], row["size"], row["source"]) == (
            other["sha256"], other["size"], other["source"]
        )  # fmt: skip


def test_a_list_may_name_objects_that_are_there_and_that_are_not(bucket, store, cluster, tmp_path):
    paths = ["s3://archive/photos/north/0.jpg", "s3://archive/photos/north/none.jpg"]
    parquet.write_table(pa.table({"path": paths}), tmp_path / "list.parquet")
    with bucket.open_output_stream("archive/list.parquet") as out:
        out.write((tmp_path / "list.parquet").read_bytes())
    screen(f"s3://archive/list.parquet?{store}", tmp_path / "out", setup=Setup(None, ""))
    rows = {row["path"]: row for row in rows_in(tmp_path / "out")}
    assert [rows[path]["status"] for path in paths] == ["ok", "error"]
    assert rows[paths[1]]["reason"].startswith("s3://archive/photos/north/none.jpg: no such file")


def test_a_folder_with_something_else_in_it_takes_no_records(archive, tmp_path):
    for name, is_taken in (("results.jsonl", False), (".nfs01", True)):
        out = tmp_path / name.strip(".")
        out.mkdir()
        (out / name).touch()
        begun = partial(begin, place_of(str(out)), {}, Wanted(), source=place_of(str(archive)))
        if is_taken:
            begun(resume=True)
            assert (out / RUN).exists()
            continue
        with pytest.raises(DestinationError, match=r"something else in it \(results\.jsonl\)"):
            begun(resume=True)
        assert [*out.iterdir()] == [out / name]


def test_a_place_that_is_lost_in_the_middle_is_said_with_what_is_kept_there(
    archive, cluster, tmp_path, monkeypatch
):
    write = Place.write

    def lost(place, name, data):
        if name.startswith("part-") and [*parts_in(place)]:
            raise OSError(28, "No space left on device")
        write(place, name, data)

    def refused(place, name, data):
        with place.in_one_sentence():
            lost(place, name, data)

    monkeypatch.setattr(Place, "write", refused)
    out = place_of(str(tmp_path / "out"))
    job = Job(str(archive), out, Setup(None, ""), workers=2, partition=8)
    with pytest.raises(DestinationError, match=r"on device; [78] photos are kept there, and the"):
        run_job(job, as_json=False)
    monkeypatch.undo()
    _, totals, before = screen(archive, tmp_path / "out", partition=8, resume=True)
    assert before + totals.photos == 15
    assert before in (7, 8)
