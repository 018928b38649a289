"""The classifier on odd photos, and on models that don't fit their manifest."""

import hashlib
import json

import numpy as np
import pytest

from edge_runtime import Classifier, load_bundle
from edge_runtime.errors import BundleInvalidError, PhotoNotFoundError, PhotoUnreadableError


@pytest.fixture(scope="module")
def classifier(exported):
    """Without the gate: what is asked here of the network holds for any picture."""
    return Classifier(load_bundle(exported), quality_gate=False)


def test_every_map_of_every_photo_adds_up_and_every_softmax_is_the_logits(classifier, dataset):
    for file in sorted((dataset / "test_dir").rglob("*.jpg")):
        prediction = classifier.predict(file)
        # logits: a float32 sum of a few thousand terms of order one
        assert max(map(abs, prediction.completeness_gap.values())) < 1e-4
        powers = np.exp(np.array(list(prediction.logits.values())))
        shares = list(prediction.probabilities.values())
        # the graph computes in float32, this test in float64
        np.testing.assert_allclose(shares, powers / powers.sum(), atol=1e-6)


def test_a_path_a_text_and_an_array_give_the_same_maps_and_box(classifier, photo_file):
    from edge_runtime.decode import decode_photo

    by_path = classifier.predict(photo_file)
    pixels = decode_photo(photo_file.read_bytes())
    for other in (classifier.predict(str(photo_file)), classifier.predict(pixels)):
        assert np.array_equal(other.cam, by_path.cam)
        assert other.box == by_path.box
        assert other.photo_size == by_path.photo_size == (240, 320)


def test_times_are_given_for_each_stage(exported, photo_file):
    times = Classifier(load_bundle(exported)).predict(photo_file).times_ms
    assert tuple(times) == ("decode", "crop", "quality", "infer", "explain")
    assert all(ms >= 0 for ms in times.values())


@pytest.mark.parametrize("shape", [(8, 8, 4), (1, 8, 8, 3), (8, 0, 3)])
def test_an_array_of_another_shape_is_refused(classifier, shape):
    with pytest.raises(PhotoUnreadableError, match=r"expected uint8 \(height, width, 3\)"):
        classifier.predict(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 2)])
def test_a_photo_of_any_size_is_classified(classifier, size):
    prediction = classifier.predict(np.full((*size, 3), 200, np.uint8))
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
