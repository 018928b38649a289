"""Every kind of TFLite file keeps the contract's names and follows the Keras model."""

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from make_fundus import CLASSES, draw_fundus

from calibration.confidence.fold import fold_temperature
from calibration.models.model_under_test import softmax
from calibration.tflite.convert import KINDS, make_tflite
from edge_runtime.contract import CAM, CAM_BIAS, IMAGE, LAST_CONV, LOGITS, OUTPUTS, PROBABILITIES
from edge_runtime.explain.gradcam import fixed_cam
from edge_runtime.photo.round_field import prepare
from export.graph import ContractModule

#: Largest difference from Keras as a share of each output's range. float16 has 11 bits of every
#: weight; int8 and dynamic have 8, and the tiny net's ranges are coarse.
TOLERANCES = {"float32": 1e-5, "float16": 2e-3, "dynamic": 0.05, "int8": 0.06}


@pytest.fixture(scope="module")
def images():
    drawn = [draw_fundus(CLASSES[seed % 4], seed=seed) for seed in range(16)]
    return np.stack([prepare(photo, size=(64, 64)) for photo in drawn])


@pytest.fixture(scope="module")
def module(tiny_run):
    return ContractModule(keras.saving.load_model(tiny_run / "model.keras", compile=False))


def test_a_conversion_says_nothing_of_its_normal_course(module, images, capfd):
    make_tflite(module, "int8", images=images[:2])
    assert capfd.readouterr().err == ""


@pytest.fixture(scope="module")
def files(module, images):
    return {kind: make_tflite(module, kind, images=images) for kind in KINDS}


def run_elsewhere(content, images):
    """Run a file as a stranger's program does: by signature, photo by photo, nothing scaled."""
    runner = Interpreter(model_content=content).get_signature_runner("serving_default")
    parts = [runner(**{IMAGE: image[None]}) for image in images]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def same_units(head, *last_convs):
    """Tell for which photos the same hidden units are active."""
    first, second = (
        each.mean(axis=(1, 2)) @ head.hidden.T + head.hidden_bias > 0 for each in last_convs
    )
    return (first == second).all(axis=1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_plain_interpreter_takes_pixels_and_gives_real_numbers_by_name(
    kind, files, module, images
):
    interpreter = Interpreter(model_content=files[kind])
    signature = interpreter.get_signature_list()["serving_default"]
    assert signature["inputs"] == [IMAGE]
    wanted = {PROBABILITIES, LOGITS, LAST_CONV} if kind == "int8" else set(OUTPUTS)
    assert set(signature["outputs"]) == wanted
    details = interpreter.get_signature_runner().get_input_details()[IMAGE]
    assert details["dtype"] == np.uint8
    assert details["quantization"] == ((1.0, 0) if kind == "int8" else (0.0, 0))
    found, expected = run_elsewhere(files[kind], images), module.function(images)
    for name, values in found.items():
        assert values.dtype == np.float32
        reference = expected[name].numpy()
        rows = np.ones(len(images), bool)
        if kind == "float16" and name in (CAM, CAM_BIAS):
            # A hidden unit that rounding switches on or off changes its photo's maps by a step.
            rows = same_units(module.head, found[LAST_CONV], expected[LAST_CONV].numpy())
            assert rows.mean() > 0.8
        np.testing.assert_allclose(
            values[rows], reference[rows], atol=TOLERANCES[kind] * np.ptp(reference), err_msg=name
        )


def test_the_int8_file_sees_grey_levels_and_not_only_what_is_lit(files, images):
    photo = images[:1]
    found, outline = (run_elsewhere(files["int8"], each) for each in (photo, np.minimum(photo, 1)))
    assert not np.array_equal(found[LAST_CONV], outline[LAST_CONV])


def test_each_kind_is_smaller_than_the_one_before(files):
    sizes = [len(files[kind]) for kind in KINDS]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[1] < 0.6 * sizes[0]
    assert sizes[3] < 0.35 * sizes[0]


@pytest.mark.parametrize("kind", ["float32", "float16", "dynamic"])
def test_the_float_kinds_take_several_photos_at_once(kind, files, module, images):
    runner = Interpreter(model_content=files[kind]).get_signature_runner()
    found = runner(**{IMAGE: images[:3]})[PROBABILITIES]
    expected = module.function(images[:3])[PROBABILITIES].numpy()
    np.testing.assert_allclose(found, expected, atol=TOLERANCES[kind])


def test_pixels_stay_pixels_where_no_representative_photo_was_bright(module, images):
    dark = images // 4
    content = make_tflite(module, "int8", images=dark)
    details = Interpreter(model_content=content).get_signature_runner().get_input_details()
    assert details[IMAGE]["quantization"] == (1.0, 0)
    found, expected = run_elsewhere(content, dark), module.function(dark)
    for name in (PROBABILITIES, LAST_CONV):
        reference = expected[name].numpy()
        np.testing.assert_allclose(
            found[name], reference, atol=TOLERANCES["int8"] * np.ptp(reference)
        )


def test_last_conv_and_class_gradients_give_the_heatmap_of_the_int8_file(files, module, images):
    generator = np.random.default_rng(0)
    gradients = generator.normal(size=(4, 32)).astype(np.float32)
    found = fixed_cam(run_elsewhere(files["int8"], images)[LAST_CONV], gradients)
    expected = fixed_cam(module.function(images)[LAST_CONV].numpy(), gradients)
    for photo in range(len(images)):
        for mine, true in zip(found[photo], expected[photo], strict=True):
            assert np.corrcoef(mine.ravel(), true.ravel())[0, 1] > 0.98  # 8 bits of activations


@pytest.mark.parametrize("temperature", [0.5, 3.0])
@pytest.mark.parametrize("kind", KINDS)
def test_a_temperature_can_be_folded_into_every_kind(kind, temperature, files, images):
    twice = fold_temperature(
        fold_temperature(files[kind], 7.0, file_format="tflite"), temperature, file_format="tflite"
    )
    before, after = run_elsewhere(files[kind], images), run_elsewhere(twice, images)
    np.testing.assert_array_equal(after[LOGITS], before[LOGITS])
    np.testing.assert_array_equal(after[LAST_CONV], before[LAST_CONV])
    expected = softmax(before[LOGITS], temperature=temperature)
    # the int8 softmax answers in steps of 1/256 and takes its exponentials from a table
    atol = 1 / 128 if kind == "int8" else 1e-6
    np.testing.assert_allclose(after[PROBABILITIES], expected, atol=atol)
