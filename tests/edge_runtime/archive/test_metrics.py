"""How far a run is stands in a file as Prometheus reads it, and is what is committed."""

import json
import re
import shutil

import pyarrow as pa
import pytest
from click.testing import CliRunner

from edge_runtime.archive import metrics
from edge_runtime.archive.commit import Committer, Totals
from edge_runtime.archive.errors import ClusterError
from edge_runtime.archive.metrics import MetricsFile
from edge_runtime.archive.place import place_of
from edge_runtime.archive.schema import COLUMNS, worker_schema
from edge_runtime.archive.times import BOUNDS_S, Times
from edge_runtime.commands import archive_show
from edge_runtime.commands.main import main
from tests.edge_runtime.archive.runs import rows_in

#: A sample, as the text format has it: https://prometheus.io/docs/instrumenting/exposition_formats/
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"([a-zA-Z_:][a-zA-Z0-9_:]*)\{{({LABEL}(?:,{LABEL})*)\}} (\S+)")
ENDINGS = re.compile("_(bucket|sum|count)$")


def read(file):
    """Read a file strictly; gives the samples by name and labels, and each metric's type."""
    text = file.read_text("utf-8")
    assert text.endswith("\n")
    samples, kinds = {}, {}
    for line in text[:-1].split("\n"):
        if line.startswith("#"):
            _, word, name, told = line.split(" ", 3)
            assert word in ("HELP", "TYPE")
            if word == "TYPE":
                assert name not in kinds
                kinds[name] = told
            continue
        name, inner, value = SAMPLE.fullmatch(line).groups()
        assert name in kinds or kinds[ENDINGS.sub("", name)] == "histogram"
        labels = tuple(sorted(re.findall(LABEL, inner)))
        assert (name, labels) not in samples
        samples[name, labels] = float(value)
    return samples, kinds


def value(samples, name, **labels):
    wanted = tuple(f'{key}="{text}"' for key, text in labels.items())
    (found,) = (
        each for (key, have), each in samples.items()
        if key == f"fundus_edge_archive_{name}" and {*wanted} <= {*have}
    )  # fmt: skip
    return found


def partition(*statuses):
    """Give the rows of a partition, with a record of 60 ms for each photograph that got a class."""
    none = dict.fromkeys(column.name for column in COLUMNS)
    rows = [
        none | {
            "partition": 0, "ordinal": at, "path": str(at), "status": status,
            "refer": at % 2 == 0 if status == "ok" else None,
            "record": json.dumps(
                {"times_ms": {"decode": 20.0, "infer": 40.0}} if status == "ok" else {}
            ),
        }
        for at, status in enumerate(statuses)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=worker_schema())


def test_what_is_told_is_what_is_committed(tmp_path):
    totals = Totals()
    clock = iter((5, 7)).__next__
    file = MetricsFile(tmp_path / "run.prom", out="/out", totals=totals, clock=clock)
    samples, kinds = read(tmp_path / "run.prom")
    assert value(samples, "photos_total", status="ok") == value(samples, "partitions_total") == 0
    assert value(samples, "running") == 1
    assert not any("expected" in name or "last_commit" in name for name, _ in samples)
    committer = Committer(place_of(str(tmp_path / "out")), {0: 4}, totals)
    committer.add(partition("ok", "ok", "error", "ok").slice(0, 2))
    file.tell(before=3, expected=9)
    assert value(read(tmp_path / "run.prom")[0], "photos_total", status="ok") == 0
    committer.add(partition("ok", "ok", "error", "ok"))  # two of them again
    file.tell(before=3, expected=9)
    samples, kinds = read(tmp_path / "run.prom")
    told = {each: value(samples, "photos_total", status=each) for each in
            ("ok", "ungradable", "error")}  # fmt: skip
    assert told == {"ok": 3, "ungradable": 0, "error": 1}
    assert value(samples, "referrals_total", refer="yes") == 1
    assert value(samples, "referrals_total", refer="no") == 2
    assert (value(samples, "photos_before"), value(samples, "photos_expected")) == (3, 9)
    assert value(samples, "begun_timestamp_seconds") == 5
    assert value(samples, "last_commit_timestamp_seconds") == 7
    assert value(samples, "photo_seconds_count") == 3
    assert value(samples, "photo_seconds_sum") == pytest.approx(0.18)
    buckets = [value(samples, "photo_seconds_bucket", le=each) for each in (0.05, 0.1, "+Inf")]
    assert buckets == [0, 3, 3]
    assert {name.removeprefix("fundus_edge_archive_"): kind for name, kind in kinds.items()} == {
        "photos_total": "counter", "referrals_total": "counter", "taken_over_total": "counter",
        "partitions_total": "counter",
        "photo_seconds": "histogram", "photos_before": "gauge", "photos_expected": "gauge",
        "begun_timestamp_seconds": "gauge", "last_commit_timestamp_seconds": "gauge",
        "running": "gauge", "complete": "gauge",
    }  # fmt: skip


def test_a_time_on_a_bound_counts_below_it_and_a_longer_one_than_all_counts_too():
    times = Times()
    times.add(json.dumps({"times_ms": {"infer": bound * 1000}}) for bound in (*BOUNDS_S, 99.0))
    assert times.counts == [1] * (len(BOUNDS_S) + 1)
    assert times.sum_s == pytest.approx(sum(BOUNDS_S) + 99)


def test_a_place_of_any_name_is_a_label(tmp_path):
    out = 'a "place"\\with\nall\udcff'
    MetricsFile(tmp_path / "run.prom", out=out, totals=Totals())
    (labels,) = {labels for name, labels in read(tmp_path / "run.prom")[0] if "running" in name}
    assert labels == (r'out="a \"place\"\\with\nall\\udcff"',)


def test_a_file_that_can_not_be_written_any_more_ends_no_run(tmp_path, monkeypatch):
    file = MetricsFile(tmp_path / "run.prom", out="/out", totals=Totals())
    before = (tmp_path / "run.prom").read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(metrics, "write_file", full)
        file.tell(before=0, expected=None)
    assert file.failure == "no space left on device"
    assert (tmp_path / "run.prom").read_bytes() == before
    file.end()
    assert file.failure is None


def command(archive, out, *options):
    return CliRunner().invoke(
        main, ["archive", str(archive), "--out", str(out), "--workers", "2", *options]
    )


def test_the_command_writes_what_a_run_came_to(archive, cluster, tmp_path):
    out, file = tmp_path / "out", tmp_path / "run.prom"
    assert command(archive / "north", out, "--metrics", str(file)).exit_code == 0
    samples, _ = read(file)
    statuses = [row["status"] for row in rows_in(out)]
    for status in ("ok", "ungradable", "error"):
        assert value(samples, "photos_total", status=status) == statuses.count(status)
    assert value(samples, "photo_seconds_count") == statuses.count("ok") > 0
    assert (value(samples, "running"), value(samples, "complete")) == (0, 1)
    assert command(archive / "north", out, "--resume", "--metrics", str(file)).exit_code == 0
    samples, _ = read(file)
    assert value(samples, "photos_before") == len(statuses)
    assert value(samples, "photos_total", status="ok") == 0


def test_what_is_taken_over_has_no_times(archive, cluster, tmp_path):
    folder, out, file = tmp_path / "photos", tmp_path / "out", tmp_path / "run.prom"
    shutil.copytree(archive / "north", folder)
    assert command(folder, out).exit_code == 0
    shutil.copytree(folder, folder / "again")
    assert command(folder, out, "--resume", "--metrics", str(file)).exit_code == 0
    samples, _ = read(file)
    assert value(samples, "taken_over_total") == 7
    assert value(samples, "photos_total", status="ok") > 0
    assert value(samples, "photo_seconds_count") == 0


def test_a_run_that_breaks_off_is_not_complete(archive, tmp_path, monkeypatch):
    def broken(*_, **__):
        raise ClusterError("the Ray cluster failed")

    monkeypatch.setattr("edge_runtime.archive.screening.screen_archive", broken)
    file = tmp_path / "run.prom"
    ran = command(archive, tmp_path / "out", "--metrics", str(file))
    assert (ran.exit_code, ran.stderr) == (1, "Error: the Ray cluster failed\n")
    samples, _ = read(file)
    assert (value(samples, "running"), value(samples, "complete")) == (0, 0)


def test_a_file_in_the_records_or_in_no_folder_is_refused_at_once(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(archive_show, "_conclude", None)
    out = tmp_path / "out"
    ran = command(archive, out, "--metrics", str(out / "run.prom"))
    assert ran.exit_code == 2
    assert "--metrics lies in DEST" in ran.stderr
    ran = command(archive, out, "--metrics", str(tmp_path / "none" / "run.prom"))
    assert ran.exit_code == 1
    assert "run.prom: can't write there: no such file or directory" in ran.stderr
    assert not out.exists()
