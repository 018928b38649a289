"""The command explain shortcuts, from photographs to its page and its JSON."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from tests.calibration.explanations.corner_model import write_corner_bundle, write_corner_photos
from tests.calibration.explanations.shortcuts.planted import deal
from tests.conftest import EXAMPLE_PHOTO, ROOT

CHOSEN = ("--property", "rim-lower-right", "--property", "frame", "--property", "text-rim")


def run(*arguments):
    return CliRunner().invoke(main, ["explain", "shortcuts", *map(str, arguments)])


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Photos of marked and unmarked eyes, and a model that hangs on the mark."""
    folder = tmp_path_factory.mktemp("given")
    write_corner_photos(folder / "photos", deal(36, 0))
    return folder / "photos", write_corner_bundle(folder / "bundle")


@pytest.fixture(scope="module")
def done(given, tmp_path_factory):
    photos, bundle = given
    out = tmp_path_factory.mktemp("out") / "shortcuts"
    result = run(photos, "--bundle", bundle, *CHOSEN, "--threads", 1, "--json", "--out", out)
    assert result.exit_code == 0, result.output
    return result, out


def test_the_figures_are_printed_and_written(done):
    result, out = done
    record = json.loads(result.stdout)
    assert record == json.loads((out / "shortcuts.json").read_text("utf-8"))
    assert (record["photos"], record["asked"]) == (36, 36)
    assert record["sources"] == {"east": 18, "west": 18}
    rows = {(each["property"], each["donor"]): each for each in record["effects"]}
    assert {name for name, _ in rows} == {"frame", "rim-lower-right", "text-rim"}
    found = rows["rim-lower-right", "glaucoma"]
    assert found["verdict"] == "shortcut"
    assert found["middle"]["name"] == "middle"
    assert found["turned"]["photos"] == found["turned"]["persons"]
    assert found["same_source"] > 0.7
    assert found["clusters"] == 17
    assert set(found["logits"]) == {"glaucoma", "normal"}
    assert rows["frame", ""]["verdict"] == "none"
    assert ("text-rim", "") not in rows
    assert "not a validated diagnostic tool" in result.stderr


def test_the_page_names_the_corner_and_shows_the_photo_before_and_after(done):
    _, out = done
    page = (out / "shortcuts.html").read_text("utf-8")
    assert "not a validated diagnostic tool" in page
    assert "in the lower right corner of photos called glaucoma turns" in page
    assert "after the swap" in page
    assert page.count('src="data:image/jpeg') >= 10
    assert page.count("data:image/svg+xml") == 3  # a panel a class
    assert 'src="http' not in page


def test_the_same_seed_gives_the_same_bytes(done, given, tmp_path):
    photos, bundle = given
    run(photos, "--bundle", bundle, *CHOSEN, "--threads", 1, "--out", tmp_path / "again")
    for name in ("shortcuts.html", "shortcuts.json"):
        assert (done[1] / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_the_console_says_it_in_a_sentence_and_a_table(given):
    photos, bundle = given
    arguments = ("--split", "val_dir", "--property", "rim-lower-right")
    result = run(photos, "--bundle", bundle, *arguments)
    assert result.exit_code == 0, result.output
    assert (
        "shortcuts: 2 of 3 comparisons (1 property; each class's donors and another"
        in result.stdout
    )
    assert "turns 17 of 17 other photos into glaucoma (0 with" in result.stdout
    assert "rim, lower right" in result.stdout


def test_one_photo_of_the_default_bundle_is_too_few_and_says_so(tmp_path):
    (tmp_path / "broken.jpg").write_bytes(EXAMPLE_PHOTO.read_bytes()[:3000])
    result = run(EXAMPLE_PHOTO, tmp_path / "broken.jpg", "--property", "text-rim")
    assert result.exit_code == 1  # of the broken one
    assert "Nothing can be judged" in result.stdout
    assert "broken.jpg" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing-here.jpg",), "measure anything on: nothing-here.jpg: no such file"),
        (("a.jpg", "--bundle", "nowhere"), "nowhere: no bundle here"),
        ((".", "--split", "val_dir"), "expected"),
        (("a.jpg", "--out", ROOT), "already exists"),
    ],
)
def test_bad_input_is_one_sentence(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def test_an_unknown_property_is_a_wrong_option(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("a.jpg", "--property", "weather")
    assert result.exit_code == 2
    assert "unknown property 'weather'" in result.output


def test_a_split_is_of_one_dataset():
    assert run("a", "b", "--split", "val_dir").exit_code == 2


def test_no_framework_is_imported():
    rooms = "calibration.explanations.shortcuts"
    program = (
        f"import sys, {rooms}.page, {rooms}.run\n"
        "print([name for name in ('tensorflow', 'keras', 'torch', 'onnx') if name in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
