"""An archive's records are those of ``predict``, each photograph once, whatever is wrong."""

import json
import os
import re
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from edge_runtime.archive import screening
from edge_runtime.archive.cluster import cluster as begun_cluster
from edge_runtime.archive.done import Done
from edge_runtime.archive.errors import ClusterError, DestinationError, SourceError
from edge_runtime.archive.listing import Listed, entries
from edge_runtime.archive.place import place_of
from edge_runtime.archive.rows import Wanted
from edge_runtime.archive.worker import Setup
from edge_runtime.errors import OutputExistsError, RunDiffersError
from tests.conftest import ROOT
from tests.edge_runtime.archive.deadly import COMMAND, DEADLY
from tests.edge_runtime.archive.listening import LOOPBACK, listening
from tests.edge_runtime.archive.processes import below
from tests.edge_runtime.archive.runs import predicted, records_in, rows_in, screen, write_photos


@pytest.fixture(scope="module")
def whole(archive, cluster, tmp_path_factory):
    """The archive's records, in three files, as an undisturbed run writes them."""
    out = tmp_path_factory.mktemp("records") / "whole"
    return out, screen(archive, out, partition=6)


def test_records_are_those_of_predict_but_for_the_times(whole):
    out, (listed, totals, before) = whole
    records = records_in(out)
    assert records == predicted(sorted(records))
    assert len(records) == totals.photos == listed.photos == 15
    assert (totals.statuses["error"], listed.beside, before) == (1, 1, 0)
    assert sorted(file.name for file in out.iterdir()) == [
        "_run.json", *(f"part-{number:08d}.parquet" for number in range(3))
    ]  # fmt: skip


def test_the_columns_say_what_the_record_says(whole):
    for row in rows_in(whole[0]):
        record = json.loads(row["record"])
        stamp = Path(row["path"]).stat()
        assert (row["status"], row["path"]) == (record["status"], record["path"])
        assert (row["size"], row["modified"].value) == (stamp.st_size, stamp.st_mtime_ns)
        assert row["source"] in ("north", "south")
        assert row["bundle"] == record["bundle"]["identity"]
        assert row["class"] == record.get("class")
        assert row["reason"] == record.get("reason", record.get("error"))
        assert dict(row["probabilities"] or ()) == record.get("probabilities", {})
        if row["status"] == "ok":
            assert row["refer"] == record["referral"]["refer"]
            assert json.loads(row["referral"]) == record["referral"]


def test_pandas_and_duckdb_read_a_folder_of_records(whole):
    import duckdb
    import pandas as pd

    assert len(pd.read_parquet(whole[0])) == 15
    wanted = "select status, count(*), max(probabilities['normal']) from"
    counted = duckdb.sql(f"{wanted} '{whole[0]}/*.parquet' group by 1").fetchall()
    assert sum(row[1] for row in counted) == 15


def test_the_run_says_what_it_is_for(whole):
    told = json.loads((whole[0] / "_run.json").read_text())
    assert "not a validated diagnostic tool" in told["disclaimer"]
    kept = parquet.read_schema(whole[0] / "part-00000000.parquet").metadata
    assert b"not a validated diagnostic tool" in kept[b"disclaimer"]


def test_a_run_goes_on_with_what_is_new_changed_or_was_left(archive, whole, tmp_path):
    folder, out = tmp_path / "photos", tmp_path / "out"
    shutil.copytree(archive, folder)
    assert screen(folder, out, partition=4, limit=6)[1].photos == 6
    with pytest.raises(OutputExistsError, match="--resume"):
        screen(folder, out)
    _, totals, before = screen(folder, out, partition=4, resume=True)
    assert (before, totals.photos) == (6, 9)
    here = {path.replace(str(folder), str(archive)): record["status"] for path, record in
            records_in(out).items()}  # fmt: skip
    assert here == {path: record["status"] for path, record in records_in(whole[0]).items()}
    write_photos(folder / "east", [20])
    shutil.copy(folder / "north" / "0.jpg", folder / "south" / "broken.jpg")
    _, totals, before = screen(folder, out, resume=True)
    assert (before, totals.photos, totals.statuses["error"]) == (14, 2, 0)
    assert [Path(row["path"]).name for row in rows_in(out)[-2:]] == ["20.jpg", "broken.jpg"]


def test_all_of_a_cluster_listens_on_this_computer_alone(cluster):
    found = [address for process in below(os.getpid()) for address in listening(process)]
    assert len(found) > 3
    assert {*found} <= LOOPBACK


def test_a_cluster_leaves_no_token_in_the_home_for_others_to_find(cluster):
    assert os.environ["RAY_AUTH_MODE"] == "token"
    assert not (cluster / ".ray").exists()


def test_errors_are_done_again_where_that_is_asked_for(archive, whole):
    out, source = place_of(str(whole[0])), place_of(str(archive))
    for retry, left in ((False, []), (True, ["broken.jpg"])):
        done = Done(out, retry_errors=retry)
        found = done.without(entries(str(archive), Listed()), source)
        assert [Path(entry.path).name for entry in found] == left


def test_nothing_left_to_do_starts_no_cluster_and_tells_of_errors(archive, whole, monkeypatch):
    monkeypatch.setattr(screening, "cluster", None)
    out = whole[0]
    _, totals, before = screen(archive, out, resume=True)
    assert (totals.photos, before, totals.failed_before) == (0, 15, 1)


def test_an_error_of_before_that_was_done_again_is_none_now(archive, cluster, tmp_path):
    folder, out = tmp_path / "photos", tmp_path / "out"
    shutil.copytree(archive / "north", folder)
    hidden = (folder / "0.jpg").rename(tmp_path / "0.jpg")
    rows = {"path": [*map(str, sorted(folder.iterdir())), str(folder / "0.jpg")]}
    parquet.write_table(pa.table(rows), tmp_path / "list.parquet")
    assert screen(tmp_path / "list.parquet", out)[1].statuses["error"] == 1
    assert screen(tmp_path / "list.parquet", out, resume=True)[1].failed_before == 1
    hidden.rename(folder / "0.jpg")
    assert screen(tmp_path / "list.parquet", out, resume=True)[1].statuses == {"ok": 1}
    assert screen(tmp_path / "list.parquet", out, resume=True)[1].failed_before == 0


@pytest.mark.parametrize("name", ["empty", "list.csv"])
def test_a_source_without_a_photograph_is_an_error(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "list.csv").write_text("path\n")
    with pytest.raises(SourceError, match="there is no photograph in it"):
        screen(tmp_path / name, tmp_path / "out")


def test_a_list_with_missing_broken_deadly_and_double_entries(archive, cluster, tmp_path):
    good = sorted((archive / "north").glob("*.jpg"))
    deadly = tmp_path / "deadly.jpg"
    deadly.write_bytes(good[0].read_bytes() + DEADLY)
    (tmp_path / "closed").mkdir()
    paths = [*good, tmp_path / "none.jpg", deadly, archive / "south" / "broken.jpg", good[1],
             tmp_path / "closed", *good]  # fmt: skip
    parquet.write_table(pa.table({"path": [*map(str, paths)]}), tmp_path / "list.parquet")
    out = tmp_path / "out"
    setup = Setup(None, "", command=COMMAND)
    listed, totals, _ = screen(tmp_path / "list.parquet", out, setup=setup)
    assert (listed.photos, listed.duplicates) == (11, 8)
    assert totals.statuses["error"] == 4
    records = records_in(out)
    assert "was ended by SIGABRT, twice" in records.pop(str(deadly))["error"]
    assert records == predicted(records)


def test_maps_and_overlays_are_kept_on_request(archive, cluster, tmp_path):
    out = tmp_path / "out"
    wanted = Wanted("all", maps=True, overlays=place_of(str(out)))
    screen(archive / "north", out, setup=Setup(None, "", wanted=wanted))
    for row in rows_in(out):
        if row["status"] == "ok":
            record = json.loads(row["record"])
            assert len(row["map"]) == row["map_width"] ** 2
            assert 0 <= min(row["map"]) <= max(row["map"]) == 1
            assert len(record["explanations"]) == 4
            for explained in record["explanations"]:
                assert (out / explained["overlay"]).read_bytes()[:2] == b"\xff\xd8"


def test_names_that_are_not_utf8_are_screened_as_others_are(archive, cluster, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in (b"a\xff.jpg", b"b.jpg"):
        shutil.copy(archive / "north" / "0.jpg", folder / os.fsdecode(name))
    _, totals, _ = screen(tmp_path / "photos", tmp_path / "out")
    assert totals.statuses == {"ok": 2}
    assert {Path(path).name for path in records_in(tmp_path / "out")} == {"a\\udcff.jpg", "b.jpg"}
    assert screen(tmp_path / "photos", tmp_path / "out", resume=True)[2] == 2


def test_a_list_that_is_refused_leaves_nothing_behind(tmp_path):
    (tmp_path / "list.csv").write_text("file\na.jpg\n")
    with pytest.raises(SourceError, match="UTF-8 with a first line of names, separated by commas"):
        screen(tmp_path / "list.csv", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_that_ended_before_its_first_record_hinders_none(archive, cluster, tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screening, "cluster", begun_cluster)
        with pytest.raises(ClusterError, match="no Ray cluster answers"):
            screen(archive / "north", tmp_path / "out", address="127.0.0.1:9")
    setup = Setup(None, "", quality_gate=False)
    assert screen(archive / "north", tmp_path / "out", setup=setup)[1].photos == 7


def test_the_last_row_of_a_path_is_found_as_the_manual_says(whole, archive, tmp_path):
    import duckdb
    import pandas as pd

    folder, out = tmp_path / "photos", tmp_path / "out"
    shutil.copytree(archive, folder)
    screen(folder, out)
    shutil.copy(folder / "north" / "0.jpg", folder / "south" / "broken.jpg")
    assert screen(folder, out, resume=True)[2] == 14
    manual = (ROOT / "docs" / "archive.md").read_text("utf-8")
    (said,) = re.findall(r'duckdb\.sql\(\s*"(select \* from .*)"\s+"(.*)"\s*\)', manual)
    last = duckdb.sql("".join(said).replace("records/", f"{out}/")).df()
    assert 'pandas.read_parquet("records").drop_duplicates("path", keep="last")' in manual
    also = pd.read_parquet(out).drop_duplicates("path", keep="last")
    for table in (last, also):
        assert len(table) == 15
        assert "error" not in {*table["status"]}


def test_records_of_another_run_are_not_mixed_in(archive, whole, tmp_path):
    out = whole[0]
    with pytest.raises(RunDiffersError, match="begun with neither maps nor overlays"):
        screen(archive, out, resume=True, setup=Setup(None, "", wanted=Wanted(maps=True)))
    with pytest.raises(RunDiffersError, match="another quality gate"):
        screen(archive, out, resume=True, setup=Setup(None, "", quality_gate=False))
    with pytest.raises(DestinationError, match="lies in the archive"):
        screen(archive, archive / "out")
    shutil.copytree(out, tmp_path / "other")
    (tmp_path / "other" / "_run.json").unlink()
    with pytest.raises(DestinationError, match=r"records, and no _run\.json"):
        screen(archive, tmp_path / "other")
    (tmp_path / "other" / "_run.json").write_text("{}")
    with pytest.raises(DestinationError, match="isn't one that this version writes"):
        screen(archive, tmp_path / "other", resume=True)
    (tmp_path / "other" / "_run.json").write_bytes((out / "_run.json").read_bytes())
    (tmp_path / "other" / "part-00000001.parquet").write_bytes(b"PAR1")
    with pytest.raises(DestinationError, match=r"part-00000001\.parquet can't be used"):
        screen(archive, tmp_path / "other", resume=True)


@pytest.mark.parametrize("address", ["127.0.0.1:9", "ray://127.0.0.1:9", "127.0.0.1:99999999"])
def test_a_cluster_that_can_not_be_reached_is_one_sentence(address):
    with (
        pytest.raises(ClusterError, match="no Ray cluster answers at"),
        begun_cluster(address, workers=1, threads=1),
    ):
        pass
