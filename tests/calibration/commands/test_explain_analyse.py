"""The command explain analyse: figures, a private page, and sentences for bad input."""

import json
import stat

import pytest
from click.testing import CliRunner

from calibration.explanations.store.store import writing
from edge_runtime.commands.main import main
from edge_runtime.contract import DISCLAIMER
from tests.calibration.explanations.store.stored import INFO, stored


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("analyse") / "store"
    with writing(path, INFO) as writer:
        for number in range(6):
            writer.add(stored(number))
        writer.add(stored(6, fault="the photo is blurred"))
    return path


def run(*arguments):
    return CliRunner().invoke(main, ["explain", "analyse", *map(str, arguments)])


def test_a_store_is_analysed_and_its_page_is_for_its_owner_alone(store, tmp_path):
    result = run(store, "--out", tmp_path / "out", "--json", "--resamples", 100)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["photos"], found["refused"]) == (6, 1)
    assert found["classes"]["glaucoma"]["wrong"] == 6
    assert json.loads((tmp_path / "out" / "analysis.json").read_text("utf-8")) == found
    page = (tmp_path / "out" / "analysis.html").read_text("utf-8")
    assert DISCLAIMER in page
    assert DISCLAIMER in result.stderr
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


def test_the_same_seed_prints_the_same(store):
    first, again = (run(store, "--json", "--seed", 3, "--resamples", 100) for _ in range(2))
    assert first.stdout == again.stdout


def test_a_store_of_refused_photos_alone_is_one_sentence_and_no_page(tmp_path):
    with writing(tmp_path / "store", INFO) as writer:
        writer.add(stored(0, fault="the photo is blurred"))
    result = run(tmp_path / "store", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "no photo is left to measure anything on: photos/0_left.jpg: the photo is blurred" in (
        result.output + str(result.exception)
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere",), "nowhere"),
        (("STORE", "--seed", "-1"), "-1 is not in the range"),
        (("STORE", "--out", "STORE"), "already exists"),
    ],
)
def test_bad_input_is_one_sentence(store, arguments, sentence):
    result = run(*[store if each == "STORE" else each for each in arguments])
    assert result.exit_code != 0
    assert sentence in result.output + str(result.exception)
    assert "Traceback" not in result.output
