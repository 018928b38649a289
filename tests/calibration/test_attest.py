"""What calibrate and validate state holds together with what was there before, by hashes alone."""

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

from calibration.calibrate import CalibrationOptions, calibrate_bundle
from calibration.int8.make import Int8Options
from calibration.validation.attest import with_examinations
from calibration.validation.options import Settings, ValidationOptions
from calibration.validation.validate import validate_bundle
from calibration.validation.verdict import record_verdict
from edge_runtime import load_bundle
from edge_runtime.bundle.attestation import figures_of
from edge_runtime.bundle.attestations import ATTESTATIONS, read_attestations
from edge_runtime.bundle.attested import doubts_of
from edge_runtime.bundle.bundle import write_bundle
from edge_runtime.commands.main import main
from edge_runtime.contract import DISCLAIMER, MANIFEST
from tests.conftest import ROOT

QUICK = Settings(rounds=3, processes=1, resamples=50)


@pytest.fixture(scope="module")
def calibrated(exported, dataset, tmp_path_factory):
    target = tmp_path_factory.mktemp("stated") / "int8"
    options = CalibrationOptions(
        photos=16, few_photos=True, int8=Int8Options(evaluations=1), only_int8=True
    )
    calibrate_bundle(exported, dataset, target, options=options)
    return target


@pytest.fixture
def validated(calibrated, exported, dataset, tmp_path):
    """A copy of the calibrated bundle, and what validates it against its original."""

    bundle = shutil.copytree(calibrated, tmp_path / "bundle")

    def validate(**options):
        found = validate_bundle(
            bundle,
            dataset,
            options=ValidationOptions(reference=str(exported), settings=QUICK, **options),
        )
        record_verdict(found, bundle)
        return load_bundle(bundle), found.record

    return validate


def lines(bundle):
    return [json.loads(line) for line in (bundle / ATTESTATIONS).read_text("ascii").splitlines()]


def doubts(loaded):
    return list(doubts_of(read_attestations(loaded), loaded.manifest))


@pytest.mark.parametrize(
    ("module", "frameworks"),
    [("calibration.validation.verdict", "[]"), ("export.attest_run", "['keras', 'tensorflow']")],
)
def test_stating_a_verdict_loads_no_framework(module, frameworks):
    asked = f"import sys, {module}; print([m for m in ('keras', 'tensorflow') if m in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == frameworks


def test_a_calibration_states_of_which_bundle_it_made_which_files(calibrated, exported):
    before, stated = lines(calibrated)
    assert [before] == lines(exported)
    digests = {
        name: hashlib.sha256((calibrated / name).read_bytes()).hexdigest()
        for name in ("model.int8.onnx", "quantization_report.json", "quantization_report.int8.png")
    }
    assert {each["name"]: each["digest"]["sha256"] for each in stated["subject"]} == digests
    how = stated["predicate"]["buildDefinition"]
    assert how["buildType"] == "urn:fundus-edge:calibrate:1"
    asked = how["externalParameters"]
    assert asked["photos"] == 16
    assert asked["sensitivity"] == 0.95
    assert asked["int8"]["targets"] == ["x86"]
    assert asked["gates"]["agreement_min"] == 0.99
    assert "cache" not in asked
    source = load_bundle(exported)
    made_of = {each["name"]: each["digest"]["sha256"] for each in how["resolvedDependencies"]}
    assert made_of.pop("photographs and labels") == source.manifest.origin.dataset.fingerprint
    assert made_of.pop(MANIFEST) == source.identity
    assert made_of == {name: each.sha256 for name, each in source.manifest.files.items()}
    assert stated["predicate"]["fundusedge_disclaimer"] == DISCLAIMER


def test_its_figures_are_those_of_the_manifest_and_all_fits(calibrated):
    loaded = load_bundle(calibrated)
    said = read_attestations(loaded)[1].said
    assert dict(said.figures) == {"int8": figures_of(loaded.manifest.models["int8"])}
    assert said.figures["int8"].thresholds["glaucoma"].threshold >= 0
    assert doubts(loaded) == []


def test_a_validation_states_its_verdict_and_by_what(validated, exported, calibrated):
    loaded, record = validated()
    *before, stated = lines(loaded.path)
    assert before == lines(calibrated)
    assert stated["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    model = loaded.manifest.models["int8"]
    digest = loaded.manifest.files[model.file].sha256
    assert stated["subject"] == [{"name": model.file, "digest": {"sha256": digest}}]
    said = stated["predicate"]
    failed = [gate.name for gate in model.verdict.gates if gate.judged and not gate.holds]
    assert said["result"] == ("FAILED" if failed else said["result"])
    assert said["failedTests"] == failed
    assert len(said["passedTests"] + said["warnedTests"] + failed) == len(model.verdict.gates)
    how, photos, original = said["configuration"]
    assert how["uri"] == "urn:fundus-edge:validate:1"
    assert how["annotations"]["gates"] == dict(record.gates)
    assert how["annotations"]["settings"]["seed"] == 0
    assert photos["digest"]["sha256"] == record.data.fingerprint
    source = load_bundle(exported).manifest.files["model.onnx"].sha256
    assert original["digest"]["sha256"] == source
    assert said["fundusedge_disclaimer"] == DISCLAIMER
    assert doubts(loaded) == []


def test_there_is_one_verdict_of_a_model_however_often_it_is_validated(validated):
    validated()
    loaded, _ = validated()
    assert [each.step for each in read_attestations(loaded)] == ["export", "calibrate", "validate"]
    assert doubts(loaded) == []


def test_statements_go_with_the_verdicts_that_the_manifest_drops(validated):
    loaded, record = validated()
    others = replace(record, models={})  # as if another model had been validated
    assert [each.step for each in with_examinations(others, loaded)] == [
        "export", "calibrate", "validate",
    ]  # fmt: skip
    by_other_limits = replace(others, gates={**record.gates, "agreement_min": 0.5})
    assert [each.step for each in with_examinations(by_other_limits, loaded)] == [
        "export", "calibrate",
    ]  # fmt: skip


def test_statements_that_cant_be_read_are_refused_before_the_work(bundle, tmp_path):
    loaded = load_bundle(bundle)
    files = {name: (bundle / name).read_bytes() for name in loaded.manifest.files}
    write_bundle(bundle, loaded.manifest, {**files, ATTESTATIONS: b"7\n"}, force=True)
    gone = str(tmp_path / "gone")
    for command in (["validate", "--record"], ["calibrate", "--out", str(tmp_path / "out")]):
        ran = CliRunner().invoke(main, [*command, str(bundle), "--data", gone])
        assert ran.exit_code == 1
        assert "attestations.jsonl is not a JSON object, in line 1" in ran.stderr


def test_a_verdict_that_is_no_more_the_manifests_is_told(validated):
    loaded, _ = validated()
    stated, manifest = read_attestations(loaded), loaded.manifest
    model = manifest.models["int8"]
    checks = {name: each for name, each in model.checks.items() if name != "validation"}
    without = replace(manifest, models={"int8": replace(model, checks=checks)})
    assert list(doubts_of(stated, without)) == [
        "validate judged int8, and the manifest has no verdict of it"
    ]
    assert list(doubts_of(stated[:-1], manifest)) == [
        "the manifest has a verdict of int8 that no statement gives"
    ]
    passed = dict(model.checks["validation"]) | {"passed": not model.verdict.passed}
    other = replace(model, checks={**checks, "validation": passed})
    assert list(doubts_of(stated, replace(manifest, models={"int8": other}))) == [
        "the manifest has a verdict of int8 that no statement gives"
    ]


def test_what_is_calibrated_anew_keeps_no_verdict(exported, dataset, tmp_path):
    bundle = tmp_path / "bundle"

    shutil.copytree(exported, bundle)
    found = validate_bundle(bundle, dataset, options=ValidationOptions(settings=QUICK))
    record_verdict(found, bundle)
    assert [each.step for each in read_attestations(load_bundle(bundle))] == ["export", "validate"]
    target = tmp_path / "int8"
    options = CalibrationOptions(photos=16, few_photos=True, int8=Int8Options(evaluations=1))
    calibrate_bundle(bundle, dataset, target, options=options)
    loaded = load_bundle(target)
    assert [each.step for each in read_attestations(loaded)] == ["export", "calibrate"]
    assert doubts(loaded) == []
