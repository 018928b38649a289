"""A prediction, its explanation and what they promise."""

import dataclasses

import numpy as np
import pytest

from edge_runtime import Classifier, load_bundle
from edge_runtime.decode import decode_photo
from edge_runtime.errors import ModelFormatError, PhotoUnreadableError, UnknownNameError
from edge_runtime.gradcam import fixed_cam, heatmap
from edge_runtime.overlay import draw_overlay


@pytest.fixture(scope="module")
def classifier(exported):
    return Classifier(load_bundle(exported))


def test_probabilities_sum_to_one_and_the_class_is_the_largest(classifier, photo_file):
    prediction = classifier.predict(photo_file)
    # Four float32 numbers are summed.
    assert sum(prediction.probabilities.values()) == pytest.approx(1, abs=1e-6)
    assert prediction.confidence == max(prediction.probabilities.values())
    assert prediction.probabilities[prediction.class_name] == prediction.confidence


def test_every_exact_map_adds_up_to_its_logit(classifier, photo_file):
    gaps = classifier.predict(photo_file).completeness_gap
    # Sums of some thousand float32 products; a wrong formula is off by whole logits.
    assert max(map(abs, gaps.values())) < 1e-4
    assert set(gaps) == set(classifier.bundle.manifest.classes)


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


def test_a_file_and_its_pixels_give_the_same(classifier, photo_file):
    pixels = decode_photo(photo_file.read_bytes())
    assert classifier.predict(pixels).logits == classifier.predict(str(photo_file)).logits


def test_a_prediction_is_frozen(classifier, photo_file):
    prediction = classifier.predict(photo_file)
    with pytest.raises(dataclasses.FrozenInstanceError):
        prediction.confidence = 1.0
    with pytest.raises(ValueError, match="read-only"):
        prediction.cam[:] = 0


@pytest.mark.parametrize(
    "wrong", [np.zeros((9, 9, 3)), np.zeros((9, 9), "u1"), np.zeros((0, 9, 3), "u1")]
)
def test_an_array_that_is_no_photo_is_refused(classifier, wrong):
    with pytest.raises(PhotoUnreadableError, match="expected uint8"):
        classifier.predict(wrong)


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


def test_a_heatmap_reaches_one_and_keeps_only_what_speaks_for_the_class():
    heat = heatmap(np.array([[-2.0, 1.0], [0.0, 4.0]], np.float32))
    np.testing.assert_array_equal(heat.values, [[0, 0.25], [0, 1]])
    assert heat.evidence == 5
    assert heat.positive


@pytest.mark.parametrize("level", [0.0, -3.0, float("nan")])
def test_a_map_without_evidence_is_blank_and_says_so(level):
    heat = heatmap(np.full((7, 7), level, np.float32))
    assert not heat.positive
    assert not heat.values.any()


def test_the_fixed_map_is_the_gradients_sum_over_the_channels():
    generator = np.random.default_rng(0)
    last_conv = generator.random((2, 3, 4, 5), np.float32)
    gradients = generator.random((6, 5), np.float32)
    by_hand = [[[[last_conv[n, y, x] @ gradients[c] for x in range(4)] for y in range(3)]
                for c in range(6)] for n in range(2)]  # fmt: skip
    np.testing.assert_allclose(fixed_cam(last_conv, gradients), by_hand, rtol=1e-5)  # float32


def test_an_overlay_leaves_the_photo_beside_the_field_as_it_was(exported):
    classifier = Classifier(load_bundle(exported), quality_gate=False)
    photo = np.zeros((700, 1000, 3), np.uint8)
    photo[100:600, 300:800] = (180, 90, 40)
    prediction = classifier.predict(photo)
    name = max(prediction.probabilities, key=lambda n: prediction.heatmap(n).evidence)
    overlay = draw_overlay(photo, prediction, name)
    assert overlay.shape[1] == 1000
    assert overlay.shape[0] > 700
    assert not overlay[:700, :280].any()
    assert (overlay[100:600, 300:800] != photo[100:600, 300:800]).any()


def test_an_overlay_without_evidence_shows_the_photo_alone(classifier, photo_file):
    prediction = classifier.predict(photo_file)
    blank = dataclasses.replace(prediction, cam=np.full_like(prediction.cam, -1))
    photo = np.full((700, 700, 3), 90, np.uint8)
    np.testing.assert_array_equal(draw_overlay(photo, blank)[:700], photo)
