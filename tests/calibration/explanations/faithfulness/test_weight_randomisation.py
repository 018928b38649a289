"""Weights are shuffled wherever they are used, and maps that don't follow them are found out."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from calibration.explanations.faithfulness.eyes import read_eyes
from calibration.explanations.faithfulness.shuffled_weights import layers_from_top, shuffle_layer
from calibration.explanations.faithfulness.weight_randomisation import graph_maps, randomise_weights
from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.predict.classifier import Classifier
from tests.calibration.explanations.faithfulness.planted import PLACES, eye_at
from tests.conftest import EXAMPLE_PHOTO
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
    assert (len(found), left_out) == (3, {})
    return found


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


def test_the_maps_of_the_packages_bundle_fall_with_its_weights(proto, eyes):
    maps_of = graph_maps(eyes, threads=2)
    found = randomise_weights(
        proto, eyes, model="int8", maps_of=maps_of, draws=2, bootstrap=QUICK, depths=3
    )
    assert [each.layer for each in found.depths] == ["head 2", "head 1", "conv5_block3"]
    for each in found.depths:
        assert all(mean.value < 0.6 for mean in each.similarity.values())
    assert all(mean.value < 0.5 for mean in found.left.values())
    assert found.passed is not False


def test_a_map_that_ignores_the_weights_is_found_out(proto):
    eyes = [eye_at(place, person) for person, place in enumerate(PLACES)]
    edges = np.stack([eye.maps for eye in eyes])
    found = randomise_weights(
        proto, eyes, model="edges", maps_of=lambda _: edges, draws=1, bootstrap=QUICK, depths=2
    )
    assert found.passed is False
    assert "do not depend" in found.verdict
    assert all(mean.value == pytest.approx(1) for mean in found.left.values())


def test_a_map_that_is_new_with_every_weight_passes(proto):
    eyes = [eye_at(place, person) for person, place in enumerate(PLACES)]
    generator = np.random.default_rng(2)
    found = randomise_weights(
        proto,
        eyes,
        model="noise",
        maps_of=lambda _: generator.standard_normal((len(eyes), 2, 8, 8), np.float32),
        draws=3,
        bootstrap=QUICK,
        depths=2,
    )
    assert found.passed is True


def test_one_persons_photos_cannot_be_judged(proto):
    eyes = [eye_at(place, 0) for place in PLACES[:2]]
    maps = np.stack([eye.maps for eye in eyes])
    found = randomise_weights(
        proto, eyes, model="m", maps_of=lambda _: maps, draws=1, bootstrap=QUICK, depths=1
    )
    assert found.passed is None
    assert found.verdict.startswith("Not judged")
