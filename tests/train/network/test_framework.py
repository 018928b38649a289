"""TensorFlow's chatter at its import is held back, and nothing else is."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from train.network.framework import backend

FAKE = """
import os
from types import SimpleNamespace
NO_GPU = b"E0000 00:00:17.1  533 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: "
NO_GPU += b"Failed call to cuInit: "
def look():
    os.write(2, NO_GPU + b"UNKNOWN ERROR (303)\\n")
    os.write(2, NO_GPU + b"CUDA_ERROR_SYSTEM_DRIVER_MISMATCH: ver mismatch\\n")
config = SimpleNamespace(list_physical_devices=look)
os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called are in STDERR\\n")
os.write(2, b"I0000 00:00:1795648307.123310    5733 cudart_stub.cc:31] no GPU\\n")
os.write(2, b"2026-01-01 10:00:00.123456: W tensorflow/tsl/x.cc:1] slow\\n")
os.write(2, b"E0000 00:00:1795648307.123310    5733 x.cc:31] broken\\n")
os.write(2, b"a library's own word\\n")
"""

RUN = "from edge_runtime.commands.main import run; run()"


def said(tmp_path, **environment):
    (tmp_path / "tensorflow.py").write_text(FAKE)
    surroundings = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    paths = f"{tmp_path}{os.pathsep}{ROOT}"
    return subprocess.run(
        [sys.executable, "-c", "from train.network.framework import load_tensorflow as f; f()"],
        env=surroundings | {"PYTHONPATH": paths} | environment,
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stderr.splitlines()  # fmt: skip


def test_errors_and_what_others_say_are_shown(tmp_path):
    assert [line[-10:] for line in said(tmp_path)] == [
        "31] broken", "s own word", "r mismatch",
    ]  # fmt: skip


def test_whoever_sets_the_level_sees_everything(tmp_path):
    assert len(said(tmp_path, TF_CPP_MIN_LOG_LEVEL="0")) == 5


def test_the_real_one_says_nothing(tmp_path):
    surroundings = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    code = "from train.network.framework import load_tensorflow as f; f()"
    ran = subprocess.run(
        [sys.executable, "-c", code], env=surroundings, cwd=ROOT, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert ran.stderr == ""


def test_a_missing_one_is_told(tmp_path):
    (tmp_path / "tensorflow.py").write_text("raise ModuleNotFoundError('no tensorflow')")
    with pytest.raises(subprocess.CalledProcessError) as failed:
        subprocess.run(
            [sys.executable, "-c", "from train.network.framework import load_tensorflow as f; f()"],
            env={k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
            | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
    assert "no tensorflow" in failed.value.stderr


def test_an_empty_variable_is_none(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "")
    assert backend() == "tensorflow"


@pytest.mark.parametrize("command", ["export", "calibrate"])
def test_what_converts_models_says_that_it_needs_tensorflow(command, tmp_path):
    arguments = [str(tmp_path), "--out", str(tmp_path / "out")]
    arguments += ["--data", str(tmp_path)] if command == "calibrate" else []
    found = subprocess.run(
        [sys.executable, "-c", RUN, command, *arguments],
        env=os.environ | {"KERAS_BACKEND": "jax"}, cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert found.returncode == 1
    assert "KERAS_BACKEND is 'jax'" in found.stderr
    assert "Traceback" not in found.stderr
