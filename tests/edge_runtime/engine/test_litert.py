"""TFLite models run behind the same session, with their overlay, and only where asked for."""

import builtins
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import interpreter
from make_fundus import CLASSES, draw_fundus

from edge_runtime import Classifier, load_bundle
from edge_runtime.bundle.bundle import write_bundle
from edge_runtime.contract import IMAGE, LAST_CONV, LOGITS, OUTPUTS, PROBABILITIES
from edge_runtime.engine.open import open_session
from edge_runtime.engine.options import EngineOptions
from edge_runtime.errors import BundleInvalidError, MissingExtraError, UnknownNameError
from edge_runtime.photo.round_field import prepare
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def images():
    drawn = [draw_fundus(CLASSES[seed % 4], seed=seed) for seed in range(8)]
    return np.stack([prepare(photo, size=(64, 64)) for photo in drawn])


def test_the_float_file_gives_every_output_that_onnx_gives(exported, images):
    bundle = load_bundle(exported)
    onnx, tflite = (
        open_session(bundle, EngineOptions(model=name)) for name in ("float32", "float32-tflite")
    )
    assert tflite.outputs == onnx.outputs == set(OUTPUTS)
    first, second = onnx.run(images[:3], OUTPUTS), tflite.run(images[:3], OUTPUTS)
    for name in OUTPUTS:
        # float32 sums in another order, as a share of each output's own range
        np.testing.assert_allclose(second[name], first[name], atol=1e-4 * np.ptp(first[name]))


def test_litert_says_nothing_of_its_normal_course(exported, photo_file):
    code = (
        "import sys\nfrom edge_runtime import Classifier, load_bundle\n"
        "Classifier(load_bundle(sys.argv[1]), model='float32-tflite', quality_gate=False)"
        ".predict(sys.argv[2])"
    )
    ran = subprocess.run(  # LiteRT says it once in a process
        [sys.executable, "-c", code, str(exported), str(photo_file)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.stderr == ""


def test_what_else_litert_says_is_shown(exported, capfd, monkeypatch):
    class Loud(interpreter.Interpreter):
        def __init__(self, **options):
            os.write(2, b"ERROR: no memory for a delegate\n")
            super().__init__(**options)

    monkeypatch.setattr(interpreter, "Interpreter", Loud)
    open_session(load_bundle(exported), EngineOptions(model="float32-tflite"))
    assert capfd.readouterr().err == "ERROR: no memory for a delegate\n"


@pytest.mark.parametrize(
    ("name", "tolerance"),
    # int8 probabilities come in steps of 1/256, and the tiny net's ranges are coarse
    [("float", 1e-5), ("uint8", 0.1), ("int8", 0.1)],
)
def test_whatever_its_types_a_file_takes_pixels_and_gives_real_numbers(
    name, tolerance, device_bundle, images
):
    bundle = load_bundle(device_bundle)
    session = open_session(bundle, EngineOptions(model=name))
    assert session.outputs == {PROBABILITIES, LAST_CONV}
    found = session.run(images, (LAST_CONV, PROBABILITIES))
    expected = open_session(bundle, EngineOptions(model="float32")).run(
        images, (LAST_CONV, PROBABILITIES)
    )
    for output, values in found.items():
        assert values.dtype == np.float32
        assert values.shape == expected[output].shape
        scale = np.ptp(expected[output])
        np.testing.assert_allclose(values, expected[output], atol=tolerance * scale)


def test_a_quantised_model_of_two_outputs_is_explained_by_the_constant_gradients(
    device_bundle, photo_file
):
    bundle = load_bundle(device_bundle)
    prediction = Classifier(bundle, model="uint8").predict(photo_file)
    assert prediction.gradients == "fixed"
    assert prediction.logits is None
    assert prediction.completeness_gap is None
    fixed = Classifier(bundle, model="float32", gradients="fixed").predict(photo_file)
    # eight bits of activations: the map keeps its form
    assert np.corrcoef(prediction.cam.ravel(), fixed.cam.ravel())[0, 1] > 0.98
    with pytest.raises(UnknownNameError, match="gradients mode of uint8"):
        Classifier(bundle, model="uint8", gradients="exact")


@pytest.mark.parametrize("model", ["uint8", "uint8.tflite"])
def test_predict_takes_a_models_name_or_its_files_name(model, device_bundle, photo_file, tmp_path):
    options = ["--bundle", device_bundle, "--model", model, "--out", tmp_path / "out", "--json"]
    run = "import sys; from edge_runtime.commands.main import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", run, "predict", *map(str, [photo_file, *options])]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    record = json.loads(ran.stdout)
    assert record["model"]["name"] == "uint8"
    assert record["gradients"] == "fixed"
    assert record["logits"] is None
    assert (tmp_path / "out" / record["explanations"][0]["overlay"]).is_file()
    assert (tmp_path / "out" / "report.html").is_file()


def test_a_missing_engine_names_the_extra(exported, monkeypatch):
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.startswith("ai_edge_litert"):
            raise ModuleNotFoundError(f"No module named '{name}'", name="ai_edge_litert")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtraError, match=r"\.\[tflite\]"):
        open_session(load_bundle(exported), EngineOptions(model="float32-tflite"))
    open_session(load_bundle(exported), EngineOptions(model="float32"))


def with_file(exported, target, content):
    manifest = load_bundle(exported).manifest
    files = {name: exported / name for name in manifest.files}
    write_bundle(target, manifest, files | {"model.tflite": content})
    return load_bundle(target)


def test_a_file_that_is_no_tflite_model_is_refused(exported, tmp_path):
    bundle = with_file(exported, tmp_path / "b", b"no model at all")
    with pytest.raises(BundleInvalidError, match=r"model\.tflite can't be loaded by LiteRT"):
        open_session(bundle, EngineOptions(model="float32-tflite"))


def test_a_file_with_another_signature_is_refused(exported, tmp_path):
    @tf.function(input_signature=[tf.TensorSpec((1, 64, 64, 3), tf.float32, name=IMAGE)])
    def serve(image):
        return {PROBABILITIES: tf.nn.softmax(tf.reduce_mean(image, axis=(1, 2)))}

    module = tf.Module()
    module.serve = serve
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures={"serving_default": serve})
    content = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "saved")).convert()
    bundle = with_file(exported, tmp_path / "b", content)
    with pytest.raises(BundleInvalidError, match="has no output 'last_conv'"):
        open_session(bundle, EngineOptions(model="float32-tflite"))


def test_a_file_for_other_classes_is_refused(exported, tmp_path):
    @tf.function(input_signature=[tf.TensorSpec((1, 64, 64, 3), tf.float32, name=IMAGE)])
    def serve(image):
        pooled = tf.nn.avg_pool2d(image, 8, 8, "VALID")
        maps = tf.tile(pooled, (1, 1, 1, 11))[..., :32]
        return {PROBABILITIES: tf.reduce_mean(image, axis=(1, 2)), LAST_CONV: maps}

    module = tf.Module()
    module.serve = serve
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures={"serving_default": serve})
    content = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "saved")).convert()
    bundle = with_file(exported, tmp_path / "b", content)
    with pytest.raises(BundleInvalidError, match="'probabilities' of float32"):
        open_session(bundle, EngineOptions(model="float32-tflite"))


def test_logits_are_shown_in_fixed_mode_where_the_model_has_them(exported, photo_file):
    classifier = Classifier(load_bundle(exported), model="float32-tflite", gradients="fixed")
    assert LOGITS in classifier.session.outputs
    assert classifier.predict(photo_file).logits is not None
