"""The temperature is that of the smallest loss, and it reaches the files' probabilities."""

import numpy as np
import onnxruntime
import pytest

from calibration.confidence.fold import fold_temperature
from calibration.confidence.temperature import (
    COLDEST,
    HOTTEST,
    fit_temperature,
    negative_log_likelihood,
    softmax,
)
from edge_runtime.contract import CAM, IMAGE, LOGITS, PROBABILITIES
from export.errors import GraphError
from export.parity import tflite_run


def drawn_from(logits, seed):
    """Draw labels that come true with the probabilities of these logits."""
    generator = np.random.default_rng(seed)
    return np.array([generator.choice(len(row), p=row) for row in softmax(logits)])


@pytest.mark.parametrize("factor", [0.4, 1.0, 2.5])
def test_a_factor_on_calibrated_logits_is_found_again(factor):
    logits = np.random.default_rng(0).normal(0, 2, (20_000, 4))
    labels = drawn_from(logits, seed=1)
    # 20,000 draws fix the temperature to about one per cent.
    assert fit_temperature(logits * factor, labels) == pytest.approx(factor, rel=0.03)


def test_no_temperature_around_it_has_a_smaller_loss():
    logits = np.random.default_rng(0).normal(0, 3, (50, 4))
    labels = drawn_from(logits / 2, seed=1)
    best = fit_temperature(logits, labels)
    least = negative_log_likelihood(logits, labels, temperature=best)
    for other in (*np.linspace(COLDEST, HOTTEST, 200), best * 0.999, best * 1.001):
        assert negative_log_likelihood(logits, labels, temperature=other) >= least


def test_what_no_temperature_fits_ends_at_the_limits():
    logits = np.eye(4)[[0, 1, 2, 3]] * 5
    assert fit_temperature(logits, np.arange(4)) == COLDEST
    assert fit_temperature(logits, np.array([1, 2, 3, 0])) == HOTTEST


def onnx_outputs(model, image):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [PROBABILITIES, LOGITS, CAM]
    return dict(zip(names, session.run(names, {IMAGE: image}), strict=True))


@pytest.mark.parametrize("file_format", ["onnx", "tflite"])
def test_folding_changes_the_probabilities_and_nothing_else(file_format, exported):
    image = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)
    outputs = {
        "onnx": onnx_outputs,
        "tflite": lambda model, photos: tflite_run(model)(photos),
    }[file_format]
    content = (exported / f"model.{file_format}").read_bytes()
    before = outputs(content, image)
    folded = fold_temperature(content, 3.0, file_format=file_format)
    again = fold_temperature(folded, 0.5, file_format=file_format)
    for model, temperature in ((folded, 3.0), (again, 0.5)):
        after = outputs(model, image)
        np.testing.assert_array_equal(after[LOGITS], before[LOGITS])
        np.testing.assert_array_equal(after[CAM], before[CAM])
        np.testing.assert_allclose(
            after[PROBABILITIES],
            softmax(before[LOGITS], temperature=temperature),
            atol=1e-6,  # float32
        )


def test_a_graph_without_a_softmax_of_the_logits_is_refused(exported):
    import onnx

    proto = onnx.load(exported / "model.onnx")
    for node in proto.graph.node:
        if node.op_type == "Softmax":
            node.op_type = "Sigmoid"
    with pytest.raises(GraphError, match="by no softmax"):
        fold_temperature(proto.SerializeToString(), 2.0, file_format="onnx")
