"""A true export passes the parity check, and every kind of wrong one is refused by name."""

import dataclasses

import keras
import numpy as np
import numpy.typing as npt
import pytest

from edge_runtime.contract import CAM, CAM_BIAS, LAST_CONV, LOGITS, OUTPUTS, PROBABILITIES
from export.errors import ParityError
from export.parity import LIMITS, Arrays, Parity, measure_parity, onnx_run


@pytest.fixture(scope="module")
def outputs(onnx_file: bytes, images: npt.NDArray[np.uint8]) -> Arrays:
    return onnx_run(onnx_file)(images)


def measure(outputs: Arrays, reference: Arrays, images: npt.NDArray[np.uint8]) -> Parity:
    """Measure an export that gave these outputs."""
    at = 0

    def run(batch: npt.NDArray[np.uint8]) -> Arrays:
        nonlocal at
        start, at = at, at + len(batch)
        return {name: value[start:at] for name, value in outputs.items()}

    return measure_parity("model.onnx", run, reference, images)


def nudged(value: npt.NDArray[np.float32], by: float) -> npt.NDArray[np.float32]:
    """Change the last number, which only a check of every batch sees."""
    changed = value.copy()
    changed.flat[-1] += by
    return changed


def test_the_tiny_export_is_within_every_limit(
    onnx_file: bytes, reference: Arrays, images: npt.NDArray[np.uint8]
) -> None:
    parity = measure_parity("model.onnx", onnx_run(onnx_file), reference, images)
    assert parity.photos == 20
    for field in dataclasses.fields(Parity)[1:]:
        assert 0 <= getattr(parity, field.name) <= getattr(LIMITS, field.name), field.name


def test_the_reference_is_what_the_trained_model_says(
    model: keras.Model, reference: Arrays, images: npt.NDArray[np.uint8]
) -> None:
    # Batches of another size are summed in another order.
    np.testing.assert_allclose(
        reference[PROBABILITIES], model.predict(images, verbose=0), atol=1e-6
    )
    np.testing.assert_allclose(
        keras.ops.softmax(reference[LOGITS]), reference[PROBABILITIES], atol=1e-6
    )
    assert reference[LAST_CONV].shape == (20, 8, 8, 32)
    assert reference[CAM].shape == (20, 4, 8, 8)


# Ten times each limit, of the last one's own range where the limit is a share of it.
@pytest.mark.parametrize("quantity", [PROBABILITIES, LOGITS, LAST_CONV, CAM])
def test_a_quantity_that_differs_is_refused_by_its_name(
    quantity: str, outputs: Arrays, reference: Arrays, images: npt.NDArray[np.uint8]
) -> None:
    limit = getattr(LIMITS, quantity)
    unit = float(np.ptp(reference[quantity])) if quantity in (LAST_CONV, CAM) else 1.0
    wrong = reference | {quantity: nudged(reference[quantity], 10 * limit * unit)}
    with pytest.raises(ParityError, match=f"model.onnx differs .*: {quantity} by") as caught:
        measure(outputs, wrong, images)
    assert caught.value.quantity == quantity
    assert caught.value.limit == limit
    # The export's own difference, up to the limit, is added to the ten limits or taken off them.
    assert 8.9 * limit < caught.value.difference < 11.1 * limit


def test_a_bias_part_that_does_not_complete_the_logit_is_refused(
    outputs: Arrays, reference: Arrays, images: npt.NDArray[np.uint8]
) -> None:
    wrong = outputs | {CAM_BIAS: nudged(outputs[CAM_BIAS], 10 * LIMITS.completeness)}
    with pytest.raises(ParityError, match="completeness by"):
        measure(wrong, reference, images)


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_that_is_no_number_is_refused(
    name: str, outputs: Arrays, reference: Arrays, images: npt.NDArray[np.uint8]
) -> None:
    wrong = outputs | {name: nudged(outputs[name], np.nan)}
    with pytest.raises(ParityError) as caught:
        measure(wrong, reference, images)
    assert np.isnan(caught.value.difference)
    assert caught.value.quantity == ("completeness" if name == CAM_BIAS else name)
