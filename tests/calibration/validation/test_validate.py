"""A model like its original passes, a harmed one doesn't, and both are told with reasons."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import onnx
import pytest
from click.testing import CliRunner

from calibration.compare.gates import GATES
from calibration.confidence.fold import fold_temperature
from calibration.errors import GatesError, NoReferenceError, NothingToValidateError
from calibration.models.evaluation_set import read_evaluation_set
from calibration.validation.options import Settings, ValidationOptions
from calibration.validation.page import validation_page
from calibration.validation.record import ORIGINAL, ValidationRecord
from calibration.validation.validate import validate_bundle
from calibration.validation.verdict import record_verdict, to_json, write_validation
from edge_runtime import load_bundle
from edge_runtime.bundle.bundle import GRADIENTS, write_bundle
from edge_runtime.bundle.manifest import ModelEntry
from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.bundle.thresholds import ClassThreshold, Thresholds
from edge_runtime.commands.main import main
from edge_runtime.contract import CAM, CAM_BIAS, LOGITS, PROBABILITIES
from edge_runtime.errors import BundleInvalidError, OutputExistsError
from edge_runtime.photo import prepare
from edge_runtime.photo.decode import decode_photo, read_photo
from edge_runtime.photo.quality import measure
from edge_runtime.photo.round_field import round_field
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.screening import screen
from edge_runtime.system.codec import parse, plain, read
from export.gradients import pack
from tests.conftest import ROOT
from train.data import dataset as train_dataset
from train.data.dataset import load_photos
from train.errors import DatasetError

QUICK = ValidationOptions(settings=Settings(rounds=3, processes=1, resamples=50))
TFLITE = "float32-tflite"
DATA = Path(os.environ.get("FUNDUS_EDGE_DATA", ROOT.parent / "shared" / "data"))


def roll_classes(content, count=4):
    """Give every class the answer of the one before it, as a wrong class order would."""
    proto = onnx.load_model_from_string(content)
    order = onnx.numpy_helper.from_array(np.roll(np.arange(count), 1), "wrong_order")
    proto.graph.initializer.append(order)
    for name in (PROBABILITIES, LOGITS, CAM, CAM_BIAS):
        for node in proto.graph.node:
            for names in (node.input, node.output):
                for position, found in enumerate(names):
                    if found == name:
                        names[position] = f"{name}_right"
        proto.graph.node.append(
            onnx.helper.make_node("Gather", [f"{name}_right", "wrong_order"], [name], axis=1)
        )
    return proto.SerializeToString()


def change_weights(content, layer, change):
    """Change the first tensor of more than one dimension that a layer's convolution reads."""
    proto = onnx.load_model_from_string(content)
    made_by = {name: node for node in proto.graph.node for name in node.output}
    (convolution,) = (n for n in proto.graph.node if n.op_type == "Conv" and layer in n.name)
    source = convolution.input[1]
    while source in made_by:  # through the dequantisation of an int8 model
        source = made_by[source].input[0]
    (tensor,) = (t for t in proto.graph.initializer if t.name == source)
    values = onnx.numpy_helper.to_array(tensor)
    changed = np.asarray(change(values), values.dtype)
    tensor.CopyFrom(onnx.numpy_helper.from_array(changed, source))
    return proto.SerializeToString()


def noise(values, share=0.5):
    """Add noise of half the weights' own spread, or another share of it."""
    generator = np.random.default_rng(0)
    noisy = values + generator.normal(0, share * values.std(), values.shape)
    if values.dtype == np.int8:
        noisy = np.clip(np.rint(noisy), -64, 64)
    return noisy


HARMS = {
    "wrong order": roll_classes,
    "noise in a layer": lambda content: change_weights(content, "conv5_block1_2_conv", noise),
    "noise of a twentieth in a layer": lambda content: change_weights(
        content, "conv4_block1_1_conv", lambda values: noise(values, 0.05)
    ),
    "dead": lambda content: change_weights(
        content, "conv5_block1_2_conv", lambda values: np.full_like(values, np.nan)
    ),
    "all weights at zero": lambda content: change_weights(
        change_weights(content, "conv5_block1_2_conv", np.zeros_like),
        "conv5_block1_0_conv",
        np.zeros_like,
    ),
    "overheated": lambda content: fold_temperature(content, 1e-3, file_format="onnx"),
}


def with_model(source, target, content, *, reference="float32"):
    """Write a bundle of an original and one model to validate."""
    manifest = load_bundle(source).manifest
    original = manifest.models[reference]
    models = {reference: original, "changed": ModelEntry("changed.onnx", "onnx", "int8")}
    files = {name: source / name for name in (original.file, manifest.gradients.file)}
    write_bundle(
        target,
        replace(
            manifest,
            models=models,
            default_model=reference,
            familiarity=None,
            average_maps=None,
        ),
        files | {"changed.onnx": content},
    )
    return target


@pytest.fixture(scope="module")
def validation(exported, dataset):
    """Of the tiny bundle's TFLite model, which is the float32 ONNX model in another format."""
    return validate_bundle(exported, dataset, options=QUICK)


def missed(validation, model="changed"):
    return {gate.name for gate in validation.record.models[model].gates if not gate.holds}


def test_the_same_model_in_another_format_passes(validation):
    entry = validation.record.models["float32-tflite"]
    assert validation.record.passed
    assert entry.passed
    assert missed(validation, "float32-tflite") == set()
    assert entry.agreement.top1 == 1
    assert entry.explanation.measures["iou"].median == 1
    assert entry.explanation.photos == 12
    assert entry.weights.sqnr_db == 200  # the very same numbers


@pytest.mark.parametrize(
    ("harm", "gates"),
    [
        ("wrong order", {"agreement_min", "drift_correlation_min"}),
        ("noise in a layer", {"drift_correlation_min", "drift_iou_min", "weights_sqnr_min"}),
        ("noise of a twentieth in a layer", {"weights_sqnr_min"}),
        ("all weights at zero", {"drift_correlation_min", "drift_iou_min", "weights_sqnr_min"}),
        ("overheated", {"ece_rise_max"}),
    ],
)
def test_a_harmed_model_fails(harm, gates, exported, dataset, tmp_path):
    content = HARMS[harm]((exported / "model.onnx").read_bytes())
    bundle = with_model(exported, tmp_path / "bundle", content)
    found = validate_bundle(bundle, dataset, options=QUICK)
    assert not found.record.passed
    assert missed(found) >= gates
    to_json(found.record)
    write_validation(found, tmp_path / "out")  # the page can be written of anything


def test_a_model_whose_answers_arent_numbers_is_refused_by_name(exported, dataset, tmp_path):
    content = HARMS["dead"]((exported / "model.onnx").read_bytes())
    bundle = with_model(exported, tmp_path / "bundle", content)
    result = run(bundle, "--data", dataset, "--out", tmp_path / "out", "--record")
    assert result.exit_code == 1
    assert "Error: model 'changed' answered with 'probabilities' that isn't" in result.output
    assert not (tmp_path / "out").exists()


THRESHOLDS = {"cataract": 0.5, "diabetic_retinopathy": 0.4, "glaucoma": 0.6}


def with_thresholds(source, target, limits=THRESHOLDS):
    """Copy a bundle and give it thresholds."""
    found = {name: ClassThreshold(limit) for name, limit in limits.items()}
    manifest = load_bundle(source).manifest
    thresholds = Thresholds(("normal",), 0.9, found)
    files = {name: source / name for name in manifest.files}
    write_bundle(target, replace(manifest, thresholds=thresholds), files)
    return target


def test_thresholds_that_refer_all_the_healthy_miss_the_gate(exported, dataset, tmp_path):
    bundle = with_thresholds(exported, tmp_path / "b", dict.fromkeys(THRESHOLDS, 0.0))
    found = validate_bundle(bundle, dataset, options=QUICK)
    assert missed(found, "float32-tflite") == {"specificity_min"}
    record_verdict(found, bundle)
    assert load_bundle(bundle).manifest.models["float32-tflite"].verdict.passed is False


def test_thresholds_and_limits_that_change_behind_the_verdict_are_refused(
    exported, dataset, tmp_path
):
    bundle = with_thresholds(exported, tmp_path / "b")
    loose = tmp_path / "gates.json"
    loose.write_text(json.dumps({"specificity_min": 0}))
    found = validate_bundle(bundle, dataset, options=replace(QUICK, gates=loose))
    record_verdict(found, bundle)
    verdict = load_bundle(bundle).manifest.models["float32-tflite"].verdict
    assert verdict.passed
    assert verdict.thresholds == THRESHOLDS
    raw = json.loads((bundle / "manifest.json").read_text("utf-8"))

    def refused(change):
        changed = json.loads(json.dumps(raw))
        change(changed)
        (bundle / "manifest.json").write_text(json.dumps(changed), "utf-8")
        with pytest.raises(BundleInvalidError) as caught:
            load_bundle(bundle)
        return caught.value.cause

    def lower(manifest):
        manifest["thresholds"]["classes"]["glaucoma"]["threshold"] = 0.9

    assert "has other thresholds than its validation judged" in refused(lower)
    dropped = refused(lambda manifest: manifest.update(thresholds={}))
    assert "has other thresholds than its validation judged" in dropped
    stricter = refused(lambda manifest: manifest["gates"].update(agreement_min=1.5))
    assert "asks for 1.5 by its gate 'agreement_min', but its validation passed 1" in stricter


def test_a_bundle_whose_class_list_is_reordered_everywhere_fails_by_name(
    exported, dataset, tmp_path
):
    """Manifest, gradients and metadata agree with each other, but not with the weights."""
    manifest = load_bundle(exported).manifest
    classes = manifest.classes[1:] + manifest.classes[:1]
    proto = onnx.load(exported / "model.onnx")
    onnx.helper.set_model_props(proto, {"classes": "\n".join(classes)})
    bundle = tmp_path / "bundle"
    write_bundle(
        bundle,
        replace(
            manifest,
            classes=classes,
            models={"float32": manifest.models["float32"]},
            default_model="float32",
        ),
        {
            "model.onnx": proto.SerializeToString(),
            GRADIENTS: pack(load_bundle(exported).class_gradients, classes),
        },
    )
    found = validate_bundle(bundle, dataset, options=replace(QUICK, reference=str(exported)))
    # The tiny net is right so seldom that its accuracy may not fall.
    assert missed(found, "float32") >= {"agreement_min", "recall_loss_max"}


def test_a_temperature_that_makes_confidence_worse_fails_also_where_the_manifest_has_it(
    exported, dataset, tmp_path
):
    """The original at the bundle's temperature is as overconfident, as it is it isn't."""
    manifest = load_bundle(exported).manifest
    content = HARMS["overheated"]((exported / "model.onnx").read_bytes())
    bundle = tmp_path / "bundle"
    models = {"float32": manifest.models["float32"]}
    write_bundle(
        bundle,
        replace(manifest, models=models, temperature=1e-3),
        {"model.onnx": content, GRADIENTS: exported / GRADIENTS},
    )
    found = validate_bundle(bundle, dataset, options=replace(QUICK, reference=str(exported)))
    assert missed(found, "float32") == {"ece_rise_max"}


def test_a_bundle_with_another_class_order_that_is_right_passes(exported, dataset, tmp_path):
    manifest = load_bundle(exported).manifest
    classes = manifest.classes[-1:] + manifest.classes[:-1]
    content = roll_classes((exported / "model.onnx").read_bytes())
    proto = onnx.load_model_from_string(content)
    onnx.helper.set_model_props(proto, {"classes": "\n".join(classes)})
    gradients = np.roll(load_bundle(exported).class_gradients, 1, axis=0)
    bundle = tmp_path / "bundle"
    write_bundle(
        bundle,
        replace(
            manifest,
            classes=classes,
            models={"float32": manifest.models["float32"]},
            default_model="float32",
        ),
        {"model.onnx": proto.SerializeToString(), GRADIENTS: pack(gradients, classes)},
    )
    assert validate_bundle(
        bundle, dataset, options=replace(QUICK, reference=str(exported))
    ).record.passed


def test_keras_can_be_the_original_and_another_training_a_control(
    exported, dataset, tiny_run, validation
):
    keras_file = str(tiny_run / "model.keras")
    found = validate_bundle(
        exported,
        dataset,
        options=replace(QUICK, model="model.onnx", reference=keras_file, second=str(exported)),
    )
    assert found.record.passed
    assert found.record.original.format == "keras"
    assert found.record.models["float32"].weights.sqnr_db > 100  # float32
    assert list(found.record.models) == ["float32"]
    assert ORIGINAL not in found.record.speed  # its speed can't be compared
    # Here the other training is the same one.
    other = found.record.controls["other_training"].measures
    assert other["pearson"].median == pytest.approx(1, abs=1e-4)  # float32
    assert "other_training" not in validation.record.controls


def test_the_controls_tell_like_from_unlike(validation):
    medians = {
        name: control.measures["pearson"].median
        for name, control in validation.record.controls.items()
    }
    assert medians["nudged"] > medians["chance"]
    assert set(medians) == {"nudged", "mirrored", "mirrored_in_place", "chance"}


def test_the_record_says_what_it_was_made_of(validation, exported, dataset):
    record, bundle = validation.record, load_bundle(exported)
    assert record.bundle.identity == bundle.identity
    assert record.bundle.files == bundle.manifest.files
    assert record.data.fingerprint == bundle.manifest.origin.dataset.fingerprint
    assert record.data.is_the_training_data
    assert record.data.photos_by_class["glaucoma"] == 3
    assert record.speed[ORIGINAL].times_as_fast == 1
    assert record.speed["float32-tflite"].memory_peak_mib > 0
    assert str(dataset) not in to_json(record)  # no paths of the machine


def test_the_page_is_one_file_with_the_verdict_first(validation, tmp_path):
    write_validation(validation, tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "validation.html",
        "validation.json",
    ]
    page = (tmp_path / "out" / "validation.html").read_text("utf-8")
    body = page[page.index("<body>") :]
    assert body.index("PASS, all gates hold") < body.index("What a user gets")
    assert "http" not in page
    assert 'src="data:' in page
    assert page.count('src="') == page.count('src="data:')
    assert validation.record.bundle.files["model.onnx"].sha256 in page
    text = (tmp_path / "out" / "validation.json").read_text("utf-8")
    schema = json.loads((ROOT / "docs" / "schemas" / "validation.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(text))
    assert read(parse(text), ValidationRecord) == validation.record
    with pytest.raises(OutputExistsError):
        write_validation(validation, tmp_path / "out")


def test_the_page_says_what_an_auditor_asks_first(validation):
    record = validation.record
    page = validation_page(validation)
    top = page[: page.index("What a user gets")]
    assert f"identity {record.bundle.identity[:12]}" in top
    assert record.bundle.identity in top
    assert record.machine.cpu in top
    for package in ("fundus-edge", "onnxruntime", "ai-edge-litert", "numpy"):
        assert f" {record.versions[package]}" in top
    assert f"{record.created[:10]} {record.created[11:16]} +00:00" in top
    assert top.count("✓ pass") == sum(gate.judged for gate in record.models[TFLITE].gates)
    assert "- not judged" in top
    assert "✗ FAIL" not in top
    agreement = "<td>1.0000</td><td>at\u00a0least\u00a00.99</td><td>+0.0100</td>"
    assert agreement in top


def test_a_missed_gate_is_told_by_a_mark_and_a_word_and_its_margin(exported, dataset, tmp_path):
    gates = tmp_path / "gates.json"
    gates.write_text('{"agreement_min": 1.5}')
    page = validation_page(validate_bundle(exported, dataset, options=replace(QUICK, gates=gates)))
    assert page.count("✗ FAIL") == 1
    assert "<td>at\u00a0least\u00a01.5</td><td>-0.5000</td>" in page


def half_shut(source, target, photos):
    """Copy a bundle, its gate such that it finds half of the photos too bright."""
    limits = QualityLimits(field_min=0, frame_min=0, gaps_max=9, sharpness_min=0, sharpness_max=9,
                           grain_max=9, detail_min=0, colour_min=-9, crispness_min=0, chord_max=9,
                           fill_min=0, missing_max=9, dark_max=9, even_max=9, white_max=9,
                           reflex_max=9)  # fmt: skip
    manifest = load_bundle(source).manifest
    decoded = [decode_photo(read_photo(path), path=path) for path in photos]
    shone = sorted(measure(round_field(each, size=(64, 64)), each).brightness for each in decoded)
    quality = replace(limits, brightness_min=0, brightness_max=shone[len(shone) // 2])
    files = {name: source / name for name in manifest.files}
    write_bundle(target, replace(manifest, quality=quality), files)
    return target


def test_a_user_gets_what_the_page_says_and_refusals_count_as_no_answer(
    exported, dataset, tmp_path
):
    photos = sorted((dataset / "val_dir").rglob("*.jpg"))
    bundle = half_shut(exported, tmp_path / "b", photos)
    found = validate_bundle(bundle, dataset, options=QUICK)
    classifier = Classifier(load_bundle(bundle), model=TFLITE)
    refused, right = 0, 0
    for screened in screen(classifier, photos):
        refused += screened.reason is not None
        told = screened.prediction
        right += told is not None and told.class_name == screened.path.parent.name
    assert 0 < refused < len(photos)
    entry = found.record.models[TFLITE]
    every = entry.as_predicted["model"].every
    assert (every.photos, every.no_answer, every.right) == (len(photos), refused, right)
    assert every.of_answered.value == right / (len(photos) - refused)
    assert every.of_all.value == right / len(photos)
    assert every.without_gate.value == entry.paired.accuracy.model
    assert found.record.gate.ungradable == refused
    assert sum(map(sum, entry.confusion["model"])) == len(photos)
    assert sum(row[-1] for row in entry.as_predicted["model"].confusion) == refused
    record_verdict(found, bundle)
    card = (bundle / "MODEL_CARD.md").read_text("utf-8")
    told = f"the quality gate leaves {refused} of {len(photos)} photos without an answer"
    assert "The gates judge all photos, also those that the quality gate of 'predict'" in card
    assert told in card
    page = validation_page(found)
    assert "<th>right of all</th>" in page
    assert "the photo is too bright" in page


def test_each_photo_is_decoded_once_for_the_models_and_the_gate(exported, dataset, monkeypatch):
    decoded = []
    read = prepare.read_photo
    monkeypatch.setattr(prepare, "read_photo", lambda *a, **o: decoded.append(a) or read(*a, **o))
    other = train_dataset.read_photo
    monkeypatch.setattr(
        train_dataset, "read_photo", lambda *a, **o: decoded.append(a) or other(*a, **o)
    )
    data = read_evaluation_set(
        dataset, split="val_dir", classes=load_bundle(exported).manifest.classes
    )
    faults = data.faults((64, 64), QualityLimits())
    images = data.images((64, 64))
    assert len(decoded) == len(faults) == len(images) == 12
    np.testing.assert_array_equal(images, load_photos(data.photos, size=(64, 64)))


def test_markup_in_a_name_is_text_in_the_page(validation):
    mark = "<script>"
    record = plain(validation.record)
    (entry,) = record["models"].values()
    entry["worst"][0]["photo"] = record["bundle"]["name"] = record["data"]["name"] = mark
    record["original"]["name"] = record["machine"]["cpu"] = record["versions"]["numpy"] = mark
    record["bundle"]["files"][mark] = record["bundle"]["files"].pop("model.onnx")
    entry["paired"]["recall"][mark] = entry["paired"]["recall"]["glaucoma"]
    page = validation_page(replace(validation, record=read(record, ValidationRecord)))
    assert mark not in page
    assert page.count("&lt;script&gt;") == 15


def test_the_verdict_goes_into_the_manifest_and_the_bundle_stays_valid(
    validation, bundle, photo_file, tmp_path
):
    before = load_bundle(bundle)
    record_verdict(validation, bundle)
    after = load_bundle(bundle)
    found = after.manifest.models["float32-tflite"].verdict
    assert found.passed
    assert len(found.gates) == len(GATES)
    assert after.manifest.gates == validation.record.gates
    assert "validation" not in after.manifest.models["float32"].checks
    models = [before.manifest.models[name].file for name in before.manifest.models]
    assert all(before.manifest.files[name] == after.manifest.files[name] for name in models)
    assert "validation against float32" in (bundle / "MODEL_CARD.md").read_text("utf-8")
    with pytest.raises(BundleInvalidError, match="was changed since it was validated"):
        record_verdict(validation, bundle)
    options = ["--bundle", str(bundle), "--model", "float32-tflite", "--out", str(tmp_path / "o")]
    CliRunner().invoke(main, ["predict", str(photo_file), *options])
    report = (tmp_path / "o" / "report.html").read_text()
    told = "passed, against float32 (onnx, float32) on 12 photos (not judged: specificity_min)"
    assert f"<td>{told}</td>" in report  # it has no thresholds


def test_a_quantised_tflite_model_is_judged_by_the_maps_that_it_shows(device_bundle, dataset):
    found = validate_bundle(device_bundle, dataset, options=replace(QUICK, model="uint8.tflite"))
    entry = found.record.models["uint8"]
    assert entry.gradients == "fixed"
    # Constant gradients aren't the exact ones, so the maps drift more than by eight bits alone.
    assert 0.5 < entry.explanation.measures["pearson"].median < 0.9999
    assert entry.agreement.probability_difference_max < 0.1
    assert 27 < entry.weights.sqnr_db < 60  # eight bits


def run(*options):
    return CliRunner().invoke(main, ["validate", *map(str, options), "--rounds", "3"])


def test_the_command_exits_with_0_and_records(bundle, dataset, tmp_path):
    result = run(bundle, "--data", dataset, "--out", tmp_path / "out", "--record", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["passed"]
    assert (tmp_path / "out" / "validation.html").is_file()
    assert load_bundle(bundle).manifest.models["float32-tflite"].checks["validation"]["passed"]


def test_the_command_exits_with_1_where_a_changed_gate_is_missed(exported, dataset, tmp_path):
    gates = tmp_path / "gates.json"
    gates.write_text('{"accuracy_ratio_min": 1.5}')
    result = run(exported, "--data", dataset, "--gates", gates)
    assert result.exit_code == 1
    assert "float32-tflite: FAIL" in result.stdout
    assert "at least 1.5  MISSED" in result.stdout
    assert "Traceback" not in result.output


def test_what_cant_be_compared_is_refused(exported, dataset, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(dataset, other)
    for split in other.iterdir():
        (split / "normal").rename(split / "healthy")
    with pytest.raises(DatasetError, match="healthy, not cataract"):
        validate_bundle(exported, other)
    with pytest.raises(NoReferenceError, match=r"there is no 'none\.keras'"):
        validate_bundle(exported, dataset, options=ValidationOptions(reference="none.keras"))
    with pytest.raises(NothingToValidateError, match="but 'float32'"):
        validate_bundle(exported, dataset, options=ValidationOptions(model="float32"))
    with pytest.raises(GatesError):
        validate_bundle(exported, dataset, options=ValidationOptions(gates=tmp_path / "none.json"))


def test_a_bundle_without_a_float_model_needs_a_reference(exported, dataset, tmp_path):
    bundle = with_model(exported, tmp_path / "b", (exported / "model.onnx").read_bytes())
    manifest = load_bundle(bundle).manifest
    alone = replace(
        manifest, models={"changed": manifest.models["changed"]}, default_model="changed"
    )
    files = {name: bundle / name for name in ("changed.onnx", GRADIENTS)}
    write_bundle(tmp_path / "alone", alone, files)
    with pytest.raises(NoReferenceError, match=r"no float32 ONNX model.*--reference"):
        validate_bundle(tmp_path / "alone", dataset)
    assert validate_bundle(
        tmp_path / "alone", dataset, options=replace(QUICK, reference=str(exported))
    ).record.passed


@pytest.fixture(scope="module")
def real_photos(tmp_path_factory):
    """Six photographs of each class of val_dir, as a dataset."""
    source = DATA / "eye-disease-dataset" / "val_dir"
    assert source.is_dir(), f"real photographs are needed at {DATA}: set FUNDUS_EDGE_DATA"
    target = tmp_path_factory.mktemp("real")
    for folder in sorted(source.iterdir()):
        for split in ("train_dir", "val_dir"):
            (target / split / folder.name).mkdir(parents=True)
            for photo in sorted(folder.iterdir())[:6]:
                (target / split / folder.name / photo.name).symlink_to(photo)
    return target


@pytest.mark.slow
@pytest.mark.parametrize("harm", [None, "wrong order", "noise in a layer"])
def test_the_shipped_model_passes_against_itself_and_fails_harmed(harm, real_photos, tmp_path):
    shipped = load_bundle().path
    content = (shipped / load_bundle().model()[1].file).read_bytes()
    if harm == "wrong order":
        content = roll_classes(content)
    elif harm:
        content = change_weights(content, "conv5_block1_0_conv", noise)
    bundle = with_model(shipped, tmp_path / "bundle", content, reference="int8")
    found = validate_bundle(bundle, real_photos, options=replace(QUICK, reference="int8"))
    assert found.record.passed == (harm is None), missed(found)
