"""A model with its original's weights is told from one with noise in one layer."""

from dataclasses import replace

import keras
import numpy as np
import onnx
import pytest
from ai_edge_litert.tools import flatbuffer_utils
from make_fundus import CLASSES, draw_fundus

from calibration.compare.gates import GATES
from calibration.compare.weight_sqnr import WeightComparison, compare_weights, weight_sqnr
from calibration.int8.targets import TARGETS
from calibration.int8.variants import Variants
from calibration.models.keras_source import keras_weights
from calibration.models.model_under_test import open_model
from calibration.models.weights import HEAD, LayerWeights, onnx_weights, read_weights
from edge_runtime import load_bundle
from edge_runtime.photo.round_field import prepare
from tests.tiny import tiny_backbone

LIMIT = GATES["weights_sqnr_min"].limit


@pytest.fixture(scope="module")
def original(exported):
    return onnx_weights(onnx.load(exported / "model.onnx"))


@pytest.fixture(scope="module", params=list(TARGETS))
def quantised(request, exported, tmp_path_factory):
    photos = [draw_fundus(name, seed=0) for name in CLASSES]
    variants = Variants(
        exported / "model.onnx",
        np.stack([prepare(photo, size=(64, 64)) for photo in photos]),
        tmp_path_factory.mktemp("quantised"),
        on_step=lambda step: None,
    )
    return onnx.load_model_from_string(
        variants.quantise(TARGETS[request.param], "min-max", (variants.layers[-1].name,))
    )


def noisy(values, share):
    spread = np.random.default_rng(0).normal(0, share * values.std(), values.shape)
    changed = values + spread
    return np.clip(np.rint(changed), -128, 127) if values.dtype == np.int8 else changed


def with_noise(proto, name, share):
    """Add noise to one constant of a model."""
    changed = onnx.ModelProto()
    changed.CopyFrom(proto)
    (value,) = (each for each in changed.graph.initializer if each.name == name)
    values = onnx.numpy_helper.to_array(value)
    value.CopyFrom(
        onnx.numpy_helper.from_array(noisy(values, share).astype(values.dtype), value.name)
    )
    return changed


def test_quantised_weights_pass_and_a_twentieth_of_noise_in_any_one_layer_fails(
    quantised, original
):
    healthy = compare_weights(onnx_weights(quantised), original)
    assert LIMIT + 5 < healthy.sqnr_db < 60
    assert len(healthy.tensors) == len(original) == 18  # 7 convolutions, 2 layers of the head
    readers = [n for n in quantised.graph.node if n.op_type in ("Conv", "DequantizeLinear")]
    named = {name for node in readers for name in node.input}
    learned = [v.name for v in quantised.graph.initializer if len(v.dims) == 4 and v.name in named]
    assert len(learned) == 7
    assert any(name.endswith("_quantized") for name in learned)
    assert not all(name.endswith("_quantized") for name in learned)  # conv1 is in float
    for name in learned:
        found = compare_weights(onnx_weights(with_noise(quantised, name, 0.05)), original)
        assert found.sqnr_db < LIMIT
        assert found.tensors[0].name.split()[0] in name
        assert found.tensors[1].sqnr_db > LIMIT


def test_noise_of_a_fifth_is_fourteen_decibels_and_in_the_head_it_counts_too(exported, original):
    proto = onnx.load(exported / "model.onnx")
    name = next(v.name for v in proto.graph.initializer if list(v.dims) == [256, 32])
    found = compare_weights(onnx_weights(with_noise(proto, name, 0.2)), original)
    # The weights' mean is near zero, so their spread is their size: 20 log10(1 / 0.2).
    assert found.sqnr_db == pytest.approx(13.98, abs=0.3)
    assert found.tensors[0].name == "head 256 x 32"
    assert {row.sqnr_db for row in found.tensors[1:]} == {200}


def test_the_head_is_left_out_where_the_classes_stand_in_another_order(exported):
    bundle = load_bundle(exported)
    model = open_model(bundle, "float32", threads=1)
    turned = replace(model, classes=model.classes[::-1])
    assert len(weight_sqnr(model, model).tensors) == 18
    assert len(weight_sqnr(turned, model).tensors) == 14


@pytest.mark.parametrize("kind", ["float", "uint8", "int8"])
def test_tflite_convolutions_are_compared_whatever_their_precision(
    kind, device_bundle, original, tmp_path
):
    file = device_bundle / f"{kind}.tflite"
    healthy = compare_weights(read_weights(file, "tflite"), original)
    assert healthy.sqnr_db > LIMIT + 5
    assert len(healthy.tensors) == 14
    content = flatbuffer_utils.read_model(str(file))
    graph = content.subgraphs[0]
    (weights,) = (t for t in graph.tensors if list(t.shape) == [32, 3, 3, 32])
    buffer = content.buffers[weights.buffer]
    values = np.frombuffer(bytes(buffer.data), np.float32 if kind == "float" else np.int8)
    buffer.data = np.frombuffer(noisy(values, 0.2).astype(values.dtype).tobytes(), np.uint8)
    flatbuffer_utils.write_model(content, str(tmp_path / "harmed.tflite"))
    harmed = compare_weights(read_weights(tmp_path / "harmed.tflite", "tflite"), original)
    assert harmed.sqnr_db == pytest.approx(14, abs=0.5)
    assert harmed.tensors[0].name == "conv5_block1_2_conv_1 weights"


def test_a_keras_original_is_folded_and_one_that_isnt_ours_is_not_compared(
    tiny_run, original, exported
):
    trained = keras.saving.load_model(tiny_run / "model.keras", compile=False)
    found = compare_weights(original, keras_weights(trained))
    assert found.sqnr_db > 100  # float32
    assert len(found.tensors) == 18
    model = open_model(load_bundle(exported), "float32", threads=1)
    foreign = replace(model, weights=lambda: keras_weights(tiny_backbone((64, 64))))
    assert weight_sqnr(model, foreign) == WeightComparison(
        reason="the Keras model isn't one of 'fundus-edge train'"
    )
    unread = weight_sqnr(model, replace(model, weights=None))
    assert unread.reason == "the weights of one of the models can't be read"


def convolution(layer, values, kind="weights"):
    return LayerWeights(layer, kind, np.asarray(values, np.float32).reshape(-1, 1, 1, 1))


def test_layers_are_matched_by_name_then_without_a_converters_number_then_by_order():
    first = [convolution("a_1", [1, 2]), convolution("b_1", [3, 4])]
    for second in (
        [convolution("b_1", [3, 4]), convolution("a_1", [1, 2])],
        [convolution("b", [3, 4]), convolution("a", [1, 2])],
        [convolution("x", [1, 2]), convolution("y", [3, 4])],
    ):
        assert compare_weights(first, second).sqnr_db == 200
    swapped = [convolution("x", [3, 4]), convolution("y", [1, 2])]
    assert compare_weights(first, swapped).sqnr_db < 10


@pytest.mark.parametrize(
    "other",
    [
        [],
        [convolution("a", [1, 2])],
        [convolution("a", [1, 2]), convolution("b", [3, 4, 5])],
        [LayerWeights(HEAD, "2", np.ones(2, np.float32))],
    ],
)
def test_layers_of_another_architecture_are_not_compared(other):
    found = compare_weights([convolution("a", [1, 2]), convolution("b", [3, 4])], other)
    assert found.sqnr_db is None
    assert found.reason == "its layers can't be matched with those of the original"


@pytest.mark.parametrize(
    ("model", "decibels"),
    [([3, 4], 200), ([np.nan, 4], -200), ([np.inf, 4], -200), ([3, 4.5], 20), ([0, 0], 0)],
)
def test_decibels_are_finite_for_every_model(model, decibels):
    found = compare_weights([convolution("a", model)], [convolution("a", [3, 4])])
    assert found.sqnr_db == decibels
