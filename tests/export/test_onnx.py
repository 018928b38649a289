"""The ONNX file has the contract's form, and a graph that hasn't is refused."""

import keras
import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
from make_fundus import CLASSES, draw_fundus

from edge_runtime.contract import CAM, IMAGE, LAST_CONV, LOGITS, OUTPUTS, PROBABILITIES, tensors
from edge_runtime.engine.onnx import CLASSES_KEY
from edge_runtime.photo.round_field import prepare
from export.errors import GraphError
from export.graph import ContractModule
from export.onnx import backbone_nodes, check_graph, to_onnx
from export.parity import keras_outputs, onnx_run
from train.network.model import backbone_of, build_model

TINY_CONVOLUTIONS = 7  # the first, and three in each of the two blocks


def count(proto: onnx.ModelProto, op_type: str) -> int:
    return sum(node.op_type == op_type for node in proto.graph.node)


@pytest.fixture
def proto(onnx_file: bytes) -> onnx.ModelProto:
    return onnx.load_from_string(onnx_file)


def test_inputs_and_outputs_are_those_of_the_contract(onnx_file: bytes) -> None:
    session = onnxruntime.InferenceSession(onnx_file, providers=["CPUExecutionProvider"])
    contract = tensors(classes=4, input_size=(64, 64), feature_shape=(8, 8, 32))
    found = {value.name: value for value in (*session.get_inputs(), *session.get_outputs())}
    assert set(found) == {IMAGE, *OUTPUTS}
    for name, tensor in contract.items():
        assert found[name].shape == list(tensor.shape), name
        kind = "float" if tensor.dtype == "float32" else tensor.dtype
        assert found[name].type == f"tensor({kind})", name


def test_the_file_is_of_opset_17_and_names_its_classes(proto: onnx.ModelProto) -> None:
    assert {entry.domain: entry.version for entry in proto.opset_import}[""] == 17
    metadata = {entry.key: entry.value for entry in proto.metadata_props}
    assert metadata[CLASSES_KEY].split("\n") == list(CLASSES)


@pytest.mark.parametrize("batch", [1, 3])
def test_any_batch_is_taken_and_each_photo_answered_on_its_own(
    batch: int, onnx_file: bytes, images: npt.NDArray[np.uint8]
) -> None:
    run = onnx_run(onnx_file)
    together = run(images[:batch])
    for name, shape in tensors(
        classes=4, input_size=(64, 64), feature_shape=(8, 8, 32)
    ).items():  # fmt: skip
        if name != IMAGE:
            assert together[name].shape == (batch, *shape.shape[1:])
    alone = run(images[batch - 1 : batch])
    for name in OUTPUTS:
        # A batch is summed in blocks of another size than a single photo.
        np.testing.assert_allclose(
            together[name][-1:], alone[name], atol=1e-4 * np.ptp(alone[name])
        )


def test_a_cell_that_is_black_in_the_photo_has_no_activation_and_no_evidence(
    onnx_file: bytes, images: npt.NDArray[np.uint8]
) -> None:
    photo = images[:1].copy()
    photo[:, 40:] = 0  # the last three of eight rows of cells
    found = onnx_run(onnx_file)(np.concatenate([photo, 0 * photo]))
    assert np.abs(found[CAM][0, :, :5]).max() > 0
    for name, values in ((CAM, found[CAM][0, :, 5:]), (LAST_CONV, found[LAST_CONV][0, 5:])):
        assert not values.any(), name
    assert not found[CAM][1].any()  # a black photo: no evidence, and no division by zero
    assert np.isfinite(found[PROBABILITIES]).all()


def test_nothing_is_left_of_batch_normalisation_and_layout_change(proto: onnx.ModelProto) -> None:
    assert count(proto, "Conv") == TINY_CONVOLUTIONS
    assert count(proto, "Transpose") <= 2
    operations = {node.op_type for node in backbone_nodes(proto)}
    assert not operations & {"BatchNormalization", "Mul", "Div", "Identity"}
    check_graph(proto, convolutions=TINY_CONVOLUTIONS)


@pytest.mark.parametrize("expected", [TINY_CONVOLUTIONS - 1, TINY_CONVOLUTIONS + 1])
def test_a_wrong_number_of_convolutions_is_refused(expected: int, proto: onnx.ModelProto) -> None:
    with pytest.raises(GraphError, match=f"has 7 convolutions, not {expected}; no bundle"):
        check_graph(proto, convolutions=expected)


@pytest.mark.parametrize("op_type", ["Mul", "Add"])
def test_a_scale_or_shift_left_behind_a_convolution_is_refused(
    op_type: str, proto: onnx.ModelProto
) -> None:
    nodes = proto.graph.node
    at = next(i for i, node in enumerate(nodes) if node.op_type == "Conv")
    result = nodes[at].output[0]
    nodes[at].output[0] = "unscaled"
    left = onnx.helper.make_node(op_type, ["unscaled", "factor"], [result], name="left_over")
    nodes.insert(at + 1, left)
    factor = onnx.numpy_helper.from_array(np.full((1, 1, 1, 1), 2, np.float32), "factor")
    proto.graph.initializer.append(factor)
    onnx.checker.check_model(proto, full_check=True)  # it is a valid graph, but no lean one
    with pytest.raises(GraphError, match=f"has a {op_type} 'left_over' left before last_conv"):
        check_graph(proto, convolutions=TINY_CONVOLUTIONS)


def test_a_third_transpose_is_refused(proto: onnx.ModelProto) -> None:
    for number in range(3 - count(proto, "Transpose")):
        proto.graph.node.append(
            onnx.helper.make_node("Transpose", [LOGITS], [f"t{number}"], perm=[1, 0])
        )
    with pytest.raises(GraphError, match="has 3 Transpose nodes, at most 2 are needed"):
        check_graph(proto, convolutions=TINY_CONVOLUTIONS)


def test_an_operation_after_last_conv_is_no_part_of_the_backbone(proto: onnx.ModelProto) -> None:
    after = {name for node in proto.graph.node for name in node.output}
    after -= {name for node in backbone_nodes(proto) for name in node.output}
    assert {PROBABILITIES, LOGITS, CAM} <= after
    (weighing,) = (node for node in proto.graph.node if LAST_CONV in node.output)
    assert weighing.op_type == "Mul"
    assert LAST_CONV in after  # the positions are weighed behind the backbone
    assert backbone_nodes(proto)[-1].output[0] in weighing.input


@pytest.mark.slow
def test_the_real_resnet50_is_folded_to_53_convolutions_and_keeps_its_outputs() -> None:
    keras.utils.set_random_seed(0)
    model = build_model(classes=4, size=(224, 224), weights="none")
    drawn = [draw_fundus(kind, seed=seed) for seed, kind in enumerate(CLASSES)]
    images = np.stack([prepare(photo, size=(224, 224)) for photo in drawn])
    give_statistics(model, images)
    file = to_onnx(ContractModule(model), classes=CLASSES)

    proto = onnx.load_from_string(file)
    assert count(proto, "Conv") == 53
    assert count(proto, "Transpose") <= 2
    assert not {node.op_type for node in backbone_nodes(proto)} & {"BatchNormalization", "Mul"}
    outputs, reference = onnx_run(file)(images), keras_outputs(model, images)
    for name, expected in reference.items():
        assert np.isfinite(expected).all()
        assert np.ptp(expected) > 1e-3, name
        # float32 sums in another order through 53 layers; a share of each output's own range.
        difference = np.abs(outputs[name] - expected).max() / np.ptp(expected)
        assert difference < 1e-4, f"{name} differs by {difference:.2g} of its range"


def give_statistics(model: keras.Model, images: npt.NDArray[np.uint8]) -> None:
    """Give every batch normalisation factors and statistics that are far from trivial.

    They start from the batch's own, so that the activations stay as large as in a trained model.
    """
    generator = np.random.default_rng(0)
    backbone = backbone_of(model)
    norms = [x for x in backbone.layers if isinstance(x, keras.layers.BatchNormalization)]
    norms.append(model.get_layer("norm"))
    for layer in norms:
        layer.momentum = 0.0  # the statistics become those of the next batch
    pixels = keras.applications.resnet50.preprocess_input(images.astype(np.float32))
    features = backbone(pixels, training=True)
    model.get_layer("norm")(model.get_layer("pool")(features), training=True)
    for layer in norms:
        _, _, mean, variance = layer.get_weights()
        layer.set_weights(
            [
                generator.uniform(0.7, 1.3, mean.shape),
                generator.normal(0, 0.2, mean.shape),
                mean + generator.normal(0, 0.2, mean.shape) * np.sqrt(variance),
                # Four photos can give a channel next to no variance.
                (variance + 1e-2 * variance.mean()) * generator.uniform(0.7, 1.4, mean.shape),
            ]
        )
