"""A model's answer that isn't numbers is an error, by whichever command, and never a referral."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from edge_runtime import Classifier, load_bundle
from edge_runtime.benchmarking.single_stream import measure
from edge_runtime.commands.main import main
from edge_runtime.contract import CAM, CAM_BIAS, LAST_CONV, LOGITS, PROBABILITIES
from edge_runtime.engine.answer import check_answer
from edge_runtime.engine.onnx import Session
from edge_runtime.errors import AnswerInvalidError

NO_NUMBERS = [np.nan, np.inf, -np.inf]
OUTPUTS = [PROBABILITIES, LOGITS, CAM, CAM_BIAS]


@pytest.fixture
def spoil(monkeypatch):
    """Make one value of an output of every ONNX model another one."""
    run = Session.run

    def spoilt(output, value):
        def answer(self, images, outputs):
            found = run(self, images, outputs)
            if output in found:
                found[output] = found[output].copy()
                found[output].flat[-1] = value
            return found

        monkeypatch.setattr(Session, "run", answer)

    return spoilt


def told(text):
    """Read JSON as a strict reader does: NaN and Infinity aren't any."""

    def refuse(name):
        raise AssertionError(f"{name} in JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("value", NO_NUMBERS)
@pytest.mark.parametrize("output", OUTPUTS)
def test_one_value_that_is_no_number_makes_the_photo_an_error(
    output, value, spoil, predict, photo_file
):
    assert predict(photo_file, "--json").exit_code == 0
    spoil(output, value)
    result = predict(photo_file, "--json")
    assert result.exit_code == 1
    record = told(result.stdout)
    assert record["status"] == "error"
    assert record["error"].startswith(
        f"{photo_file}: model 'float32' answered with '{output}' that"
    )
    assert "try once more" in record["error"]
    assert "refer:" not in predict(photo_file).output


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_the_fixed_maps_of_such_an_answer_are_an_error_too(value, spoil, predict, photo_file):
    spoil(LAST_CONV, value)
    result = predict(photo_file, "--gradients", "fixed")
    assert result.exit_code == 1
    assert "answered with 'last_conv' that isn't finite numbers" in result.stderr


def test_a_value_that_sums_would_overflow_by_is_an_error(spoil, predict, photo_file):
    spoil(CAM, 3e38)
    assert predict(photo_file).exit_code == 1
    spoil(CAM, 1e29)
    assert predict(photo_file).exit_code == 0


def test_the_other_photos_and_the_files_of_a_run_stay_whole(predict, photos, tmp_path, monkeypatch):
    run, asked = Session.run, []

    def second(self, images, outputs):
        asked.append(1)
        found = run(self, images, outputs)
        return found | {LOGITS: found[LOGITS] * np.nan} if len(asked) == 2 else found

    monkeypatch.setattr(Session, "run", second)
    result = predict(photos, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "0 ungradable, 2 with an error" in result.stderr  # one is broken
    lines = (tmp_path / "out" / "results.jsonl").read_text("utf-8").splitlines()
    assert [told(line)["status"] for line in lines] == ["ok", "error", "error", "ok"]
    with (tmp_path / "out" / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (rows[1]["class"], rows[1]["refer"]) == ("", "")
    assert "answered with" in rows[1]["error"]
    assert "answered with" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_a_program_gets_an_error_and_a_benchmark_no_figures(spoil, exported, photo_file):
    spoil(PROBABILITIES, np.nan)
    with pytest.raises(AnswerInvalidError, match="nothing is said by it"):
        Classifier(load_bundle(exported)).predict(photo_file)
    with pytest.raises(AnswerInvalidError, match="nothing is said by it"):
        measure(exported, photo=photo_file, seconds=0.1)


@pytest.mark.parametrize("command", ["validate", "calibrate"])
def test_the_commands_that_judge_refuse_it_in_one_sentence(
    command, spoil, exported, dataset, tmp_path
):
    spoil(CAM_BIAS, np.inf)
    arguments = [command, str(exported), "--data", str(dataset), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "Error: model 'float32' answered with 'cam_bias' that isn't finite" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("providers", "remedy"),
    [
        (("CUDAExecutionProvider", "CPUExecutionProvider"), "leave out --provider"),
        (("CPUExecutionProvider",), "try once more"),
        (("LiteRT",), "try once more"),
        ((), "try once more"),
    ],
)
def test_what_to_do_hangs_on_what_computed_it(providers, remedy):
    with pytest.raises(AnswerInvalidError, match=remedy):
        check_answer({LOGITS: np.array([[0, np.nan]])}, "int8", providers=providers)
