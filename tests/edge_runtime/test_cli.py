"""The command line as an operator meets it."""

import csv
import json
import shutil

import pytest
from click.testing import CliRunner

from edge_runtime.cli import main
from edge_runtime.contract import DISCLAIMER


@pytest.fixture
def run(exported):
    return lambda *args: CliRunner().invoke(main, ["predict", *map(str, args), "--bundle", str(exported)])


@pytest.fixture
def photos(dataset, tmp_path):
    """A folder with two photos, one of them deeper, and one broken."""
    folder = tmp_path / "photos"
    (folder / "b deep").mkdir(parents=True)
    source = sorted((dataset / "test_dir" / "normal").iterdir())
    shutil.copy(source[0], folder / "a\nname.JPG")
    shutil.copy(source[1], folder / "b deep" / "z.jpg")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    (folder / ".hidden.jpg").touch()
    return folder


def test_each_photo_is_one_line_and_the_disclaimer_stands_below(run, photo_file):
    result = run(photo_file)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1
    assert result.stdout.rstrip().endswith(str(photo_file))
    assert DISCLAIMER in result.stderr


def test_json_is_one_object_a_photo_and_a_broken_one_does_not_stop_the_rest(run, photos):
    result = run(photos, photos / "none.jpg", "--json")
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [r["status"] for r in records] == ["ok", "ok", "error", "error"] or [
        r["status"] for r in records
    ] == ["ok", "error", "ok", "error"]
    assert result.exit_code == 1
    assert "broken.png" in result.stderr
    assert "none.jpg: no such file" in result.stderr
    good = records[0]
    assert set(good["times_ms"]) == {"decode", "crop", "infer", "explain"}
    assert set(good["probabilities"]) == {"cataract", "diabetic_retinopathy", "glaucoma", "normal"}
    assert good["disclaimer"] == DISCLAIMER
    assert len(good["model"]["sha256"]) == len(good["bundle"]["identity"]) == 64
    assert "\n" not in good["path"]


def test_a_result_folder_has_everything_and_is_never_written_over(run, photos, tmp_path):
    out = tmp_path / "out"
    result = run(photos, "--out", out, "--class", "all")
    assert result.exit_code == 1
    assert sorted(p.name for p in out.iterdir()) == ["overlays", "report.html", "results.csv", "results.jsonl"]
    records = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    with (out / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["path"] for r in rows] == [r["path"] for r in records]
    assert len(records) == 3
    assert len(list((out / "overlays").iterdir())) == 8
    assert all((out / e["overlay"]).is_file() for r in records for e in r.get("explanations", []))
    page = (out / "report.html").read_text()
    assert DISCLAIMER in page
    assert "<script" not in page
    assert "http" not in page
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    again = run(photos, "--out", out)
    assert again.exit_code == 1
    assert "already exists" in again.stderr
    assert before == {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}


def test_earlier_results_are_not_taken_for_photos(run, photos):
    (photos / "broken.png").unlink()
    run(photos, "--out", photos / "out")
    assert len(run(photos).stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["x.jpg", "--class", "none"], "unknown class 'none'"),
        (["x.jpg", "--bundle", "nowhere"], "nowhere: no bundle here"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_one(arguments, sentence):
    result = CliRunner().invoke(main, ["predict", *arguments])
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert "Traceback" not in result.output


def test_a_folder_without_photos_is_said(run, tmp_path):
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "no photo found" in result.stderr


@pytest.mark.parametrize("command", ["predict", "train", "export", "calibrate"])
def test_every_command_has_help(command):
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output
