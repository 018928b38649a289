"""Which bundle is used can be pinned, and a model that wasn't found good is warned of."""

import csv
import html
import json

import pytest
from click.testing import CliRunner

from edge_runtime import load_bundle
from edge_runtime.bundle.verdict import GATES
from edge_runtime.commands.main import main

HELD = [{"name": name, "holds": True} for name in GATES]
MISSED = {"name": "drift_iou_min", "holds": False, "value": 0.5, "limit": 0.8}


def judged(bundle, *gates):
    """Write a verdict into a bundle."""
    file = bundle / "manifest.json"
    raw = json.loads(file.read_text("utf-8"))
    passed = all(gate["holds"] for gate in gates)
    found = {"passed": passed, "reference": "x", "photos": 3, "gates": gates}
    raw["models"]["float32"]["checks"]["validation"] = found
    file.write_text(json.dumps(raw), "utf-8")
    return bundle


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_model_that_failed_or_has_no_verdict_is_warned_of_once(options, predict, bundle, photos):
    result = predict(photos / "a.jpg", photos / "b.jpg", *options, bundle=bundle)
    (line,) = (line for line in result.stderr.splitlines() if line.startswith("Warning"))
    assert line.startswith("Warning: the model 'float32' has no verdict of a validation: let ")
    judged(bundle, *HELD, MISSED)
    result = predict(photos / "a.jpg", photos / "b.jpg", *options, bundle=bundle)
    assert result.stderr.count("Warning") == 1
    told = "the model 'float32' FAILED its validation (drift_iou_min): don't rely on its results"
    assert told in result.stderr
    assert "Warning" not in result.stdout
    assert result.exit_code == 0


def test_a_model_that_passed_is_not_warned_of(predict, bundle, photo_file):
    assert "Warning" not in predict(photo_file, bundle=judged(bundle, *HELD)).output


def test_a_model_that_was_judged_by_fewer_gates_is_warned_of(predict, bundle, photo_file):
    few = [gate for gate in HELD if gate["name"] not in ("agreement_min", "drift_iou_min")]
    result = predict(photo_file, bundle=judged(bundle, *few))
    (line,) = (line for line in result.stderr.splitlines() if line.startswith("Warning"))
    assert line == (
        "Warning: the model 'float32' was judged by fewer gates than this version's (without "
        "agreement_min, drift_iou_min): let 'fundus-edge validate --record' judge it anew before "
        "you rely on it"
    )
    assert result.exit_code == 0


def test_of_the_packages_model_nothing_is_said(photo_file):
    assert load_bundle().manifest.models[load_bundle().model()[0]].verdict.passed
    result = CliRunner().invoke(main, ["predict", str(photo_file)])
    told = [line for line in result.stderr.splitlines() if line.startswith("Warning")]
    assert told == []


@pytest.mark.parametrize(
    ("gates", "said"),
    [
        (None, "not judged"),
        ([*HELD, MISSED], "failed"),
        (HELD[1:], "passed in part"),
        (HELD, "passed"),
    ],
)
def test_records_tables_reports_and_benchmarks_say_what_the_validation_said(
    gates, said, predict, bundle, photo_file, tmp_path
):
    if gates is not None:
        judged(bundle, *gates)
    result = predict(photo_file, "--json", "--out", tmp_path / "out", bundle=bundle)
    assert json.loads(result.stdout)["model"]["validation"] == said
    with (tmp_path / "out" / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["validation"] for row in csv.DictReader(file)] == [said]
    options = ["--bundle", str(bundle), "--seconds", "0.1", "--threads", "1,2", "--json"]
    measured = CliRunner().invoke(main, ["benchmark", str(photo_file), *options])
    warned = [line for line in result.stderr.splitlines() if line.startswith("Warning")]
    told = [line for line in measured.stderr.splitlines() if line.startswith("Warning")]
    assert told == warned
    assert len(told) == (said != "passed")
    page = html.unescape((tmp_path / "out" / "report.html").read_text("utf-8"))
    colour = ' class="bad"' if told else ""
    assert f"<p{colour}>Validation of the model: {said}" in page
    assert f"<tr><th>Validated</th><td>{said}" in page
    for line in told:
        assert page.count(line.removeprefix("Warning: the model 'float32' ")) == 2
    runs = json.loads(measured.stdout)["runs"]
    assert [run["model"]["validation"] for run in runs] == [said] * 2


@pytest.mark.parametrize("command", ["predict", "benchmark"])
def test_the_bundle_can_be_pinned_by_its_identity(command, bundle, photo_file):
    identity = load_bundle(bundle).identity
    options = [str(photo_file), "--bundle", str(bundle)]
    if command == "benchmark":
        options += ["--seconds", "0.1"]
    pinned = ["--expect-identity", identity[:12].upper()]
    assert CliRunner().invoke(main, [command, *options, *pinned]).exit_code == 0
    judged(bundle, *HELD)
    result = CliRunner().invoke(main, [command, *options, *pinned])
    assert result.exit_code == 1
    other = load_bundle(bundle).identity
    assert f"its identity is {other}, not {identity[:12]} as expected; find out" in result.stderr
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("given", ["", "12345678901", "0123456789xyz", "0" * 65])
@pytest.mark.parametrize("command", ["predict", "benchmark"])
def test_what_can_be_no_identity_is_a_usage_error(command, given, photo_file):
    result = CliRunner().invoke(main, [command, str(photo_file), "--expect-identity", given])
    assert result.exit_code == 2
    assert f"'{given}' isn't 12 to 64 hexadecimal digits" in result.stderr
