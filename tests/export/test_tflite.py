"""The TFLite file binds by name and computes what Keras computes."""

import numpy as np
import numpy.typing as npt
import pytest
from ai_edge_litert.interpreter import Interpreter

from edge_runtime.contract import CAM_BIAS, IMAGE, LOGITS, OUTPUTS
from export.graph import ContractModule
from export.parity import Arrays, tflite_run
from export.tflite import to_tflite


@pytest.fixture(scope="module")
def tflite_file(module: ContractModule) -> bytes:
    return to_tflite(module)


def test_the_signature_has_the_contracts_names(tflite_file: bytes) -> None:
    signatures = Interpreter(model_content=tflite_file).get_signature_list()
    assert list(signatures) == ["serving_default"]
    assert signatures["serving_default"]["inputs"] == [IMAGE]
    assert sorted(signatures["serving_default"]["outputs"]) == sorted(OUTPUTS)


@pytest.mark.parametrize("batch", [1, 3])
def test_the_outputs_equal_those_of_keras(
    batch: int, tflite_file: bytes, images: npt.NDArray[np.uint8], reference: Arrays
) -> None:
    outputs = tflite_run(tflite_file)(images[:batch])
    for name, expected in reference.items():
        # float32 sums in another order; a share of each output's own range.
        np.testing.assert_allclose(
            outputs[name], expected[:batch], atol=1e-4 * np.ptp(expected), err_msg=name
        )


def test_the_bias_part_is_that_of_the_folded_module(
    tflite_file: bytes, module: ContractModule, images: npt.NDArray[np.uint8]
) -> None:
    outputs = tflite_run(tflite_file)(images[:3])
    expected = module.function(images[:3])
    # Sums of 256 float32 products in another order, in logits.
    np.testing.assert_allclose(outputs[CAM_BIAS], np.asarray(expected[CAM_BIAS]), atol=1e-4)
    assert np.isfinite(outputs[LOGITS]).all()
