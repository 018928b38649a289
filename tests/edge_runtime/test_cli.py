"""The command line: what it prints, writes and refuses."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_runtime.cli import main
from edge_runtime.contract import DISCLAIMER
from edge_runtime.decode import decode_photo

CLASSES = ("cataract", "diabetic_retinopathy", "glaucoma", "normal")

RECORD_KEYS = [
    "path", "status", "class", "confidence", "referral", "probabilities", "logits", "explanations",
    "gradients", "completeness_gap", "photo_size", "field_of_view", "times_ms", "model", "bundle",
    "disclaimer",
]  # fmt: skip

ERROR_KEYS = ["path", "status", "error", "model", "bundle", "disclaimer"]


@pytest.fixture
def predict(exported):
    """Run ``predict`` in this process, on the tiny bundle."""

    def run(*arguments, bundle=exported):
        command = ["predict", *map(str, arguments), "--bundle", str(bundle)]
        return CliRunner().invoke(main, command)

    return run


@pytest.fixture
def photos(dataset, tmp_path):
    """A folder of three good photos and a broken one between them."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, kind in (("a", "normal"), ("b", "glaucoma"), ("d", "diabetic_retinopathy")):
        source = sorted((dataset / "test_dir" / kind).iterdir())[0]
        shutil.copy(source, folder / f"{name}.jpg")
    (folder / "c.jpg").write_bytes((folder / "a.jpg").read_bytes()[:3000])
    return folder


def run_command(*arguments):
    """Run the installed console script."""
    script = shutil.which("fundus-edge", path=Path(sys.executable).parent) or "fundus-edge"
    return subprocess.run(
        [script, *map(str, arguments)], check=False, capture_output=True, text=True, timeout=120
    )


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def records_of(text):
    return [json.loads(line) for line in text.splitlines()]


def test_predict_prints_one_line_per_photo(predict, photos):
    result = predict(photos / "a.jpg", photos / "b.jpg")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
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
        assert set(record["explanations"][0]) == {"class", "positive_evidence", "evidence_logits"}
        assert record["photo_size"] == [240, 320]
        assert list(record["field_of_view"]) == ["top", "left", "bottom", "right"]
        assert list(record["times_ms"]) == ["decode", "crop", "quality", "infer", "explain"]
        assert list(record["model"]) == ["name", "precision", "sha256", "providers"]
        assert list(record["bundle"]) == ["name", "identity"]
        assert record["disclaimer"] == DISCLAIMER


def test_the_fixed_mode_reports_no_completeness_gap(predict, photo_file):
    (record,) = records_of(predict(photo_file, "--json", "--gradients", "fixed").stdout)
    assert record["gradients"] == "fixed"
    assert record["completeness_gap"] is None


def test_out_writes_tables_overlays_and_a_report(predict, photos, tmp_path):
    out = tmp_path / "new" / "out"
    result = predict(photos / "a.jpg", photos / "b.jpg", "--out", out)
    assert result.exit_code == 0
    assert str(out / "report.html") in result.stderr
    assert sorted(path.name for path in out.iterdir()) == [
        "overlays", "report.html", "results.csv", "results.jsonl", "run.json",
    ]  # fmt: skip
    records = records_of((out / "results.jsonl").read_text("utf-8"))
    with (out / "results.csv").open(encoding="utf-8", newline="") as file:
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


def test_the_report_needs_nothing_but_itself_and_shows_the_disclaimer(predict, photos, tmp_path):
    predict(photos, "--out", tmp_path / "out")
    report = (tmp_path / "out" / "report.html").read_text("utf-8")
    for foreign in ("http://", "https://", "<script", "<link", "@import", "url("):
        assert foreign not in report
    assert report.count(DISCLAIMER) >= 2  # above and below
    assert report.count("<img ") == report.count('src="data:image/jpeg;base64,') == 6
    assert report.endswith("</html>\n")
    for name in "abcd":
        assert f"{name}.jpg" in report


def test_a_second_run_to_the_same_folder_is_refused_and_changes_nothing(
    predict, photo_file, tmp_path
):
    predict(photo_file, "--out", tmp_path / "out")
    before = contents(tmp_path / "out")
    result = predict(photo_file, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "already exists; choose another folder" in result.stderr
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


def test_a_broken_photo_is_reported_and_the_others_go_on(predict, photos, tmp_path):
    out = tmp_path / "out"
    result = predict(photos, "--out", out, "--json")
    assert result.exit_code == 1
    assert "c.jpg: the JPEG file is truncated" in result.stderr
    assert "1 of 4 photos could not be read." in result.stderr
    for text in (result.stdout, (out / "results.jsonl").read_text("utf-8")):
        records = records_of(text)
        assert [Path(record["path"]).name for record in records] == [
            "a.jpg", "b.jpg", "c.jpg", "d.jpg",
        ]  # fmt: skip
        assert [record["status"] for record in records] == ["ok", "ok", "error", "ok"]
        assert list(records[2]) == ERROR_KEYS
        assert "truncated" in records[2]["error"]
    with (out / "results.csv").open(encoding="utf-8", newline="") as file:
        row = list(csv.DictReader(file))[2]
    assert row["status"] == "error"
    assert "truncated" in row["error"]
    assert row["class"] == ""
    assert len(list((out / "overlays").iterdir())) == 3
    assert "could not be read" in (out / "report.html").read_text("utf-8")


def test_a_broken_photo_has_no_line_on_stdout(predict, photos):
    result = predict(photos)
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 3


def test_a_missing_path_is_reported_and_the_others_go_on(predict, photos):
    result = predict(photos / "gone.jpg", photos / "a.jpg")
    assert result.exit_code == 1
    assert "gone.jpg: no such file" in result.stderr
    assert len(result.stdout.splitlines()) == 1


def test_a_folder_without_photos_is_an_error(predict, tmp_path):
    (tmp_path / "notes.txt").write_text("no photo", "utf-8")
    result = predict(tmp_path)
    assert result.exit_code == 1
    assert "no photo found" in result.stderr


def test_all_classes_give_four_overlays_per_photo(predict, photos, tmp_path):
    out = tmp_path / "out"
    result = predict(photos / "a.jpg", photos / "b.jpg", "--class", "all", "--out", out)
    assert result.exit_code == 0
    assert len(list((out / "overlays").iterdir())) == 8
    for record in records_of((out / "results.jsonl").read_text("utf-8")):
        assert tuple(e["class"] for e in record["explanations"]) == CLASSES
        assert all((out / e["overlay"]).is_file() for e in record["explanations"])


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


@pytest.mark.parametrize(
    "arguments", [(), ("x.jpg", "--gradients", "rough"), ("x.jpg", "--threads", "0")]
)
def test_wrong_usage_exits_with_2(predict, arguments):
    assert predict(*arguments).exit_code == 2


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
    assert len(result.stdout.splitlines()) == 1


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
    with (out / "results.csv").open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["path"] == record["path"]
    assert (out / record["explanations"][0]["overlay"]).is_file()
    report = (out / "report.html").read_text("utf-8")
    assert "<b>" not in report


def test_photos_of_one_name_in_two_folders_keep_their_own_overlays(predict, photos, tmp_path):
    for folder in ("left", "right"):
        (tmp_path / folder).mkdir()
        shutil.copy(photos / "a.jpg", tmp_path / folder)
    predict(tmp_path / "left", tmp_path / "right", "--out", tmp_path / "out")
    assert len(list((tmp_path / "out" / "overlays").iterdir())) == 2


def test_a_run_that_fails_midway_keeps_its_records_and_writes_no_report(
    predict, photos, tmp_path, monkeypatch
):
    from edge_runtime import results

    write = results.write_private

    def full_disk(path, data):
        if path.name.startswith("0002"):
            raise OSError(28, "No space left on device")
        write(path, data)

    monkeypatch.setattr(results, "write_private", full_disk)
    out = tmp_path / "out"
    result = predict(photos, "--out", out)
    assert result.exit_code == 1
    assert "no space left on device" in result.stderr
    assert len(records_of((out / "results.jsonl").read_text("utf-8"))) == 1
    assert sorted(path.name for path in out.iterdir()) == [
        "overlays", "report.sections", "results.jsonl", "run.json",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "command",
    ["predict", "benchmark", "audit", "split", "train", "evaluate", "export", "calibrate",
     "validate"],
)  # fmt: skip
def test_every_command_has_help_and_is_listed(command):
    listed = CliRunner().invoke(main, ["--help"])
    assert listed.exit_code == 0
    assert command in listed.stdout
    shown = CliRunner().invoke(main, [command, "--help"])
    assert shown.exit_code == 0
    assert "Usage:" in shown.stdout
    assert len(shown.stdout.splitlines()) > 5


def test_the_installed_command_shows_its_version():
    ran = run_command("--version")
    assert ran.returncode == 0
    assert ran.stdout.startswith("fundus-edge, version ")


def test_the_installed_command_predicts(photo_file, exported):
    ran = run_command("predict", photo_file, "--bundle", exported, "--json")
    assert ran.returncode == 0
    assert ran.stderr.strip() == DISCLAIMER
    assert list(json.loads(ran.stdout)) == RECORD_KEYS


def test_a_missing_bundle_is_one_sentence_and_no_traceback(photo_file, tmp_path):
    ran = run_command("predict", photo_file, "--bundle", tmp_path / "gone")
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "gone: no bundle here" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_a_damaged_bundle_is_one_sentence_and_no_traceback(photo_file, bundle):
    (bundle / "model.onnx").write_bytes(b"")
    ran = run_command("predict", photo_file, "--bundle", bundle)
    assert ran.returncode == 1
    assert "model.onnx is truncated" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


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


@pytest.mark.parametrize("arguments", [("",), ("x.jpg", "--out", ""), ("x.jpg", "--bundle", "")])
def test_an_empty_path_isnt_the_current_folder(arguments, photos, monkeypatch):
    monkeypatch.chdir(photos)  # here "" would find photos
    result = CliRunner().invoke(main, ["predict", *arguments])
    assert result.exit_code == 2
    assert "an empty name is no path; name a file or a folder" in result.stderr


def test_files_passed_over_are_counted_once_on_stderr(predict, photos):
    for name in ("notes.txt", "table.csv"):
        (photos / name).touch()
    result = predict(photos)
    assert result.stderr.count("2 other files passed over") == 1


def test_a_pixel_limit_is_named_with_the_way_to_raise_it(predict, photo_file):
    result = predict(photo_file, "--max-pixels", "1000")
    assert result.exit_code == 1
    assert "claims 320 x 240 pixels, more than the 1000 allowed" in result.stderr
    assert "--max-pixels" in result.stderr
