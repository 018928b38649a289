"""The export computes what Keras computes, and says so or fails."""

import dataclasses
import json

import keras
import numpy as np
import onnx
import pytest
from make_fundus import draw_fundus

from edge_runtime.bundle import load_bundle
from edge_runtime.contract import CAM, DISCLAIMER, IMAGE, LOGITS, OUTPUTS, PROBABILITIES
from edge_runtime.errors import GraphError, OutputExistsError, ParityError, RunInvalidError
from edge_runtime.imaging import prepare
from export import assemble, parity
from export.assemble import export_run
from export.graph import ContractModule
from export.onnx import check_graph, to_onnx
from export.parity import keras_outputs, measure_parity, onnx_run, tflite_run
from train.model import build_model


def images(size, count=4):
    kinds = ("cataract", "diabetic_retinopathy", "glaucoma", "normal")
    return np.stack([prepare(draw_fundus(kinds[i % 4], seed=i), size=size) for i in range(count)])


@pytest.fixture(scope="module")
def keras_model(tiny_run):
    return keras.saving.load_model(tiny_run / "model.keras", compile=False)


@pytest.fixture(scope="module")
def reference(keras_model):
    return keras_outputs(keras_model, images((64, 64)))


def test_the_onnx_file_keeps_the_contract_for_any_batch(exported):
    proto = onnx.load(exported / "model.onnx")
    assert proto.opset_import[0].version == 17
    assert [value.name for value in proto.graph.input] == [IMAGE]
    assert {value.name for value in proto.graph.output} == set(OUTPUTS)
    run = onnx_run((exported / "model.onnx").read_bytes())
    assert {count: run(images((64, 64), count))[CAM].shape for count in (1, 3)} == {
        1: (1, 4, 8, 8),
        3: (3, 4, 8, 8),
    }


def test_no_batch_normalisation_and_two_transposes_are_left(exported):
    proto = onnx.load(exported / "model.onnx")
    check_graph(proto, convolutions=7)
    assert sum(node.op_type == "Transpose" for node in proto.graph.node) == 2
    assert not [node for node in proto.graph.node if node.op_type == "BatchNormalization"]


def test_a_graph_with_a_left_over_factor_or_a_lost_convolution_is_refused(exported):
    proto = onnx.load(exported / "model.onnx")
    with pytest.raises(GraphError, match="7 convolutions, not 8"):
        check_graph(proto, convolutions=8)
    relu = next(node for node in proto.graph.node if node.op_type == "Relu")
    relu.op_type = "Mul"
    relu.input.append(relu.input[0])
    with pytest.raises(GraphError, match="has a Mul"):
        check_graph(proto, convolutions=7)


@pytest.mark.parametrize(
    ("file", "engine"), [("model.onnx", onnx_run), ("model.tflite", tflite_run)]
)
def test_both_files_compute_what_keras_and_gradient_tape_compute(exported, reference, file, engine):
    run = engine((exported / file).read_bytes())
    found = measure_parity(file, run, reference, images((64, 64)))
    assert found.photos == 4


@pytest.mark.parametrize("quantity", [PROBABILITIES, LOGITS, CAM])
@pytest.mark.parametrize("harm", [1e-3, float("nan")])
def test_a_difference_in_one_output_is_refused_by_its_name(exported, reference, quantity, harm):
    harmed = dict(reference)
    harmed[quantity] = reference[quantity] + harm * max(1.0, np.ptp(reference[quantity]))
    run = onnx_run((exported / "model.onnx").read_bytes())
    with pytest.raises(ParityError, match=quantity):
        measure_parity("model.onnx", run, harmed, images((64, 64)))


def test_the_bundle_says_where_it_comes_from_without_a_path(exported, tiny_run):
    bundle = load_bundle(exported)
    assert set(bundle.manifest.files) == {
        "model.onnx", "model.tflite", "gradients.npz", "MODEL_CARD.md",
    }  # fmt: skip
    assert bundle.class_gradients.shape == (4, 32)
    fidelity = bundle.manifest.gradients["fidelity"]
    assert 0 < fidelity["correlation_predicted_class_median"] <= 1
    assert str(tiny_run.parent.parent) not in (exported / "manifest.json").read_text()
    card = (exported / "MODEL_CARD.md").read_text()
    assert DISCLAIMER in card
    recall = bundle.manifest.models["float32"].metrics["test_dir"]["recall"]
    assert all(f"| {name} | 3 | {value:.3f}" in card for name, value in recall.items())


def test_an_export_that_misses_parity_leaves_nothing(tiny_run, tmp_path, monkeypatch):
    strict = dataclasses.replace(parity.LIMITS, logits=0.0, last_conv=0.0)
    monkeypatch.setattr(parity, "LIMITS", strict)
    with pytest.raises(ParityError, match="no bundle was written"):
        export_run(tiny_run, tmp_path / "bundle")
    assert not list(tmp_path.iterdir())


def test_other_data_and_an_existing_bundle_are_refused(tiny_run, dataset, exported, tmp_path):
    with pytest.raises(OutputExistsError, match="--force"):
        export_run(tiny_run, exported)
    config = json.loads((tiny_run / "config.json").read_text())
    other = tmp_path / "run"
    other.mkdir()
    (other / "model.keras").write_bytes((tiny_run / "model.keras").read_bytes())
    config["dataset"]["fingerprint"] = "0" * 64
    (other / "config.json").write_text(json.dumps(config))
    with pytest.raises(RunInvalidError, match="other data"):
        export_run(other, tmp_path / "bundle")
    with pytest.raises(RunInvalidError, match=r"no config\.json"):
        export_run(tmp_path, tmp_path / "bundle")
    assert assemble._spread(10, 64).tolist() == list(range(10))


@pytest.mark.slow
def test_the_real_resnet50_has_53_convolutions_and_parity():
    keras.utils.set_random_seed(0)
    model = build_model(classes=4, size=(224, 224), weights="none")
    generator = np.random.default_rng(0)
    layers = [*model.get_layer("resnet50").layers, model.get_layer("norm")]
    for layer in layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            shape = layer.gamma.shape
            layer.set_weights(
                [
                    generator.uniform(0.3, 0.8, shape),
                    generator.normal(0, 0.1, shape),
                    generator.normal(0, 0.1, shape),
                    generator.uniform(0.8, 1.5, shape) * (1e4 if layer.name == "conv1_bn" else 1),
                ]
            )
    module = ContractModule(model)
    file = to_onnx(module, classes=("a", "b", "c", "d"))
    proto = onnx.load_from_string(file)
    assert sum(node.op_type == "Conv" for node in proto.graph.node) == 53
    photos = images((224, 224))
    measure_parity("model.onnx", onnx_run(file), keras_outputs(model, photos), photos)
