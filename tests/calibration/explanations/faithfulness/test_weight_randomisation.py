"""Weights are shuffled wherever they are used, and maps that don't follow them are found out."""

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from calibration.explanations.baseline_maps import centre
from calibration.explanations.faithfulness.eyes import read_eyes
from calibration.explanations.faithfulness.shuffled_weights import (
    Layer,
    layers_from_top,
    shuffle_layer,
)
from calibration.explanations.faithfulness.weight_randomisation import graph_maps, randomise_weights
from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.predict.classifier import Classifier
from tests.calibration.explanations.faithfulness.planted import PLACES, eye_at
from tests.conftest import EXAMPLE_PHOTO
from tests.data import data_folder
from train.metrics.intervals import Bootstrap

QUICK = Bootstrap(resamples=200)


@pytest.fixture(scope="module")
def proto():
    bundle = load_bundle()
    return onnx.load(bundle.model()[2])


@pytest.fixture(scope="module")
def eyes(dataset):
    photos = [EXAMPLE_PHOTO, *sorted((dataset / "test_dir" / "glaucoma").iterdir())[:2]]
    classifier = Classifier(load_bundle(), quality_gate=False)
    found, left_out = read_eyes(classifier, photos, people={}, limit=3, seed=0)
    assert (len(found), left_out) == (3, ())
    return found


@pytest.fixture(scope="module")
def many():
    """Twelve photographs of eyes, each of a person of its own."""
    folder = data_folder() / "eye-disease-dataset" / "val_dir"
    photos = [each for name in ("glaucoma", "normal", "diabetic_retinopathy")
              for each in sorted((folder / name).iterdir())[:8]]  # fmt: skip
    classifier = Classifier(load_bundle(), quality_gate=False)
    found, _ = read_eyes(classifier, photos, people={}, limit=12, seed=0)
    assert len(found) == 12
    return found


def randomised(proto, eyes, maps_of, *, depths, draws=1):
    return randomise_weights(
        proto, eyes, model="m", maps_of=maps_of, draws=draws, bootstrap=QUICK, depths=depths
    )


def copy_of(proto):
    copied = onnx.ModelProto()
    copied.CopyFrom(proto)
    return copied


def tensors(proto):
    return {each.name: numpy_helper.to_array(each) for each in proto.graph.initializer}


def test_layers_are_told_from_the_answer_down_each_tensor_once(proto):
    layers = layers_from_top(proto)
    names = [each.name for each in layers]
    assert names[:3] == ["head 2", "head 1", "conv5_block3"]
    assert names[-2:] == ["conv2_block1", "conv1"]
    assert len(names) == 19
    used = [name for each in layers for name in each.tensors]
    assert len(used) == len(set(used)) == 2 * (53 + 2)


def test_a_shuffled_layer_keeps_the_numbers_of_each_channel_and_leaves_the_others(proto):
    shuffled = copy_of(proto)
    layer = layers_from_top(proto)[2]
    shuffle_layer(shuffled, layer, np.random.default_rng(0))
    before, after = tensors(proto), tensors(shuffled)
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert changed == set(layer.tensors)
    for name in layer.tensors:
        if before[name].ndim == 4:
            rows = [np.sort(v[name].reshape(len(v[name]), -1)) for v in (before, after)]
            np.testing.assert_array_equal(*rows)


def test_a_shuffled_bias_of_whole_numbers_keeps_its_real_values(proto):
    shuffled = copy_of(proto)
    layer = layers_from_top(proto)[2]
    shuffle_layer(shuffled, layer, np.random.default_rng(0))
    readers = {
        node.input[0]: node for node in proto.graph.node if node.op_type == "DequantizeLinear"
    }
    before, after = tensors(proto), tensors(shuffled)
    biases = [name for name in layer.tensors if before[name].dtype == np.int32]
    assert biases
    for name in biases:
        scale = before[readers[name].input[1]]
        np.testing.assert_allclose(
            np.sort(before[name] * scale), np.sort(after[name] * scale), atol=scale.max()
        )


def test_the_maps_of_shuffled_weights_still_add_up_to_their_logits(proto, eyes):
    """So every weight is changed in the answer and in the Grad-CAM alike."""
    shuffled, generator = copy_of(proto), np.random.default_rng(0)
    images = np.stack([eye.image for eye in eyes])
    whole = onnxruntime.InferenceSession(proto.SerializeToString()).run(
        ["logits"], {"image": images}
    )
    for layer in layers_from_top(proto)[:3]:
        shuffle_layer(shuffled, layer, generator)
        session = onnxruntime.InferenceSession(shuffled.SerializeToString())
        logits, cam, bias = session.run(["logits", "cam", "cam_bias"], {"image": images})
        assert np.abs(logits - whole[0]).max() > 0.1
        np.testing.assert_allclose(logits, cam.sum(axis=(2, 3)) + bias, atol=1e-3)  # float32 sums


def test_the_maps_of_the_packages_bundle_pass_and_those_of_it_shuffled_fail(proto, many):
    """A model whose weights are shuffled has learned nothing, and shuffling takes nothing."""
    found = randomised(proto, many, graph_maps(many, threads=2), depths=2)
    assert [each.layer for each in found.depths] == ["head 2", "head 1"]
    assert all(mean.value < 0.5 for mean in found.chance.values())
    assert found.passed is True, found.verdict

    nothing = copy_of(proto)
    for layer in layers_from_top(proto):
        shuffle_layer(nothing, layer, np.random.default_rng(5))
    (answers,) = onnxruntime.InferenceSession(nothing.SerializeToString()).run(
        ["probabilities"], {"image": np.stack([eye.image for eye in many])}
    )
    eyes = [replace(eye, top=int(top)) for eye, top in zip(many, answers.argmax(1), strict=True)]
    found = randomised(nothing, eyes, graph_maps(eyes, threads=2), depths=2)
    assert found.passed is False, found.verdict
    assert "hardly depend on the photo" in found.verdict


def test_a_map_that_ignores_the_weights_is_found_out(proto):
    eyes = [eye_at(place, person) for person, place in enumerate(PLACES)]
    edges = np.stack([eye.maps for eye in eyes])
    found = randomised(proto, eyes, lambda _: edges, depths=2)
    assert found.passed is False
    assert "do not depend" in found.verdict
    assert all(mean.value == pytest.approx(1) for mean in found.left.values())


@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_one_map_for_all_photos_fails_with_a_little_noise_or_none(proto, noise):
    eyes = [eye_at(PLACES[at % len(PLACES)], at) for at in range(20)]
    bell = centre(np.ones((1, 8, 8), np.float32))
    generator = np.random.default_rng(1)

    def maps_of(_):
        return bell + noise * generator.standard_normal((len(eyes), 2, 8, 8), np.float32)

    found = randomised(proto, eyes, maps_of, depths=2)
    assert all(mean.value > 0.9 for mean in found.chance.values())
    assert found.passed is False
    said = "hardly depend on the photo" if noise else "the same map whatever the photo"
    assert said in found.verdict
    if not noise:
        assert [mean.value for mean in found.left.values()] == [None, None]
        assert {mean.note for mean in found.left.values()} == {"there is nothing to divide by"}


def test_one_photo_whose_map_is_that_of_others_does_not_decide_what_is_left(proto):
    eyes = [eye_at(PLACES[at % 2], at) for at in range(20)]  # each place ten times
    maps = np.stack([eye.maps for eye in eyes])
    shuffled = [maps, np.stack([maps[(at + 1) % len(maps)] for at in range(len(maps))])]
    found = randomised(proto, eyes, lambda _: shuffled.pop(0), depths=1)
    for name, mean in found.left.items():
        whole, chance = found.depths[0].similarity[name].value, found.chance[name].value
        assert mean.value == pytest.approx((whole - chance) / (1 - chance))


def test_a_map_that_is_new_with_every_weight_passes(proto):
    eyes = [eye_at(place, person) for person, place in enumerate(PLACES)]
    generator = np.random.default_rng(2)
    found = randomised(
        proto,
        eyes,
        lambda _: generator.standard_normal((len(eyes), 2, 8, 8), np.float32),
        draws=3,
        depths=2,
    )
    assert found.passed is True


def test_one_persons_photos_cannot_be_judged(proto):
    eyes = [eye_at(place, 0) for place in PLACES[:2]]
    maps = np.stack([eye.maps for eye in eyes])
    found = randomised(proto, eyes, lambda _: maps, depths=1)
    assert found.passed is None
    assert found.verdict.startswith("Not judged")


@pytest.mark.parametrize(
    ("node", "axis"),
    [
        (helper.make_node("MatMul", ["weights", "features"], ["answer"]), 0),
        (helper.make_node("MatMul", ["features", "weights"], ["answer"]), 1),
        (helper.make_node("Gemm", ["features", "weights"], ["answer"]), 1),
        (helper.make_node("Gemm", ["features", "weights"], ["answer"], transB=1), 0),
        (helper.make_node("Gemm", ["weights", "features"], ["answer"], transA=1), 1),
    ],
)
def test_a_matrix_is_shuffled_within_its_outputs_whichever_way_it_lies(node, axis):
    weights = np.arange(12, dtype=np.float32).reshape(3, 4)
    graph = helper.make_graph(
        [node], "g", [], [], initializer=[numpy_helper.from_array(weights, "weights")]
    )
    model = helper.make_model(graph)
    shuffle_layer(model, Layer("head 1", ("weights",)), np.random.default_rng(0))
    found = tensors(model)["weights"]
    assert not np.array_equal(found, weights)
    np.testing.assert_array_equal(np.sort(found, axis=1 - axis), np.sort(weights, axis=1 - axis))
