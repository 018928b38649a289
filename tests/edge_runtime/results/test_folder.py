"""A result folder: its tables, overlays and report, and what it refuses."""

import codecs
import csv
import datetime
import io
import json
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from markupsafe import escape

from edge_runtime.bundle.average_maps import AVERAGE_MAPS
from edge_runtime.bundle.bundle import load_bundle, write_bundle
from edge_runtime.contract import DISCLAIMER
from edge_runtime.photo.decode import decode_photo
from edge_runtime.version import VERSION
from tests.edge_runtime.links import broken_links
from tests.edge_runtime.outcomes import contents, records_of

CLASSES = ("cataract", "diabetic_retinopathy", "glaucoma", "normal")


def test_out_writes_tables_overlays_and_a_report(predict, photos, tmp_path):
    out = tmp_path / "new" / "out"
    result = predict(photos / "a.jpg", photos / "b.jpg", "--out", out)
    assert result.exit_code == 0
    assert str(out / "report.html") in result.stderr
    assert sorted(path.name for path in out.iterdir()) == [
        "overlays", "people", "report", "report.html", "results.csv", "results.jsonl",
        "results.sqlite",
    ]  # fmt: skip
    records = records_of((out / "results.jsonl").read_text("utf-8"))
    with (out / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(records) == len(rows) == 2
    for record, row in zip(records, rows, strict=True):
        assert row["path"] == record["path"]
        assert row["status"] == "ok"
        assert row["class"] == record["class"]
        assert {name: float(row[f"p_{name}"]) for name in CLASSES} == record["probabilities"]
        assert row["disclaimer"] == DISCLAIMER
        (explanation,) = record["explanations"]
        assert row["overlay"] == explanation["overlay"]
        overlay = decode_photo((out / explanation["overlay"]).read_bytes())
        assert overlay.shape[1] == 640  # the legend needs so much
    assert len(list((out / "overlays").iterdir())) == 2


def test_the_table_opens_in_a_spreadsheet_and_says_what_made_each_row(
    predict, photos, bundle, tmp_path
):
    (photos / "a.jpg").rename(photos / "\u0153il.jpg")
    cv2.imwrite(str(photos / "dark.png"), np.zeros((300, 300, 3), np.uint8))
    predict(photos, "--out", tmp_path / "out", bundle=bundle)
    data = (tmp_path / "out" / "results.csv").read_bytes()
    assert data.startswith(codecs.BOM_UTF8 + b"path,status,")
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    rows = {Path(row["path"]).name: row for row in reader}
    assert reader.fieldnames == [
        "path", "status", "class", "confidence", "caution", "refer", "refer_why",
        *(f"p_{name}" for name in CLASSES), "overlay", "error", "reason", "disclaimer",
        "model", "bundle_identity", "version", "time", "quality", "familiarity",
        "evidence_outside", "validation", "read_as",
    ]  # fmt: skip
    assert {*rows} == {"b.jpg", "c.jpg", "d.jpg", "dark.png", "\u0153il.jpg"}
    for row in rows.values():
        assert row["model"] == "float32"
        assert row["bundle_identity"] == load_bundle(bundle).identity
        assert row["version"] == VERSION
        done = datetime.datetime.fromisoformat(row["time"])
        age = datetime.datetime.now(datetime.timezone.utc) - done  # fails without a zone
        assert -1 < age.total_seconds() < 600
    assert rows["dark.png"]["quality"] == rows["dark.png"]["reason"] == "the photo is too dark"
    assert (rows["b.jpg"]["quality"], rows["c.jpg"]["quality"]) == ("", "")
    (record,) = (
        each for each in records_of((tmp_path / "out" / "results.jsonl").read_text("utf-8"))
        if each["path"].endswith("b.jpg")
    )  # fmt: skip
    outside = record["explanations"][0]["evidence_outside"]
    assert float(rows["b.jpg"]["evidence_outside"]) == outside
    assert rows["dark.png"]["evidence_outside"] == ""


def test_the_table_has_no_evidence_of_another_class_and_says_where_quality_wasnt_checked(
    predict, photos, tmp_path
):
    result = predict(photos / "a.jpg", "--json")
    other = next(name for name in CLASSES if name != records_of(result.stdout)[0]["class"])
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--class", other, "--no-quality-gate", "--out", out)
    with (out / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["evidence_outside"], row["quality"]) == ("", "not checked")


def test_the_report_needs_nothing_but_its_folder_and_each_page_shows_the_disclaimer(
    predict, photos, tmp_path
):
    predict(photos, "--out", tmp_path / "out")
    pages = [tmp_path / "out" / "report.html", *(tmp_path / "out" / "report").glob("*.html")]
    assert len(pages) == 2
    for page in pages:
        text = page.read_text("utf-8")
        for foreign in ("://", "<script", "<link", "@import", "url(", "data:", str(page.parent)):
            assert foreign not in text
        assert text.count(DISCLAIMER) >= 2  # above and below
        assert text.endswith("</html>\n")
        for name in "abcd":
            assert f"{name}.jpg" in text


def test_a_second_run_to_the_same_folder_is_refused_and_changes_nothing(
    predict, photo_file, tmp_path
):
    predict(photo_file, "--out", tmp_path / "out")
    before = contents(tmp_path / "out")
    result = predict(photo_file, "--out", tmp_path / "out")
    assert result.exit_code == 1
    sentence = "already exists; add to its run with --resume, or choose another folder"
    assert sentence in result.stderr
    assert result.stdout == ""
    assert contents(tmp_path / "out") == before


def test_an_empty_folder_may_be_written_to_and_a_file_may_not(predict, photo_file, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    assert predict(photo_file, "--out", tmp_path / "empty").exit_code == 0
    assert predict(photo_file, "--out", tmp_path / "file").exit_code == 1
    below = predict(photo_file, "--out", tmp_path / "file" / "out")
    assert below.exit_code == 1
    assert "can't write there" in below.stderr


def test_all_classes_give_four_overlays_per_photo(predict, photos, tmp_path):
    out = tmp_path / "out"
    result = predict(photos / "a.jpg", photos / "b.jpg", "--class", "all", "--out", out)
    assert result.exit_code == 0
    assert len(list((out / "overlays").iterdir())) == 8
    for record in records_of((out / "results.jsonl").read_text("utf-8")):
        assert tuple(e["class"] for e in record["explanations"]) == CLASSES
        assert all((out / e["overlay"]).is_file() for e in record["explanations"])


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("left eye.jpg", "left eye.jpg"),
        ("two\nlines.jpg", "two\\nlines.jpg"),
        ("\x1b[31mred.jpg", "\\x1b[31mred.jpg"),
        ("œil <b>&.jpg", "œil <b>&.jpg"),
        (os.fsdecode(b"latin-\xe9.jpg"), "latin-\\udce9.jpg"),
    ],
    ids=["space", "newline", "escape", "markup", "no UTF-8"],
)
def test_any_file_name_is_shown_on_one_line_and_kept_as_it_is_in_the_data(
    predict, photo_file, tmp_path, name, shown
):
    shutil.copy(photo_file, tmp_path / name)
    out = tmp_path / "out"
    result = predict(tmp_path / name, "--out", out)
    assert result.exit_code == 0, result.stderr
    (line,) = result.stdout.splitlines()
    assert line.endswith(shown)
    (record,) = records_of((out / "results.jsonl").read_text("utf-8"))
    assert record["path"] == str(tmp_path / name)  # a program finds the file by it
    with (out / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    # a byte that is no UTF-8 is an escape there, or a table couldn't be read for one name
    assert row["path"] == record["path"].replace("\udce9", "\\udce9")
    assert (out / record["explanations"][0]["overlay"]).is_file()
    for page in (out / "report.html", *(out / "report").glob("*.html")):
        assert "<b>&" not in page.read_text("utf-8")
        assert escape(shown) in page.read_text("utf-8")
        assert broken_links(page) == []


def test_photos_of_one_name_in_two_folders_keep_their_own_overlays(predict, photos, tmp_path):
    for folder in ("left", "right"):
        (tmp_path / folder).mkdir()
        shutil.copy(photos / "a.jpg", tmp_path / folder)
    predict(tmp_path / "left", tmp_path / "right", "--out", tmp_path / "out")
    assert len(list((tmp_path / "out" / "overlays").iterdir())) == 2


def test_a_run_that_fails_midway_keeps_its_records_and_writes_no_report(
    predict, photos, tmp_path, monkeypatch
):
    from edge_runtime.results import folder as results

    write = results.write_file

    def full_disk(path, data, **options):
        if path.name.startswith("0002"):
            raise OSError(28, "No space left on device")
        write(path, data, **options)

    monkeypatch.setattr(results, "write_file", full_disk)
    out = tmp_path / "out"
    result = predict(photos, "--out", out)
    assert result.exit_code == 1
    assert "no space left on device; make room, then go on with --resume" in result.stderr
    assert len(records_of((out / "results.jsonl").read_text("utf-8"))) == 1
    assert sorted(path.name for path in out.iterdir()) == [
        "overlays", "results.jsonl", "results.sqlite",
    ]  # fmt: skip


def test_a_disk_that_is_full_by_the_report_leaves_no_half_of_it(
    predict, photos, tmp_path, monkeypatch
):
    from edge_runtime.results import report

    def full_disk(path, data):
        raise OSError(28, "No space left on device")

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(report, "_write", full_disk)
        result = predict(photos, "--out", out)
    assert result.exit_code == 1
    assert "no space left on device; make room, then go on with --resume" in result.stderr
    assert sorted(path.name for path in out.iterdir()) == [
        "overlays", "results.csv", "results.jsonl", "results.sqlite",
    ]  # fmt: skip
    predict(photos, "--out", out, "--resume")
    assert broken_links(out / "report.html") == []


@pytest.mark.parametrize(
    "figures", [("metrics", {"test_dir": 1}), ("metrics", {"test_dir": {}}), ("dataset", 1)]
)
def test_figures_that_the_report_cant_show_are_no_traceback(
    predict, photo_file, bundle, tmp_path, figures
):
    key, value = figures
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))
    place = manifest["origin"] if key == "dataset" else manifest["models"]["float32"]
    place[key] = value
    (bundle / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    result = predict(photo_file, "--out", tmp_path / "out", bundle=bundle)
    # either shown without them, or refused with a sentence
    assert result.exception is None or isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("name", ["=1+1.jpg", "+1.jpg", "-1.jpg", "@x.jpg", "\t=1.jpg"])
def test_a_spreadsheet_runs_no_file_name(predict, photo_file, tmp_path, monkeypatch, name):
    shutil.copy(photo_file, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "=broken.jpg").touch()
    for _ in range(2):
        result = predict(".", "--out", "out", "--resume")
    assert "Resumed: 2 of 2 photos were done." in result.stderr
    with Path("out/results.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["path"]: row for row in csv.DictReader(file)}
    assert set(rows) == {f"./{name}", "./=broken.jpg"}
    assert all(Path(path).exists() for path in rows)  # it names the file all the same
    assert rows["./=broken.jpg"]["error"].startswith("./=broken.jpg: the file is empty; ")
    records = records_of(Path("out/results.jsonl").read_text("utf-8"))
    assert {record["path"] for record in records} == set(rows)  # so the two can be joined


def test_average_maps_that_cant_be_read_are_refused_before_the_first_photo(
    predict, photos, tmp_path
):
    whole = load_bundle()
    files = {name: whole.path / name for name in whole.manifest.files} | {AVERAGE_MAPS: b"no maps"}
    write_bundle(tmp_path / "b", whole.manifest, files)
    result = predict(photos, "--out", tmp_path / "out", bundle=tmp_path / "b")
    assert result.exit_code == 1
    assert "average_maps.npz" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
    assert predict(photos / "a.jpg", bundle=tmp_path / "b").exit_code == 0  # no page needs them
