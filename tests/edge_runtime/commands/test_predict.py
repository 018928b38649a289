"""The command predict: what it prints of each photo, and what it refuses."""

import csv
import json
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from markupsafe import escape

from edge_runtime.contract import DISCLAIMER
from tests.edge_runtime.outcomes import photo_lines, records_of

CLASSES = ("cataract", "diabetic_retinopathy", "glaucoma", "normal")


RECORD_KEYS = [
    "path", "status", "class", "confidence", "referral", "caution",
    "familiarity", "probabilities", "logits",
    "explanations", "gradients", "completeness_gap", "photo_size", "field_of_view", "times_ms",
    "model", "bundle", "disclaimer",
]  # fmt: skip

EXPLANATION_KEYS = {"class", "positive_evidence", "evidence_logits", "evidence_outside"}


ERROR_KEYS = ["path", "status", "error", "model", "bundle", "disclaimer"]


def test_predict_prints_one_line_per_photo(predict, photos):
    result = predict(photos / "a.jpg", photos / "b.jpg")
    assert result.exit_code == 0
    lines = photo_lines(result.stdout)
    assert len(lines) == 2
    for line, name in zip(lines, ("a.jpg", "b.jpg"), strict=True):
        assert line.split()[0] in CLASSES
        assert "%" in line
        assert line.endswith(str(photos / name))


def test_predict_shows_the_disclaimer_on_stderr_only(predict, photo_file):
    result = predict(photo_file)
    assert DISCLAIMER in result.stderr
    assert DISCLAIMER not in result.stdout


def test_json_prints_one_object_per_photo_with_the_documented_keys(predict, photos):
    result = predict(photos / "a.jpg", photos / "b.jpg", "--json")
    assert result.exit_code == 0
    records = records_of(result.stdout)
    assert [record["path"] for record in records] == [
        str(photos / "a.jpg"),
        str(photos / "b.jpg"),
    ]
    for record in records:
        assert list(record) == RECORD_KEYS
        assert record["status"] == "ok"
        assert tuple(record["probabilities"]) == tuple(record["logits"]) == CLASSES
        # a float32 softmax of four classes
        assert sum(record["probabilities"].values()) == pytest.approx(1, abs=1e-6)
        assert record["confidence"] == record["probabilities"][record["class"]]
        # logits: a float32 sum of a few thousand terms of order one
        assert 0 <= record["completeness_gap"] < 1e-4
        assert [e["class"] for e in record["explanations"]] == [record["class"]]
        assert set(record["explanations"][0]) == EXPLANATION_KEYS
        assert record["photo_size"] == [240, 320]
        assert list(record["field_of_view"]) == ["x", "y", "major", "minor", "angle"]
        assert list(record["times_ms"]) == ["decode", "field", "quality", "infer", "explain"]
        assert list(record["model"]) == ["name", "precision", "sha256", "providers", "validation"]
        assert list(record["bundle"]) == ["name", "identity"]
        assert record["disclaimer"] == DISCLAIMER


def test_evidence_outside_of_the_eye_flags_the_photo(predict, photos, bundle, tmp_path):
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))
    manifest["evidence_outside_max"] = 1.0
    (bundle / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (record,) = records_of(predict(photos / "a.jpg", "--json", bundle=bundle).stdout)
    outside = record["explanations"][0]["evidence_outside"]
    assert 0 < outside < 1  # the tiny network's cells are as large as the rim is wide
    assert record["caution"] is None
    manifest["evidence_outside_max"] = outside / 2
    (bundle / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    result = predict(photos / "a.jpg", "--json", "--out", tmp_path / "out", bundle=bundle)
    (record,) = records_of(result.stdout)
    assert f"{outside:.0%} of the evidence lies outside of the eye" in record["caution"]
    report = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert f"Caution: {escape(record['caution'])}." in report
    with (tmp_path / "out" / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["caution"] == record["caution"]
    assert record["caution"] in predict(photos / "a.jpg", bundle=bundle).stdout


@pytest.mark.parametrize("value", [-0.1, 1.5, "0.5", True, None])
def test_a_limit_of_evidence_outside_that_is_no_share_is_refused(
    predict, photo_file, bundle, value
):
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))
    manifest["evidence_outside_max"] = value
    (bundle / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    result = predict(photo_file, bundle=bundle)
    assert result.exit_code == 1
    assert "'evidence_outside_max'" in result.stderr


def test_the_fixed_mode_reports_no_completeness_gap(predict, photo_file):
    (record,) = records_of(predict(photo_file, "--json", "--gradients", "fixed").stdout)
    assert record["gradients"] == "fixed"
    assert record["completeness_gap"] is None


def test_a_broken_photo_is_reported_and_the_others_go_on(predict, photos, tmp_path):
    out = tmp_path / "out"
    result = predict(photos, "--out", out, "--json")
    assert result.exit_code == 1
    assert "c.jpg: the JPEG file is truncated" in result.stderr
    assert result.stderr.endswith("0 ungradable, 1 with an error.\n")
    for text in (result.stdout, (out / "results.jsonl").read_text("utf-8")):
        records = records_of(text)
        assert [Path(record["path"]).name for record in records] == [
            "a.jpg", "b.jpg", "c.jpg", "d.jpg",
        ]  # fmt: skip
        assert [record["status"] for record in records] == ["ok", "ok", "error", "ok"]
        assert list(records[2]) == ERROR_KEYS
        assert "truncated" in records[2]["error"]
    with (out / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        row = list(csv.DictReader(file))[2]
    assert row["status"] == "error"
    assert "truncated" in row["error"]
    assert row["class"] == ""
    assert len(list((out / "overlays").iterdir())) == 3
    assert "<b>1</b>unreadable</a>" in (out / "report.html").read_text("utf-8")


def test_a_broken_photo_has_no_line_on_stdout(predict, photos):
    result = predict(photos)
    assert result.exit_code == 1
    assert len(photo_lines(result.stdout)) == 3
    assert "c.jpg" not in result.stdout


def test_a_missing_path_is_reported_and_the_others_go_on(predict, photos):
    result = predict(photos / "gone.jpg", photos / "a.jpg")
    assert result.exit_code == 1
    assert "gone.jpg: no such file" in result.stderr
    assert len(photo_lines(result.stdout)) == 1


def test_a_folder_without_photos_is_an_error(predict, tmp_path):
    (tmp_path / "notes.txt").write_text("no photo", "utf-8")
    result = predict(tmp_path)
    assert result.exit_code == 1
    assert "no photo found" in result.stderr


def test_one_class_can_be_explained_by_name(predict, photo_file):
    (record,) = records_of(predict(photo_file, "--json", "--class", "cataract").stdout)
    assert [e["class"] for e in record["explanations"]] == ["cataract"]


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (("--class", "healthy"), "unknown class 'healthy': choose one of top, all, cataract"),
        (("--model", "int9"), "unknown model 'int9': choose one of float32"),
        (("--model", "int9.tflite"), "unknown model 'int9.tflite': choose one of float32"),
    ],
)
def test_a_name_that_cant_be_used_is_refused_and_nothing_is_written(
    predict, photo_file, tmp_path, option, sentence
):
    result = predict(photo_file, *option, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_is_searched_in_order_without_hidden_files_and_earlier_results(
    predict, photo_file, tmp_path
):
    folder = tmp_path / "photos"
    names = ("b.JPG", "a.jpg", "sub/z.jpeg", "sub/deep/y.jpg", "another/x.jpg")
    passed_over = (".hidden.jpg", ".cache/c.jpg", "notes.txt")
    for name in names + passed_over:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(photo_file, folder / name)
    assert predict(folder / "a.jpg", "--out", folder / "results").exit_code == 0
    result = predict(folder, "--json")
    assert result.exit_code == 0
    found = [
        Path(record["path"]).relative_to(folder).as_posix() for record in records_of(result.stdout)
    ]
    assert found == ["a.jpg", "b.JPG", "another/x.jpg", "sub/z.jpeg", "sub/deep/y.jpg"]


def test_a_photo_named_twice_is_predicted_once(predict, photos):
    result = predict(photos / "a.jpg", photos / "a.jpg")
    assert len(photo_lines(result.stdout)) == 1


def test_texts_and_what_systems_leave_are_passed_over_in_one_line_without_an_error(
    predict, photo_file, tmp_path
):
    for name in ("notes.txt", "table.csv", "._a.jpg", "Thumbs.db", ".DS_Store", "desktop.ini"):
        (tmp_path / name).touch()
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "a.jpg").touch()
    shutil.copy(photo_file, tmp_path / "a.jfif")
    shutil.copy(photo_file, tmp_path / "b.jpe")
    result = predict(tmp_path)
    assert result.exit_code == 0
    assert len(photo_lines(result.stdout)) == 2
    said = "Passed over: 2 texts and tables, 5 hidden or system files.\n"
    assert result.stderr.count("assed over") == result.stderr.count(said) == 1


def test_files_that_arent_read_are_named_and_are_errors_unless_that_is_allowed(
    predict, photo_file, tmp_path, monkeypatch
):
    monkeypatch.setattr("edge_runtime.hospital.find.is_installed", lambda: False)
    shutil.copy(photo_file, tmp_path / "a.jpg")
    kinds = {"HEIC": "heic", "DICOM": "dcm", "raw": "nef", "PDF": "pdf", "video": "MP4"}
    for ending in (*kinds.values(), "xyz"):
        (tmp_path / f"b.{ending}").touch()
    for number in range(5):
        (tmp_path / f"c{number}").touch()  # as DICOM files often are, without an ending
    result = predict(tmp_path)
    assert result.exit_code == 1
    (line,) = (line for line in result.stderr.splitlines() if line.startswith("Not read"))
    counts = ", ".join(f"1 {kind}" for kind in kinds)
    assert line.startswith(f"Not read ({counts}, 6 of unknown kind): {tmp_path}/b.MP4, ")
    assert line.count(str(tmp_path)) == 10
    assert ", and 1 more; convert them to JPEG or PNG, or pass them over" in line
    assert result.stderr.endswith("0 with an error; 11 other files not read.\n")
    allowed = predict(tmp_path, "--skip-unknown")
    assert allowed.exit_code == 0
    assert f"{tmp_path}/b.MP4" in allowed.stderr


def test_links_to_folders_are_named_as_they_arent_followed(predict, photos, tmp_path):
    (tmp_path / "named").mkdir()
    shutil.copy(photos / "a.jpg", tmp_path / "named")
    (tmp_path / "named" / "more").symlink_to(photos)
    result = predict(tmp_path / "named")
    assert result.exit_code == 0
    assert f"Links to folders not followed: {tmp_path}/named/more;" in result.stderr


@pytest.mark.parametrize("options", [(), ("--resume",)], ids=["anew", "resume"])
def test_a_mistyped_path_leaves_no_result_folder(predict, tmp_path, options):
    gone = [tmp_path / "photoss", tmp_path / "eye.jgp" / "x"]
    result = predict(*gone, "--out", tmp_path / "out", *options)
    assert result.exit_code == 1
    assert f"Error: {gone[0]}, {gone[1]}: no such file or folder; nothing was" in result.stderr
    assert not (tmp_path / "out").exists()


def test_stderr_ends_with_what_the_photos_came_to(predict, photos):
    cv2.imwrite(str(photos / "dark.png"), np.zeros((300, 300, 3), np.uint8))
    without_thresholds = predict(photos)
    assert without_thresholds.stderr.endswith(
        "\n5 photos: 3 with a class and no referral, 1 ungradable, 1 with an error.\n"
    )


def test_a_pixel_limit_is_named_with_the_way_to_raise_it(predict, photo_file):
    result = predict(photo_file, "--max-pixels", "1000")
    assert result.exit_code == 1
    assert "claims 320 x 240 pixels, more than the 1000 allowed" in result.stderr
    assert "--max-pixels" in result.stderr


def test_a_photo_that_may_not_be_read_doesnt_stop_the_others(predict, photos, monkeypatch):
    opened = Path.open

    def refuse(self, *arguments, **options):
        if self.name == "a.jpg":
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "a.jpg")
    result = predict(photos / "a.jpg", photos / "b.jpg")
    assert result.exit_code == 1
    assert "a.jpg: permission denied; change the file's permissions" in result.stderr
    assert len(photo_lines(result.stdout)) == 1


def test_how_a_photo_was_read_is_told_in_every_result(predict, photo_file, tmp_path):
    photo = cv2.imread(str(photo_file)).astype(np.uint16)
    cv2.imwrite(str(tmp_path / "few.png"), photo << 4)
    cv2.imwrite(str(tmp_path / "plain.png"), photo * 257)
    cv2.imwrite(str(tmp_path / "unsure.png"), np.full_like(photo, 300) + (photo & 1))
    out = tmp_path / "out"
    named = (tmp_path / f"{name}.png" for name in ("few", "plain", "unsure"))
    result = predict(*named, "--out", out)
    few, plain, unsure = records_of((out / "results.jsonl").read_text("utf-8"))
    assert (few["status"], unsure["status"]) == ("ok", "ungradable")
    assert few["probabilities"] == plain["probabilities"]
    assert few["read_as"][0].startswith("brightened: its values look like 12 of 16 bits;")
    assert unsure["read_as"][0].startswith("not brightened, though")
    assert "read_as" not in plain
    assert [line.strip() for line in result.stdout.splitlines() if line.startswith("  read: ")] == [
        f"read: {record['read_as'][0]}" for record in (few, unsure)
    ]
    with (out / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [row["read_as"] for row in csv.DictReader(file)]
    assert cells == [few["read_as"][0], "", unsure["read_as"][0]]
