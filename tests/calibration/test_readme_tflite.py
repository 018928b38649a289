"""The README's program for TFLite files does what it says."""

import re
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest

from calibration.calibrate import CalibrationOptions, calibrate_bundle
from calibration.tflite.add import TfliteOptions
from edge_runtime import Classifier, load_bundle
from tests.conftest import EXAMPLE_PHOTO, ROOT


@pytest.fixture
def folder(exported, dataset, tiny_run, tmp_path):
    """A folder as the README's program expects it: a bundle ``int8`` and the example photo."""
    options = CalibrationOptions(photos=16, seed=0, tflite=TfliteOptions(("int8",), tiny_run))
    calibrate_bundle(exported, dataset, tmp_path / "int8", options=options)
    (tmp_path / "examples").mkdir()
    shutil.copy(EXAMPLE_PHOTO, tmp_path / "examples")
    return tmp_path


def test_the_readmes_program_finds_what_predict_finds(folder):
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.search(r"<!-- tflite-program -->\n```python\n(.*?)```", text, re.DOTALL)
    program = found[1] + "np.save('cam.npy', cam)\n"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    name, confidence = ran.stdout.split()
    classifier = Classifier(load_bundle(folder / "int8"), model="tflite-int8", quality_gate=False)
    photo = cv2.cvtColor(cv2.imread(str(EXAMPLE_PHOTO)), cv2.COLOR_BGR2RGB)
    expected = classifier.predict(photo)  # decoded alike: predict would take a file at half scale
    assert name == expected.class_name
    assert float(confidence) == pytest.approx(expected.confidence)
    map_ = expected.cam[list(expected.probabilities).index(name)]
    # the same product in another order, in float32
    np.testing.assert_allclose(np.load(folder / "cam.npy"), map_, atol=1e-5)
