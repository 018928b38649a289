"""The command explain lesions, from photographs and masks to its page and its JSON."""

import json
import re
import subprocess
import sys

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.contract import DISCLAIMER
from tests.calibration.explanations.lesions.drawn import write_marked
from tests.conftest import ROOT


def run(*arguments):
    return CliRunner().invoke(main, ["explain", "lesions", *map(str, arguments)])


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """Three photos with masks, a black one without, which is refused, and who they are of."""
    folder = tmp_path_factory.mktemp("marked")
    write_marked(folder)
    cv2.imwrite(str(folder / "images" / "dark.png"), np.zeros((300, 300, 3), np.uint8))
    lines = [f"images/eye{number}.jpg,diabetic_retinopathy,p{number}" for number in range(3)]
    (folder / "labels.csv").write_text("\n".join(["file,label,patient", *lines, ""]))
    return folder


@pytest.fixture(scope="module")
def done(marked, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "lesions"
    return run(marked, "--draws", 2, "--threads", 2, "--json", "--out", out), out


def test_photos_and_masks_give_figures_of_each_kind(done):
    result, out = done
    assert result.exit_code == 0, result.output
    record = json.loads(result.stdout)
    assert record == json.loads((out / "lesions.json").read_text("utf-8"))
    assert (record["photos"], record["persons"], record["patients_known"]) == (3, 3, True)
    assert [each["path"].rpartition("/")[2] for each in record["left_out"]] == ["dark.png"]
    assert list(record["explained"]) == ["predicted", "diabetic_retinopathy"]
    shown = record["explained"]["diabetic_retinopathy"]["place"]
    assert {name: each["photos"] for name, each in shown.items()} == {
        "haemorrhages": 2, "hard_exudates": 3, "all_lesions": 3,
    }  # fmt: skip
    assert set(shown["all_lesions"]["verdicts"].values()) == {"not judged"}
    assert [row["spots"]["all_lesions"] for row in record["rows"]] == [3, 3, 2]
    assert all(row["right"] is not None for row in record["rows"])
    assert "dark.png" in result.stderr
    assert DISCLAIMER in result.stderr


def test_the_page_needs_no_other_file_and_shows_the_best_and_the_worst(done):
    page = (done[1] / "lesions.html").read_text("utf-8")
    assert DISCLAIMER in page
    assert page.count('src="data:image/jpeg') == 6
    assert "hard exudates cyan" in page
    assert 'src="http' not in page
    assert "eye2.jpg" in page


def test_the_same_seed_gives_the_same_bytes(done, marked, tmp_path):
    run(marked, "--draws", 2, "--threads", 2, "--out", tmp_path / "again")
    for name in ("lesions.html", "lesions.json"):
        assert (done[1] / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_the_console_says_what_chance_gives_and_a_damaged_photo_is_exit_status_1(tmp_path):
    write_marked(tmp_path)
    (tmp_path / "images" / "eye1.jpg").write_bytes(b"\xff\xd8\xff")
    result = run(tmp_path, "--draws", 1, "--class", "normal")
    assert result.exit_code == 1
    assert "the lesions speak for: normal" in result.stdout
    assert "no patient is known, so each photo counts as a person of its own" in result.stdout
    assert (
        "On all lesions the map of normal is not judged (by evidence and hottest place"
        in result.stdout
    )
    assert re.search(r"all lesions +evidence, times .* 2 .* not judged", result.stdout)
    assert "eye1.jpg" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "nowhere: no such folder"),
        ((ROOT / "export",), "no photograph here"),
        ((".", "--class", "happy"), "unknown class 'happy'"),
        ((".", "--bundle", "nowhere"), "nowhere: no bundle here"),
        ((".", "--out", ROOT), "already exists"),
    ],
)
def test_bad_input_is_one_sentence(arguments, said, marked, monkeypatch):
    monkeypatch.chdir(marked)
    result = run(*arguments)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_limit_takes_that_many(marked):
    result = run(marked, "--limit", 1, "--seed", 1, "--draws", 1, "--json")
    assert json.loads(result.stdout)["photos"] == 1


def test_no_framework_is_imported():
    code = (
        "import sys, calibration.explanations.lesions.run, calibration.explanations.lesions.page\n"
        "print(sorted({'tensorflow', 'keras', 'torch', 'onnx'} & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
