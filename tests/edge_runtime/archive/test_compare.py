"""Two runs over one archive are compared by what each says of each photograph."""

import csv
import datetime
import json

import pyarrow as pa
import pytest
from click.testing import CliRunner

from edge_runtime.archive.commit import to_parquet
from edge_runtime.archive.compare import compare, in_order
from edge_runtime.archive.errors import DestinationError
from edge_runtime.archive.place import part_name, place_of
from edge_runtime.archive.schema import COLUMNS, schema
from edge_runtime.commands.main import main


def row(path, class_name, confidence=0.9, *, refer=None, source="a", day=(2026, 11, 29)):
    """Make what is compared of a record; without a class it is ungradable."""
    return dict.fromkeys(column.name for column in COLUMNS) | {
        "path": path, "class": class_name, "confidence": confidence if class_name else None,
        "status": "ok" if class_name else "ungradable", "refer": refer, "source": source,
        "date": datetime.date(*day) if day else None,
    }  # fmt: skip


def write(folder, *parts):
    folder.mkdir()
    for number, rows in enumerate(parts):
        table = pa.Table.from_pylist(rows, schema=schema())
        (folder / part_name(number)).write_bytes(to_parquet(table))
    return folder


@pytest.fixture
def runs(tmp_path):
    old = write(
        tmp_path / "old",
        [row("1", "normal", 0.8, refer=False), row("2", "glaucoma", 0.7, refer=True)],
        [row("3", None, source="b"), row("4", "normal", refer=False), row("1", "normal", 0.6)],
    )
    new = write(
        tmp_path / "new",
        [row("1", "normal", 0.7, refer=True), row("2", "normal", 0.9, refer=False)],
        [row("3", None, source="b", day=None), row("5", "normal", day=None)],
    )
    return old, new


def test_what_the_runs_were_made_with_otherwise_is_said(runs):
    for run, gate in zip(runs, (True, False), strict=True):
        made = {"bundle": "1" * 64, "quality_gate": gate}
        (run / "_run.json").write_text(json.dumps({"schema_version": 1, "run": made}))
    assert compare(*(place_of(str(run)) for run in runs))[0].made == {
        "quality_gate": ("True", "False")
    }
    said = CliRunner().invoke(main, ["archive", "diff", *map(str, runs)]).output
    assert "The runs were made with another quality_gate (True to False)." in said


def test_flips_and_drift_are_counted_by_source_and_month(runs):
    comparison, flips = compare(*(place_of(str(run)) for run in runs))
    whole = comparison.whole
    assert (comparison.only_old, comparison.only_new, whole.photos) == (1, 1, 3)
    assert (whole.class_flips, whole.referral_flips) == (1, 1)  # one has a referral for the first
    assert whole.classes == {
        "normal to normal": 1, "glaucoma to normal": 1, "ungradable to ungradable": 1
    }  # fmt: skip
    assert whole.referrals["none to refer"] == 1  # the last record of a photo counts
    assert whole.drift == whole.drift_abs == pytest.approx(0.1)
    assert {name: each.photos for name, each in comparison.by_source.items()} == {"a": 2, "b": 1}
    assert {*comparison.by_month} == {"2026-11"}
    assert comparison.by_source["b"].drift is None
    assert flips["path"].to_pylist() == ["1", "2"]


def test_what_lost_its_class_or_got_one_is_no_flip(tmp_path):
    old = write(tmp_path / "old", [row("1", "normal", refer=False), row("2", None), row("3", None)])
    new = write(
        tmp_path / "new", [row("1", None), row("2", "glaucoma", refer=True), row("3", None)]
    )
    whole = compare(place_of(str(old)), place_of(str(new)))[0].whole
    assert (whole.class_flips, whole.referral_flips, whole.lost, whole.gained) == (0, 0, 1, 1)
    said = CliRunner().invoke(main, ["archive", "diff", str(old), str(new)]).output
    assert "class flipped of 0 (0.00%), referral of 0 (0.00%), 1 without a class now, 1 wi" in said
    write(tmp_path / "far", [row("/other/1", "normal")])
    said = CliRunner().invoke(main, ["archive", "diff", str(old), str(tmp_path / "far")]).output
    assert "matched by their paths, and no path is in both runs" in said


def test_the_command_prints_it_and_writes_tables_and_plots(runs, tmp_path):
    command = ["archive", "diff", *map(str, runs)]
    printed = CliRunner().invoke(main, [*command, "--out", str(tmp_path / "out")])
    assert printed.exit_code == 0, printed.output
    assert "class glaucoma to normal: 1" in printed.output
    assert "not a validated diagnostic tool" in printed.output
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "classes.png", "diff.json", "flips.csv", "month.png", "source.png"
    ]  # fmt: skip
    told = json.loads(CliRunner().invoke(main, [*command, "--json"]).output)
    assert told == json.loads((tmp_path / "out" / "diff.json").read_text())
    assert "not a validated diagnostic tool" in (tmp_path / "out" / "flips.csv").read_text()


def test_no_spreadsheet_computes_what_a_list_says_of_a_source(tmp_path):
    old = write(tmp_path / "old", [row("1", "normal", source="=1+1")])
    new = write(tmp_path / "new", [row("1", "glaucoma", source="=1+1")])
    command = ["archive", "diff", str(old), str(new), "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(main, command).exit_code == 0
    (flip,) = csv.DictReader((tmp_path / "out" / "flips.csv").read_text("utf-8-sig").splitlines())
    assert flip["source_new"] == "./=1+1"


def test_months_are_in_their_order_and_of_sources_those_first_that_changed_most(runs):
    comparison, _ = compare(*(place_of(str(run)) for run in runs))
    one, none = comparison.by_source["a"], comparison.by_source["b"]
    assert in_order("month", {"2026-02": one, "2026-01": none}) == ["2026-01", "2026-02"]
    assert in_order("source", {"b": none, "a": one}) == ["a", "b"]


def test_a_folder_without_records_is_refused(runs, tmp_path):
    with pytest.raises(DestinationError, match="no records"):
        compare(place_of(str(runs[0])), place_of(str(tmp_path / "none")))
    (runs[1] / part_name(7)).write_bytes(b"PAR1")
    with pytest.raises(DestinationError, match="part-00000007"):
        compare(*(place_of(str(run)) for run in runs))
