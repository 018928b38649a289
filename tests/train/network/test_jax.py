"""Keras on JAX trains what Keras on TensorFlow does, without TensorFlow."""

import csv
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.conftest import ROOT
from train.data.dataset import load_photos, read_dataset
from train.network.heatmaps import class_maps
from train.network.inference import inference
from train.network.model import pooled_features

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="JAX isn't installed"
)

# The command as it is, but for a smaller backbone, and where TensorFlow can't be imported: where it
# can, Keras itself imports it when it saves a model, on whatever it runs.
_TRAIN = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "tensorflow":
            raise ModuleNotFoundError("no tensorflow here")
sys.meta_path.insert(0, Absent())
import keras
import numpy as np
from edge_runtime.commands.main import main
from tests.tiny import tiny_backbone
keras.applications.ResNet50 = lambda **choices: tiny_backbone((64, 64))
dataset, run, out = sys.argv[1:]
main(["train", dataset, "--out", run, "--weights", "none", "--input-size", "64", "--batch", "8",
      "--variants", "2", "--head-epochs", "2", "--fine-epochs", "2", "--ema", "0.5",
      "--learning-rate", "1e-3", "--allow-leaks"], standalone_mode=False)
from train.network.heatmaps import class_maps
from train.network.inference import inference
from train.network.model import pooled_features
model = keras.saving.load_model(run + "/model.keras", compile=False)
images = np.random.default_rng(0).integers(0, 256, (5, 64, 64, 3), np.uint8)
np.savez(out, features=inference(pooled_features(model))(images),
         maps=class_maps(model, images, np.arange(5) % 4, flips=False))
print("BACKEND", keras.backend.backend())
"""

RUN = "from edge_runtime.commands.main import run; run()"


def run_training(backend: str, dataset: Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", _TRAIN, str(dataset), str(folder / "run"), str(folder / "out.npz")],
        env=os.environ | {"KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)},
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(dataset, tmp_path_factory):
    """The folder of what JAX trained."""
    folder = tmp_path_factory.mktemp("jax")
    ran = run_training("jax", dataset, folder)
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert ran.stdout.splitlines()[-1] == "BACKEND jax"
    return folder


def test_a_training_on_jax_needs_no_tensorflow(trained):
    assert (trained / "run" / "metrics.json").exists()


def test_the_check_for_tensorflow_can_fail(dataset, tmp_path):
    ran = run_training("tensorflow", dataset, tmp_path)
    assert ran.returncode != 0
    assert "no tensorflow here" in ran.stderr


def test_a_training_on_jax_has_all_its_epochs_and_says_what_it_ran_on(trained):
    run = trained / "run"
    with (run / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["phase"] for row in rows] == ["head", "head", "fine", "fine"]
    assert all(np.isfinite(float(row["val_loss"])) for row in rows)
    assert "jax" in json.loads((run / "config.json").read_text())["versions"]


def test_tensorflow_makes_of_the_model_what_jax_does(trained, dataset):
    run = trained / "run"
    model = keras.saving.load_model(run / "model.keras", compile=False)
    assert keras.backend.backend() == "tensorflow"
    images = np.random.default_rng(0).integers(0, 256, (5, 64, 64, 3), np.uint8)
    with np.load(trained / "out.npz") as found:
        for name, expected in (
            ("features", inference(pooled_features(model))(images)),
            ("maps", class_maps(model, images, np.arange(5) % 4, flips=False)),
        ):
            # Other kernels sum float32 in another order.
            np.testing.assert_allclose(found[name], expected, atol=1e-4 * np.ptp(expected))
    photos = read_dataset(dataset).splits["val_dir"]
    predicted = model.predict(load_photos(photos, size=(64, 64)), verbose=0).argmax(axis=1)
    labels = np.array([photo.label for photo in photos])
    metrics = json.loads((run / "metrics.json").read_text())
    # One of the twelve photos may stand on the border.
    assert metrics["val_dir"]["accuracy"] == pytest.approx((predicted == labels).mean(), abs=0.09)


def test_a_cluster_on_jax_is_refused(dataset, tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", RUN, "train", str(dataset),
         "--out", str(tmp_path / "run"), "--strategy", "multiworker"],
        env=os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT)},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "--strategy multiworker needs KERAS_BACKEND=tensorflow" in ran.stderr
