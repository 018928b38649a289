"""TFLite models join a bundle measured, run like any other, and are judged like any other."""

import json
import shutil
from dataclasses import replace

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from calibration.calibrate import CalibrationOptions, calibrate_bundle
from calibration.familiarity.learn import Learned
from calibration.models.keras_source import open_original
from calibration.models.model_under_test import softmax
from calibration.tflite.add import TFLITE_MODELS, TfliteOptions
from calibration.tflite.convert import KINDS
from calibration.validation.options import Settings, ValidationOptions
from calibration.validation.validate import validate_bundle
from edge_runtime import Classifier, load_bundle
from edge_runtime.bundle.average_maps import AVERAGE_MAPS, AverageMapsEntry, pack_average_maps
from edge_runtime.bundle.bundle import write_bundle
from edge_runtime.bundle.familiarity import FAMILIARITY, Familiarity, FamiliarityEntry
from edge_runtime.commands.main import main
from edge_runtime.contract import LOGITS, PROBABILITIES
from edge_runtime.engine.open import open_session
from edge_runtime.engine.options import EngineOptions
from tests.tiny import tiny_backbone
from train.errors import RunInvalidError
from train.network.model import build_model

NAMES = [name for name, _ in TFLITE_MODELS.values()]


@pytest.fixture(scope="module")
def made(exported, dataset, tiny_run, tmp_path_factory):
    """The tiny bundle calibrated, with TFLite models of every kind, as if from many photographs."""
    folder = tmp_path_factory.mktemp("tflite")
    source, target = shutil.copytree(exported, folder / "source"), folder / "bundle"
    add_average_maps(source)
    options = CalibrationOptions(
        photos=16, seed=0, few_photos=True, tflite=TfliteOptions(KINDS, tiny_run)
    )
    features = load_bundle(exported).manifest.feature_shape[2]
    with pytest.MonkeyPatch.context() as patch:
        known = learned(features)
        patch.setattr("calibration.calibrate.learn_familiarity", lambda *_, **__: known)
        calibrate_bundle(source, dataset, target, options=options)
    return target


def add_average_maps(path):
    bundle = load_bundle(path)
    names = bundle.manifest.classes
    entry = AverageMapsEntry(AVERAGE_MAPS, "float32", dict.fromkeys(names, 12))
    files = {name: path / name for name in bundle.manifest.files}
    files[AVERAGE_MAPS] = pack_average_maps({name: np.ones((4, 4), np.float32) for name in names})
    write_bundle(path, replace(bundle.manifest, average_maps=entry), files, force=True)


def learned(features):
    """To which every photograph is familiar."""
    none = np.zeros(features, np.float32)
    direction = np.zeros((1, features), np.int8)
    scales, distances = np.ones(1, np.float32), np.linspace(0, 1, 11, dtype=np.float32)
    known = Familiarity(none, direction, scales, 1e12, none, -1.0, 1.0, distances)
    return Learned(FamiliarityEntry(FAMILIARITY, 24, 12), known)


def test_the_bundle_keeps_what_is_familiar_and_no_average_of_another_model(made):
    bundle = load_bundle(made)
    assert bundle.familiarity is not None
    assert bundle.manifest.average_maps is None
    assert AVERAGE_MAPS not in bundle.manifest.files


def test_every_kind_is_a_model_with_its_agreement_and_metrics(made):
    manifest = load_bundle(made).manifest
    assert manifest.default_model == "int8"
    assert list(manifest.models) == ["float32", "float32-tflite", "int8", *NAMES[1:]]
    for kind, (name, file) in TFLITE_MODELS.items():
        entry = manifest.models[name]
        assert (entry.file, entry.format, entry.precision) == (file, "tflite", kind)
        assert entry.target == ""
        for split in ("val_dir", "test_dir"):
            found = entry.checks[f"agreement_{split}"]
            assert found["photos"] == 12 == entry.metrics[split].photos
            assert found["gradients"] == ("fixed" if kind == "int8" else "exact")
            # a part in 1e5 of rounding in float32, in 8 bits some hundredths
            assert found["probability_difference_max"] <= (0.15 if kind != "float32" else 1e-4)
            assert found["top1"] == 1 or kind in ("dynamic", "int8")
    assert manifest.models["tflite-int8"].checks["calibration"]["photos"] == 16
    card = (made / "MODEL_CARD.md").read_text("utf-8")
    assert "| tflite-int8 | tflite | int8 | 64 x 64 pixels |" in card


def test_each_models_temperature_is_in_its_file(made):
    bundle = load_bundle(made)
    temperatures = {name: bundle.manifest.models[name].temperature for name in NAMES}
    assert all(abs(found - 1) > 0.01 for found in temperatures.values())
    assert len(set(temperatures.values())) == len(NAMES)
    image = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), np.uint8)
    for name in NAMES:
        found = open_session(bundle, EngineOptions(model=name)).run(image, (PROBABILITIES, LOGITS))
        expected = softmax(found[LOGITS], temperature=temperatures[name])
        # float32; the int8 softmax answers in steps of 1/256
        atol = 1 / 128 if name == "tflite-int8" else 1e-6
        np.testing.assert_allclose(found[PROBABILITIES], expected, atol=atol)


@pytest.mark.parametrize("name", [*NAMES, "int8.tflite"])
def test_predict_runs_each_with_its_overlay(name, made, photo_file, tmp_path):
    command = ["predict", photo_file, "--bundle", made, "--model", name, "--out", tmp_path / "out"]
    ran = CliRunner().invoke(main, [*map(str, command), "--json"])
    assert ran.exit_code == 0, ran.stderr
    record = json.loads(ran.stdout)
    float32 = Classifier(load_bundle(made), model="float32").predict(photo_file)
    assert record["class"] == float32.class_name
    assert record["referral"]["refer"] in (True, False)
    assert (tmp_path / "out" / record["explanations"][0]["overlay"]).is_file()


def test_validate_judges_each(made, dataset, tmp_path):
    gates = tmp_path / "gates.json"
    gates.write_text('{"specificity_min": 0}', "utf-8")  # so few photos refer everybody
    settings = Settings(rounds=3, processes=1, resamples=50)
    options = ValidationOptions(gates=gates, settings=settings)
    found = validate_bundle(made, dataset, options=options)
    models = found.record.models
    assert set(NAMES) <= set(models)
    assert models["float32-tflite"].passed
    assert models["tflite-float16"].passed
    for name in NAMES:
        assert len(models[name].gates) >= 6


def test_a_device_bundle_can_have_tflite_alone_beside_int8(exported, dataset, tiny_run, tmp_path):
    tflite = TfliteOptions(("int8", "int8"), tiny_run / "model.keras")
    options = CalibrationOptions(photos=16, seed=0, only_int8=True, tflite=tflite)
    calibrate_bundle(exported, dataset, tmp_path / "bundle", options=options)
    assert list(load_bundle(tmp_path / "bundle").manifest.models) == ["int8", "tflite-int8"]


@pytest.fixture
def photos():
    return np.random.default_rng(1).integers(0, 256, (8, 64, 64, 3), np.uint8)


def changed(model, layer, factor):
    weights = model.get_layer(layer).get_weights()
    model.get_layer(layer).set_weights([weights[0] * factor, *weights[1:]])
    return model


def others(original):
    """Models that aren't the one of the bundle, and what is said of each."""
    yield changed(original, "logits", 1.001), r"on 8 photos its logits differ .* by up to"
    backbone = tiny_backbone((64, 64), seed=1)
    yield build_model(classes=4, size=(64, 64), weights="none", backbone=backbone), "differ"
    small = tiny_backbone((32, 32))
    yield (
        build_model(classes=3, size=(32, 32), weights="none", backbone=small),
        "it takes 32 x 32 pixels and tells 3 classes, not 64 x 64 and 4",
    )
    yield backbone, "isn't a model of 'fundus-edge train'"


@pytest.mark.parametrize("case", range(4))
def test_another_keras_model_is_refused(case, exported, tiny_run, photos, tmp_path):
    original = keras.saving.load_model(tiny_run / "model.keras", compile=False)
    model, sentence = list(others(original))[case]
    model.save(tmp_path / "model.keras")
    with pytest.raises(RunInvalidError, match=sentence):
        open_original(tmp_path, load_bundle(exported), model="float32", images=photos)


def test_what_is_no_keras_model_is_refused(exported, photos, tmp_path):
    bundle = load_bundle(exported)
    with pytest.raises(RunInvalidError, match=r"no model\.keras here; expected the run folder"):
        open_original(tmp_path, bundle, model="float32", images=photos)
    (tmp_path / "model.keras").write_bytes(b"PK\3\4 not a model")
    with pytest.raises(RunInvalidError, match="can't be loaded by Keras"):
        open_original(tmp_path, bundle, model="float32", images=photos)


def test_the_right_model_is_taken_after_the_bundle_was_calibrated(made, tiny_run, photos):
    module = open_original(tiny_run, load_bundle(made), model="float32", images=photos)
    assert module.signature.shape[1:] == (64, 64, 3)


def test_the_command_refuses_a_wrong_model_and_leaves_no_bundle(
    exported, dataset, tiny_run, tmp_path
):
    run = tmp_path / "run"
    shutil.copytree(tiny_run, run)
    model = keras.saving.load_model(run / "model.keras", compile=False)
    changed(model, "hidden", 1.1).save(run / "model.keras")
    command = ["calibrate", exported, "--data", dataset, "--out", tmp_path / "bundle",
               "--photos", "8", "--tflite", "int8", "--keras", run]  # fmt: skip
    ran = CliRunner().invoke(main, [*map(str, command)])
    assert ran.exit_code == 1
    assert ran.stderr.splitlines()[-1].startswith("Error: ")
    assert "isn't the model that the bundle was exported from" in ran.stderr
    assert not (tmp_path / "bundle").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--tflite", "int8"], "--tflite needs --keras, the run folder or model.keras"),
        (["--keras", "run"], "--keras is for TFLite models: name their kinds by --tflite"),
        (["--tflite", "int4", "--keras", "run"], "'int4' is not one of"),
    ],
)
def test_wrong_options_are_usage_errors(options, sentence, exported, dataset, tmp_path):
    command = ["calibrate", str(exported), "--data", str(dataset), "--out", str(tmp_path / "b")]
    ran = CliRunner().invoke(main, [*command, *options])
    assert ran.exit_code == 2
    assert sentence in ran.stderr


def test_all_means_every_kind_and_the_figures_are_printed(
    exported, dataset, tiny_run, tmp_path, monkeypatch
):
    asked = {}

    def stand_in(*_args, options, **_others):
        asked["wish"] = options.tflite
        manifest = load_bundle(exported).manifest
        entry = replace(manifest.models["float32"], checks={"agreement_val_dir": {"top1": 0.5}})
        names = ["int8", *NAMES]
        return replace(manifest, models=dict.fromkeys(names, entry))

    monkeypatch.setattr("calibration.calibrate.calibrate_bundle", stand_in)
    command = ["calibrate", exported, "--data", dataset, "--out", tmp_path / "b",
               "--tflite", "all", "--keras", tiny_run]  # fmt: skip
    ran = CliRunner().invoke(main, [*map(str, command)])
    assert ran.exit_code == 0, ran.stderr
    assert asked["wish"] == TfliteOptions(KINDS, tiny_run)
    for name in NAMES:
        assert f"{name}, agreement val dir: top1 0.5" in ran.stdout
