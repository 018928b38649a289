"""A prediction, its explanation and what they promise, and what can't be predicted with."""

import dataclasses
import hashlib
import json

import numpy as np
import pytest

from edge_runtime import Classifier, load_bundle
from edge_runtime.errors import (
    BundleInvalidError,
    ModelFormatError,
    PhotoNotFoundError,
    PhotoUnreadableError,
    UnknownNameError,
)
from edge_runtime.photo.decode import decode_photo


@pytest.fixture(scope="module")
def classifier(exported):
    return Classifier(load_bundle(exported))


@pytest.fixture(scope="module")
def ungated(exported):
    """Without the gate: what is asked here of the network holds for any picture."""
    return Classifier(load_bundle(exported), quality_gate=False)


def test_probabilities_sum_to_one_and_the_class_is_the_largest(classifier, photo_file):
    prediction = classifier.predict(photo_file)
    # Four float32 numbers are summed.
    assert sum(prediction.probabilities.values()) == pytest.approx(1, abs=1e-6)
    assert prediction.confidence == max(prediction.probabilities.values())
    assert prediction.probabilities[prediction.class_name] == prediction.confidence


def test_the_default_bundle_adds_up_too(photo_file):
    prediction = Classifier(load_bundle()).predict(photo_file)
    assert max(map(abs, prediction.completeness_gap.values())) < 1e-4  # as above


def test_the_fixed_mode_gives_other_maps_of_the_same_prediction(exported, classifier, photo_file):
    exact = classifier.predict(photo_file)
    fixed = Classifier(load_bundle(exported), gradients="fixed").predict(photo_file)
    assert fixed.logits == exact.logits
    assert fixed.completeness_gap is None
    assert fixed.cam.shape == exact.cam.shape
    assert np.corrcoef(fixed.cam.ravel(), exact.cam.ravel())[0, 1] > 0.5


def test_a_prediction_is_frozen(classifier, photo_file):
    prediction = classifier.predict(photo_file)
    with pytest.raises(dataclasses.FrozenInstanceError):
        prediction.confidence = 1.0
    with pytest.raises(ValueError, match="read-only"):
        prediction.cam[:] = 0


def test_unknown_names_are_refused_with_the_known_ones(exported, classifier, photo_file):
    with pytest.raises(UnknownNameError, match="choose one of float32"):
        Classifier(load_bundle(exported), model="none")
    with pytest.raises(UnknownNameError, match="choose one of exact, fixed"):
        Classifier(load_bundle(exported), gradients="none")
    with pytest.raises(UnknownNameError, match="choose one of cataract"):
        classifier.predict(photo_file).heatmap("none")


def test_a_model_without_an_engine_is_refused_with_what_can_be_run(bundle):
    text = (bundle / "manifest.json").read_text("utf-8")
    (bundle / "manifest.json").write_text(text.replace('"format": "tflite"', '"format": "coreml"'))
    with pytest.raises(ModelFormatError, match=r"coreml file.*runs: float32$"):
        Classifier(load_bundle(bundle), model="float32-tflite")


def test_every_map_of_every_photo_adds_up_and_every_softmax_is_the_logits(ungated, dataset):
    for file in sorted((dataset / "test_dir").rglob("*.jpg")):
        prediction = ungated.predict(file)
        # logits: a float32 sum of a few thousand terms of order one
        assert max(map(abs, prediction.completeness_gap.values())) < 1e-4
        powers = np.exp(np.array(list(prediction.logits.values())))
        shares = list(prediction.probabilities.values())
        # the graph computes in float32, this test in float64
        np.testing.assert_allclose(shares, powers / powers.sum(), atol=1e-6)


def test_a_path_a_text_and_an_array_give_the_same_maps_and_field(classifier, photo_file):
    by_path = classifier.predict(photo_file)
    pixels = decode_photo(photo_file.read_bytes())
    for other in (classifier.predict(str(photo_file)), classifier.predict(pixels)):
        assert np.array_equal(other.cam, by_path.cam)
        assert other.field == by_path.field
        assert other.photo_size == by_path.photo_size == (240, 320)


def test_times_are_given_for_each_stage(exported, photo_file):
    times = Classifier(load_bundle(exported)).predict(photo_file).times_ms
    assert tuple(times) == ("decode", "field", "quality", "infer", "explain")
    assert all(ms >= 0 for ms in times.values())


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((9, 9, 3)),
        np.zeros((9, 9), np.uint8),
        *(np.zeros(shape, np.uint8) for shape in ((8, 8, 4), (1, 8, 8, 3), (8, 0, 3))),
    ],
)
def test_an_array_that_is_no_photo_is_refused(classifier, wrong):
    with pytest.raises(PhotoUnreadableError, match=r"expected uint8 \(height, width, 3\)"):
        classifier.predict(wrong)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 2)])
def test_a_photo_of_any_size_is_classified(ungated, size):
    prediction = ungated.predict(np.full((*size, 3), 200, np.uint8))
    assert prediction.photo_size == size
    assert np.isfinite(list(prediction.logits.values())).all()


def test_a_missing_photo_is_refused_by_name(classifier, tmp_path):
    with pytest.raises(PhotoNotFoundError, match=r"gone\.jpg: no such file"):
        classifier.predict(tmp_path / "gone.jpg")


def test_one_thread_predicts_the_same_as_all(classifier, exported, photo_file):
    single = Classifier(load_bundle(exported), threads=1).predict(photo_file)
    # float32 sums in another order
    assert single.confidence == pytest.approx(classifier.predict(photo_file).confidence, abs=1e-5)


def edit(bundle, change):
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))
    change(manifest)
    (bundle / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def test_a_model_that_onnx_runtime_cant_load_is_refused_by_name(bundle):
    data = b"no protobuf"
    (bundle / "model.onnx").write_bytes(data)
    entry = {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data)}
    edit(bundle, lambda manifest: manifest["files"].update({"model.onnx": entry}))
    with pytest.raises(BundleInvalidError, match=r"model\.onnx can't be loaded"):
        Classifier(load_bundle(bundle))


def test_a_model_of_other_dimensions_than_the_manifests_is_refused_by_name(bundle):
    edit(bundle, lambda manifest: manifest.update(input_size=[32, 32]))
    with pytest.raises(BundleInvalidError, match=r"model\.onnx has 'image'"):
        Classifier(load_bundle(bundle))
