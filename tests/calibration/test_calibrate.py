"""The int8 model is made, measured and packed."""

import hashlib
import json
import re
import shutil
from dataclasses import replace

import cv2
import numpy as np
import onnx
import pytest
from click.testing import CliRunner

from calibration.calibrate import CalibrationOptions, calibrate_bundle
from calibration.compare.agreement import agreement
from calibration.confidence.temperature import fit_temperature
from calibration.int8.make import Int8Options
from calibration.int8.variants import ALL_METHODS
from calibration.models.evaluation_set import read_evaluation_set
from calibration.models.model_under_test import Outputs, open_model, run_model, softmax
from edge_runtime import Classifier, load_bundle
from edge_runtime.bundle.thresholds import MeasuredOn
from edge_runtime.commands.main import main
from edge_runtime.contract import LOGITS, PROBABILITIES
from edge_runtime.engine.open import open_session
from edge_runtime.engine.options import EngineOptions
from edge_runtime.errors import OutputExistsError, UnknownNameError
from train.errors import DatasetError

SMALL = CalibrationOptions(photos=16, seed=0, few_photos=True)


@pytest.fixture(scope="module")
def quantised(exported, dataset, tmp_path_factory):
    target = tmp_path_factory.mktemp("quantised") / "int8"
    whole = Int8Options(evaluations=1)  # a search would put layers of this tiny model into float
    options = replace(SMALL, int8=whole, only_int8=True)
    calibrate_bundle(exported, dataset, target, options=options)
    return target


def test_the_device_bundle_holds_the_int8_model_alone_with_its_agreement(quantised):
    manifest = load_bundle(quantised).manifest
    assert list(manifest.models) == ["int8"] == [manifest.default_model]
    entry = manifest.models["int8"]
    assert entry.checks["calibration"]["photos"] == 16
    assert entry.checks["agreement_val_dir"]["photos"] == 12
    assert 0 <= entry.checks["agreement_test_dir"]["top1"] <= 1


def test_the_backbone_is_quantised_and_head_and_maps_are_not(quantised, photo_file):
    proto = onnx.load(quantised / "model.int8.onnx")
    made_by = {name: node for node in proto.graph.node for name in node.output}
    for node in proto.graph.node:
        sources = {made_by[name].op_type for name in node.input if name in made_by}
        if node.op_type == "Conv" and "conv5" in node.name:
            assert sources == {"DequantizeLinear"}
        if node.op_type == "MatMul":
            assert "DequantizeLinear" not in sources
    weights = [i for i in proto.graph.initializer if i.data_type == onnx.TensorProto.INT8]
    values = np.concatenate([onnx.numpy_helper.to_array(w).ravel() for w in weights])
    assert np.abs(values.astype(int)).max() <= 64  # 7 bits: no saturation without VNNI
    gap = Classifier(load_bundle(quantised)).predict(photo_file).completeness_gap
    assert max(map(abs, gap.values())) < 1e-4  # float32 sums: the map is still exact


def test_other_data_and_an_existing_bundle_are_refused(exported, dataset, quantised, tmp_path):
    with pytest.raises(OutputExistsError):
        calibrate_bundle(exported, dataset, quantised, options=SMALL)
    with pytest.raises(DatasetError, match="isn't the dataset"):
        calibrate_bundle(exported, dataset / "train_dir", tmp_path / "x", options=SMALL)


def test_agreement_counts_what_differs():
    maps = np.random.default_rng(0).random((2, 2, 3, 3)).astype(np.float32)
    first = Outputs(np.array([[0.9, 0.1], [0.6, 0.4]]), None, maps)
    second = Outputs(np.array([[0.8, 0.2], [0.4, 0.6]]), None, maps)
    found = agreement(first, second)
    assert found.top1 == 0.5
    assert found.probability_difference_max == pytest.approx(0.2)
    assert found.cam_correlation_median == 1


def test_every_target_is_searched_within_its_bounds_and_reported(exported, dataset, tmp_path):
    gates = tmp_path / "gates.json"
    gates.write_text('{"agreement_min": 2}', "utf-8")  # nothing holds it
    target = tmp_path / "all"
    options = ("--method", "auto", "--evaluations", "6", "--photos", "16", "--few-photos")
    arguments = [str(exported), "--data", str(dataset), "--out", str(target), "--gates", str(gates)]
    result = CliRunner().invoke(main, ["calibrate", *arguments, "--target", "all", *options])
    assert result.exit_code == 0, result.output
    assert not re.search(r"[\[\]{}'\"]|\([^ ]+, ", result.stdout)  # it is for people
    interval = r"int8, confidence: .*temperature interval [0-9.]+ to [0-9.]+\n"
    assert re.search(interval, result.stdout)
    bundle = load_bundle(target)
    report = json.loads((target / "quantization_report.json").read_text("utf-8"))["models"]
    assert list(report) == ["int8", "int8-x86-vnni", "int8-arm64"]
    for name, found in report.items():
        entry = bundle.manifest.models[name]
        assert entry.target == found["target"]
        assert len(found["trials"]) == 6
        assert [trial["method"] for trial in found["trials"][:5]] == list(ALL_METHODS)
        assert not any(trial["passed"] for trial in found["trials"])
        distances = [trial["probability_difference_mean"] for trial in found["trials"]]
        assert max(distances) < 0.1
        assert found["reason"] == entry.checks["calibration"]["reason"]
        assert found["reason"].endswith("still misses agreement_min")
        assert entry.checks["calibration"]["layers_in_float"] == len(found["layers_in_float"])
        assert len(found["layers"]) == 8
        assert entry.thresholds.measured_on.model == name
        told = f"{name}, referral of glaucoma: threshold 0.0000, sensitivity 1.000 ("
        assert told in result.stdout
        assert f"{name}, referral by the lowest threshold: specificity 0.000 (" in result.stdout
        assert cv2.imread(str(target / f"quantization_report.{name}.png")) is not None
    every = "3 of cataract and 3 of diabetic_retinopathy and 3 of glaucoma"
    assert f"too few photos in val_dir, {every}: a sensitivity of 95.0% needs 19" in result.stderr
    digests = {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (dataset / "train_dir").rglob("*.*")
    }
    assert set(bundle.manifest.origin.representative.sha256) <= digests
    assert bundle.manifest.gates["agreement_min"] == 2
    again = tmp_path / "again"
    calibrate_bundle(target, dataset, again, options=replace(SMALL, only_int8=True))
    assert not list(again.glob("quantization_report.int8-*"))


def test_a_bundle_can_be_calibrated_in_its_own_place(exported, dataset, tmp_path):
    place = shutil.copytree(exported, tmp_path / "bundle")
    calibrate_bundle(place, dataset, place, options=SMALL, force=True)
    models = load_bundle(place).manifest.models
    assert list(models) == ["float32", "float32-tflite", "int8"]
    assert models["int8"].checks


def test_a_failure_while_measuring_leaves_the_target_as_it_was(
    exported, dataset, tmp_path, monkeypatch
):
    def fail(*_args):
        raise RuntimeError("stopped")

    monkeypatch.setattr("calibration.int8.measure.agreement", fail)
    place = shutil.copytree(exported, tmp_path / "bundle")
    before = load_bundle(place).identity
    for target, force in ((place, True), (tmp_path / "new", False)):
        with pytest.raises(RuntimeError, match="stopped"):
            calibrate_bundle(exported, dataset, target, options=SMALL, force=force)
    assert load_bundle(place).identity == before
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_each_model_has_its_own_temperature_and_thresholds_in_the_manifest_and_its_file(
    exported, dataset, tmp_path
):
    target = tmp_path / "bundle"
    calibrate_bundle(exported, dataset, target, options=replace(SMALL, sensitivity=0.6))
    bundle = load_bundle(target)
    manifest = bundle.manifest
    assert manifest.temperature != 1
    image = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), np.uint8)
    for name in manifest.models:
        outputs = open_session(bundle, EngineOptions(model=name)).run(
            image, (PROBABILITIES, LOGITS)
        )
        np.testing.assert_allclose(
            outputs[PROBABILITIES],
            softmax(outputs[LOGITS], temperature=manifest.models[name].temperature),
            atol=1e-6,  # float32
        )
    found = {name: entry.temperature for name, entry in manifest.models.items()}
    assert manifest.temperature == found["int8"] != found["float32"]
    assert found["float32-tflite"] == pytest.approx(found["float32"], rel=1e-3)  # float32
    data = read_evaluation_set(dataset, split="val_dir", classes=manifest.classes)
    for name in ("float32", "int8"):
        said = run_model(
            open_model(bundle, name, threads=1),
            data.images((64, 64)),
            data.classes,
        )
        assert found[name] == pytest.approx(fit_temperature(said.logits, data.labels), rel=1e-3)
        own = manifest.models[name].thresholds
        assert own.measured_on == MeasuredOn(name, "val_dir", 12)
        assert manifest.models[name].checks["confidence"]["photos"] == 12
    thresholds = manifest.thresholds
    assert thresholds.no_referral == ("normal",)
    assert thresholds.measured_on == MeasuredOn("int8", "val_dir", 12)
    assert set(thresholds.classes) == set(manifest.classes) - {"normal"}
    assert all(0 <= entry.threshold <= 1 for entry in thresholds.classes.values())
    assert thresholds == manifest.models["int8"].thresholds
    card = (target / "MODEL_CARD.md").read_text("utf-8")
    assert "| class | threshold | sensitivity | its specificity | photographs |" in card
    own = thresholds.classes["glaucoma"]
    low, high = own.specificity_interval
    assert f" | {own.specificity:.3f} ({low:.3f} to {high:.3f}) | 3 |" in card
    assert card.index("## Referral\n") < card.index("### Referral by float32\n")
    assert "### Referral by int8" not in card  # it is the default, and stands first


def test_too_few_photos_leave_the_bundle_without_thresholds(exported, dataset, tmp_path):
    target = tmp_path / "bundle"
    options = ("--photos", "16", "--evaluations", "1", "--only-int8")
    arguments = ["calibrate", str(exported), "--data", str(dataset), "--out", str(target)]
    result = CliRunner().invoke(main, [*arguments, *options])
    assert result.exit_code == 0, result.output
    assert "3 of glaucoma: a sensitivity of 95.0% needs 19 of each class" in result.stderr
    assert "no referral thresholds: val_dir has too few photos of a class" in result.stderr
    manifest = load_bundle(target).manifest
    assert manifest.thresholds is None
    assert manifest.models["int8"].thresholds is None
    assert manifest.models["int8"].temperature == manifest.temperature != 1


def test_the_classes_that_need_no_referral_can_be_named(exported, dataset, tmp_path):
    chosen = replace(SMALL, no_referral=("cataract", "normal"))
    calibrate_bundle(exported, dataset, tmp_path / "b", options=chosen)
    assert load_bundle(tmp_path / "b").manifest.thresholds.no_referral == ("cataract", "normal")
    with pytest.raises(UnknownNameError, match="unknown class 'healthy'"):
        calibrate_bundle(
            exported, dataset, tmp_path / "c", options=replace(SMALL, no_referral=("healthy",))
        )
