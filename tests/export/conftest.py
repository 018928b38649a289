"""The tiny run's model, once as Keras has it and once folded and converted."""

from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
import pytest
from make_fundus import CLASSES, draw_fundus

from edge_runtime.photo.round_field import prepare
from export.graph import ContractModule
from export.onnx import to_onnx
from export.parity import Arrays, keras_outputs


@pytest.fixture(scope="session")
def model(tiny_run: Path) -> keras.Model:
    return keras.saving.load_model(tiny_run / "model.keras", compile=False)


@pytest.fixture(scope="session")
def module(model: keras.Model) -> ContractModule:
    return ContractModule(model)


@pytest.fixture(scope="session")
def onnx_file(module: ContractModule) -> bytes:
    return to_onnx(module, classes=CLASSES)


@pytest.fixture(scope="session")
def images() -> npt.NDArray[np.uint8]:
    """Twenty photos, so that the second batch of the parity check is a smaller one."""
    drawn = [draw_fundus(CLASSES[seed % 4], seed=seed) for seed in range(20)]
    return np.stack([prepare(photo, size=(64, 64)) for photo in drawn])


@pytest.fixture(scope="session")
def reference(model: keras.Model, images: npt.NDArray[np.uint8]) -> Arrays:
    return keras_outputs(model, images)
