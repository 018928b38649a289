"""Quantiles are NumPy's, and a prediction loads none of NumPy's masked arrays for them."""

import subprocess
import sys

import numpy as np
import pytest

from edge_runtime.photo.quantile import quantile
from tests.conftest import EXAMPLE_PHOTO


@pytest.mark.parametrize("shape", [(1,), (2,), (7, 32), (3, 5, 12)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.int64])
def test_quantiles_are_numpys(shape, dtype):
    values = (np.random.default_rng(7).random(shape) * 200).astype(dtype)
    for share in (0, 0.25, 0.5, 0.9, 0.95, 1):
        want = np.quantile(values.astype(np.float64), share, axis=-1)
        np.testing.assert_allclose(quantile(values, share), want, rtol=1e-12)


def test_a_prediction_loads_no_masked_arrays(tmp_path):
    program = (
        "import sys; from edge_runtime.commands.main import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "assert 'edge_runtime.photo.quality' in sys.modules\n"
        "assert 'numpy.ma' not in sys.modules"
    )
    command = [sys.executable, "-c", program, "predict", EXAMPLE_PHOTO, "--out", tmp_path / "out"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
