"""Which bundle is used can be pinned, and a model that wasn't found good is warned of."""

import json

import pytest
from click.testing import CliRunner

from edge_runtime import load_bundle
from edge_runtime.commands.main import main

HELD = {"name": "agreement_min", "holds": True, "value": 1.0, "limit": 0.99}
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
    judged(bundle, HELD, MISSED)
    result = predict(photos / "a.jpg", photos / "b.jpg", *options, bundle=bundle)
    assert result.stderr.count("Warning") == 1
    told = "the model 'float32' FAILED its validation (drift_iou_min): don't rely on its results"
    assert told in result.stderr
    assert "Warning" not in result.stdout
    assert result.exit_code == 0


def test_a_model_that_passed_is_not_warned_of_nor_is_the_packages(predict, bundle, photo_file):
    assert "Warning" not in predict(photo_file, bundle=judged(bundle, HELD)).output
    assert load_bundle().manifest.models[load_bundle().model()[0]].verdict.passed
    result = CliRunner().invoke(main, ["predict", str(photo_file)])
    assert "Warning" not in result.output


@pytest.mark.parametrize("command", ["predict", "benchmark"])
def test_the_bundle_can_be_pinned_by_its_identity(command, bundle, photo_file):
    identity = load_bundle(bundle).identity
    options = [str(photo_file), "--bundle", str(bundle)]
    if command == "benchmark":
        options += ["--seconds", "0.1"]
    pinned = ["--expect-identity", identity[:12].upper()]
    assert CliRunner().invoke(main, [command, *options, *pinned]).exit_code == 0
    judged(bundle, HELD)
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
