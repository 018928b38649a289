"""What is quantised, what stays in float, and what it costs."""

import numpy as np
import onnx
import pytest
from make_fundus import CLASSES, draw_fundus

from calibration.compare.sqnr import run_outputs, sqnr_db, tensor_sqnr
from calibration.int8.layer_costs import find_layers, layer_costs
from calibration.int8.quantise import prepare_model, quantisable_nodes, quantise_model
from calibration.int8.ranges import METHODS, measure_ranges
from calibration.int8.targets import TARGETS
from calibration.models.weights import QUANTISED
from calibration.validation.saturation import may_saturate
from edge_runtime.contract import LAST_CONV
from edge_runtime.photo.round_field import prepare
from edge_runtime.system.machine import Processor

INT8 = onnx.TensorProto.INT8


@pytest.fixture(scope="module")
def images():
    photos = [draw_fundus(name, seed=seed) for seed in range(2) for name in CLASSES]
    return np.stack([prepare(photo, size=(64, 64)) for photo in photos])


@pytest.fixture(scope="module")
def prepared(exported, tmp_path_factory):
    return tmp_path_factory.mktemp("prepared") / "model.onnx"


@pytest.fixture(scope="module")
def original(exported, prepared):
    return prepare_model(exported / "model.onnx", prepared)


@pytest.fixture(scope="module")
def ranges(original, prepared, images):
    return measure_ranges(prepared, images, method="min-max")


@pytest.fixture(scope="module")
def quantised(original, prepared, ranges):
    def make(target="x86", nodes=None):
        return onnx.load_model_from_string(
            quantise_model(
                prepared,
                ranges,
                target=TARGETS[target],
                nodes=quantisable_nodes(original) if nodes is None else nodes,
                metadata=original,
            )
        )

    return make


def convolutions(proto):
    """By the layer's name in its weights', whether it reads weights and data from int8."""
    made_by = {name: node.op_type for node in proto.graph.node for name in node.output}
    return {
        node.input[1].split("/")[1]: [made_by.get(name) for name in node.input[:2]]
        for node in proto.graph.node
        if node.op_type == "Conv"
    }


def test_the_first_convolution_stays_in_float_whatever_converters_call_it(original, quantised):
    first = next(node for node in original.graph.node if node.op_type == "Conv")
    assert "conv1_conv" in first.input[1]
    renamed = onnx.ModelProto()
    renamed.CopyFrom(original)
    next(node for node in renamed.graph.node if node.op_type == "Conv").name = "Conv__236"
    for proto in (original, renamed):
        assert not {first.name, "Conv__236"} & set(quantisable_nodes(proto))
    for layer, sources in convolutions(quantised()).items():
        if "conv1" in layer:
            assert "DequantizeLinear" not in sources
        else:
            assert sources == ["DequantizeLinear"] * 2


@pytest.mark.parametrize(
    ("target", "activations", "largest"),
    [
        ("x86", onnx.TensorProto.UINT8, 64),
        ("x86-vnni", onnx.TensorProto.UINT8, 127),
        ("arm64", onnx.TensorProto.INT8, 127),
    ],
)
def test_each_target_has_its_types(quantised, target, activations, largest):
    proto = quantised(target)
    values = {value.name: value for value in proto.graph.initializer}
    weights, zeros = [], set()
    for node in proto.graph.node:
        if node.op_type == "QuantizeLinear":
            zeros.add(values[node.input[2]].data_type)
        elif node.op_type == "DequantizeLinear" and node.input[0] in values:
            value = onnx.numpy_helper.to_array(values[node.input[0]])
            if value.ndim == 4:
                weights.append(np.abs(value.astype(int)).max())
    assert zeros == {activations}
    assert max(weights) == largest
    assert len(weights) == 6


def test_the_noise_of_a_tensor_is_what_float64_says(original, quantised, images):
    proto = quantised()
    found = {each.name: each for each in tensor_sqnr(original, proto, images)}
    weights = {name for name, each in found.items() if each.kind == "weights"}
    assert len(weights) == 6
    floats = {v.name: onnx.numpy_helper.to_array(v) for v in original.graph.initializer}
    values = {v.name: onnx.numpy_helper.to_array(v) for v in proto.graph.initializer}
    for name in weights:
        node = next(n for n in proto.graph.node if n.output[0] == f"{name}{QUANTISED}")
        whole, scale = (values[each].astype(np.float64) for each in node.input[:2])
        error = floats[name] - whole * scale[:, None, None, None]
        expected = 10 * np.log10(np.square(floats[name]).sum() / np.square(error).sum())
        assert found[name].sqnr_db == pytest.approx(expected, abs=1e-3)
    order = [each.sqnr_db for each in tensor_sqnr(original, proto, images)]
    assert order == sorted(order)
    assert all(15 < ratio < 80 for ratio in order)


def test_a_layer_that_is_harmed_costs_most(original, quantised, images):
    proto = quantised()
    layers = find_layers(original, quantisable_nodes(original))
    assert len(layers) == 8  # six convolutions, two additions
    for layer in layers:
        harmed = onnx.ModelProto()
        harmed.CopyFrom(proto)
        if layer.weights is None:
            continue
        value = next(v for v in harmed.graph.initializer if v.name == f"{layer.weights}_quantized")
        whole = onnx.numpy_helper.to_array(value)
        value.CopyFrom(onnx.numpy_helper.from_array(-whole, value.name))
        costs = layer_costs(original, harmed, layers, images[:2])
        assert next(iter(costs)) == layer.name
        # decibels: all weights of the wrong sign leave 15.1 at most here, rounding far more
        assert costs[layer.name] < 16 < min(list(costs.values())[1:])


def test_layers_in_float_have_float_weights_and_none_at_all_is_refused(original, quantised):
    layers = find_layers(original, quantisable_nodes(original))
    for count in range(1, len(layers)):
        proto = quantised(nodes=[name for layer in layers[count:] for name in layer.nodes])
        whole = {value.name for value in proto.graph.initializer if value.data_type == INT8}
        for index, layer in enumerate(layers):
            if layer.weights:
                assert (f"{layer.weights}_quantized" in whole) == (index >= count)
    with pytest.raises(ValueError, match="no node"):
        quantised(nodes=[])


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_gives_ranges_of_every_tensor(
    original, prepared, images, quantised, ranges, method, capfd
):
    found = measure_ranges(prepared, images, method=method)
    assert set(found.keys()) == set(ranges.keys())
    assert capfd.readouterr().out == ""
    proto = onnx.load_model_from_string(
        quantise_model(
            prepared,
            found,
            target=TARGETS["x86"],
            nodes=quantisable_nodes(original),
            metadata=original,
        )
    )
    onnx.checker.check_model(proto)
    first, second = (
        np.concatenate([found for (found,) in run_outputs(model, [LAST_CONV], images)])
        for model in (original, proto)
    )
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.99
    assert (second >= 0).all()  # a ReLU that was taken out is done by the range


@pytest.mark.parametrize(
    ("target", "machine", "flags", "expected"),
    [
        ("x86", "x86_64", ("avx2",), False),
        ("x86-vnni", "x86_64", ("avx2",), True),
        ("x86-vnni", "x86_64", ("avx2", "avx_vnni"), False),
        ("x86-vnni", "aarch64", ("asimd",), False),
        ("arm64", "x86_64", ("avx2",), True),
    ],
)
def test_full_range_weights_are_seen_in_the_file(
    quantised, tmp_path, target, machine, flags, expected
):
    onnx.save(quantised(target), tmp_path / "model.onnx")
    found = may_saturate(tmp_path / "model.onnx", Processor(machine, "a processor", 2, flags))
    assert found is expected


def test_a_float_model_cannot_saturate(exported):
    assert not may_saturate(exported / "model.onnx", Processor("x86_64", "old", 2, ("avx2",)))


def test_no_noise_is_infinite_and_no_signal_is_worst():
    assert sqnr_db(1, 0) == float("inf")
    assert sqnr_db(0, 1) == float("-inf")
    assert sqnr_db(100, 1) == pytest.approx(20)
