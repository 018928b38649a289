"""The command explain failures: figures, a private page, and sentences for bad input."""

import json
import stat

import pytest
from click.testing import CliRunner

from calibration.explanations.store.store import writing
from edge_runtime.commands.main import main
from edge_runtime.contract import DISCLAIMER
from tests.calibration.explanations.store.stored import INFO, stored

FEW = ("--resamples", 100, "--permutations", 99)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("failures") / "store"
    with writing(path, INFO) as writer:
        for number in range(16):
            writer.add(stored(number, label="glaucoma" if number % 2 else "normal"))
        writer.add(stored(16, fault="the photo is blurred"))
        writer.add(stored(17, label=None, excluded="glaucoma"))
        writer.add(stored(18, label=None))
    return path


def run(*arguments):
    return CliRunner().invoke(main, ["explain", "failures", *map(str, arguments)])


def test_failures_are_found_and_their_page_is_for_its_owner_alone(store, tmp_path):
    result = run(store, "--out", tmp_path / "out", "--json", *FEW)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    counts = found["counts"]
    assert [counts[name] for name in ("photos", "right", "wrong", "unknown", "refused")] == [
        18, 8, 9, 1, 1,
    ]  # fmt: skip
    row = found["compared"]["in_class"]["quality_brightness"]
    assert "same in all" in row["note"]
    assert found["compared"]["in_class"]["entropy"]["p_value"] is not None
    assert json.loads((tmp_path / "out" / "failures.json").read_text("utf-8")) == found
    page = (tmp_path / "out" / "failures.html").read_text("utf-8")
    assert DISCLAIMER in page
    assert "14_left.jpg" in page
    assert "photos/" not in page  # folders may be called after persons
    assert DISCLAIMER in result.stderr
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


def test_the_console_says_what_was_found(store):
    result = run(store, *FEW)
    assert "18 photos of 18 persons: 8 right (0 of them unsure), 9 wrong" in result.stdout
    assert "1 not glaucoma called glaucoma" in result.stdout
    assert "Nothing that was measured" in result.stdout
    assert len(result.stdout.splitlines()[-1]) > 50


def test_a_store_without_labels_is_told_so_in_a_sentence_and_no_empty_table(tmp_path):
    with writing(tmp_path / "store", INFO) as writer:
        for number in range(8):
            writer.add(stored(number, label=None))
    said = run(tmp_path / "store", *FEW).stdout
    assert "No photo of this store has a class to judge by; name a DATASET with labels" in said
    assert "corrected p" not in said


def test_the_same_seed_prints_the_same_and_another_another(store):
    outputs = [run(store, "--json", "--seed", seed, *FEW).stdout for seed in (3, 3, 4)]
    assert outputs[0] == outputs[1] != outputs[2]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere",), "nowhere"),
        (("STORE", "--unsure", "0.7"), "0.7 is not in the range"),
        (("STORE", "--permutations", "3"), "3 is not in the range"),
        (("STORE", "--out", "STORE"), "already exists"),
    ],
)
def test_bad_input_is_one_sentence(store, arguments, sentence):
    result = run(*[store if each == "STORE" else each for each in arguments])
    assert result.exit_code != 0
    assert sentence in result.output + str(result.exception)
    assert "Traceback" not in result.output
