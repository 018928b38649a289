"""The command line as it is installed: its commands, its help and its exit statuses."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.contract import DISCLAIMER
from tests.edge_runtime.commands.test_predict import RECORD_KEYS


def run_command(*arguments):
    """Run the installed console script."""
    script = shutil.which("fundus-edge", path=Path(sys.executable).parent) or "fundus-edge"
    return subprocess.run(
        [script, *map(str, arguments)], check=False, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize(
    "arguments", [(), ("x.jpg", "--gradients", "rough"), ("x.jpg", "--threads", "0")]
)
def test_wrong_usage_exits_with_2(predict, arguments):
    assert predict(*arguments).exit_code == 2


@pytest.mark.parametrize(
    "command",
    ["predict", "benchmark", "audit", "split", "train", "evaluate", "export", "calibrate",
     "validate", "info", "keygen", "sign", "trust", "verify"],
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
    warning, disclaimer, counts = ran.stderr.splitlines()
    assert warning.startswith("Warning: the model 'float32' has no verdict")
    assert disclaimer == DISCLAIMER
    assert counts.startswith("1 photo: ")
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


@pytest.mark.parametrize("arguments", [("",), ("x.jpg", "--out", ""), ("x.jpg", "--bundle", "")])
def test_an_empty_path_isnt_the_current_folder(arguments, photos, monkeypatch):
    monkeypatch.chdir(photos)  # here "" would find photos
    result = CliRunner().invoke(main, ["predict", *arguments])
    assert result.exit_code == 2
    assert "an empty name is no path; name a file or a folder" in result.stderr


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("edge_runtime.bundle.bundle.load_bundle", "Stopped before it was done."),
        (
            "edge_runtime.predict.classifier.Classifier.predict_prepared",
            "Stopped with 0 of 1 photos done; nothing is kept of them without --out.",
        ),
    ],
)
def test_a_ctrl_c_is_one_calm_sentence_and_no_error(
    where, sentence, predict, photo_file, monkeypatch
):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(where, interrupt)
    result = predict(photo_file)
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == sentence
    assert "rror" not in result.stderr
