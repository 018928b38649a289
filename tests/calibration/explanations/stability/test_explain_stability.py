"""The command explain stability, from photographs to its page and its JSON."""

import json
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from tests.conftest import EXAMPLE_PHOTO, ROOT


def run(*arguments):
    return CliRunner().invoke(main, ["explain", "stability", *map(str, arguments)])


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """The example photograph, a broken one, and a table that knows a person."""
    folder = tmp_path_factory.mktemp("photos")
    shutil.copy(EXAMPLE_PHOTO, folder / "a.jpg")
    (folder / "b.jpg").write_bytes(EXAMPLE_PHOTO.read_bytes()[:3000])
    (folder / "labels.csv").write_text(
        "file,label,source,patient\na.jpg,normal,clinic,17\nb.jpg,glaucoma,clinic,18\n"
    )
    return folder


@pytest.fixture(scope="module")
def done(photos, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "stability"
    chosen = ("--perturbation", "turn", "--perturbation", "brightness")
    return run(photos, *chosen, "--threads", 1, "--json", "--out", out), out, chosen


def test_a_photo_goes_through_the_default_bundle(done):
    result, out, _ = done
    assert result.exit_code == 1  # of the broken one
    record = json.loads(result.stdout)
    assert record == json.loads((out / "stability.json").read_text("utf-8"))
    assert (record["photos"], record["persons"]) == (1, 1)
    assert list(record["perturbations"]) == ["brightness", "turn"]
    assert [at["amount"] for at in record["perturbations"]["turn"]["strengths"]] == [
        2,
        5,
        10,
        15,
        20,
    ]
    area = record["perturbations"]["brightness"]["areas"]["pearson"]
    assert 0.5 < area["value"] <= 1
    assert area["interval"] is None
    assert "1 group" in area["note"]
    assert record["noise"]["ball"] == {"radius": 5, "draws": 10}
    assert record["left_out"][0]["path"].endswith("b.jpg")
    assert "b.jpg" in result.stderr
    assert "not a validated diagnostic tool" in result.stderr


def test_the_page_needs_no_other_file_and_shows_the_worst_cases(done):
    _, out, _ = done
    page = (out / "stability.html").read_text("utf-8")
    assert "not a validated diagnostic tool" in page
    assert "its map then, carried back" in page
    assert page.count('src="data:image/jpeg') == 8
    assert 'src="http' not in page


def test_the_same_seed_gives_the_same_bytes(done, photos, tmp_path):
    _, out, chosen = done
    run(photos, *chosen, "--threads", 1, "--out", tmp_path / "again")
    for name in ("stability.html", "stability.json"):
        assert (out / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_the_console_says_the_figures_in_columns(photos):
    result = run(photos / "a.jpg", "--perturbation", "blur")
    assert result.exit_code == 0
    assert "photos: 1, of persons as far as they are known: 1, left out: 0" in result.stdout
    assert "another person's photo" in result.stdout


def test_an_unknown_perturbation_is_a_wrong_option(photos):
    result = run(photos / "a.jpg", "--perturbation", "earthquake")
    assert result.exit_code == 2
    assert "unknown perturbation 'earthquake': choose one of brightness" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("nothing-here.jpg",),
            "measure anything on: nothing-here.jpg: no such file",
        ),
        (("a.jpg", "--bundle", "nowhere"), "nowhere: no bundle here"),
        (("a.jpg", "--model", "int9"), "int9"),
        (("a.jpg", "--out", ROOT), "already exists"),
    ],
)
def test_bad_input_is_one_sentence(arguments, said, photos, monkeypatch):
    monkeypatch.chdir(photos)
    result = run(*arguments)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_limit_of_no_photos_is_a_usage_error():
    assert run("a.jpg", "--limit", 0).exit_code == 2


def test_no_framework_is_imported():
    rooms = "calibration.explanations"
    program = (
        f"import sys, {rooms}.stability.page, {rooms}.stability.run, {rooms}.known_photos\n"
        "print([name for name in ('tensorflow', 'keras', 'torch', 'onnx') if name in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
