"""A bundle is whole and at one with itself, or refused before a model loader sees it."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from edge_runtime import Classifier, load_bundle
from edge_runtime.bundle.manifest import parse_manifest
from edge_runtime.contract import MANIFEST
from edge_runtime.errors import (
    BundleIdentityError,
    BundleInvalidError,
    BundleNotFoundError,
    UnknownNameError,
)
from tests.edge_runtime.bundle_defects import DEFECTS, GRADIENTS, MODEL


@pytest.fixture
def no_loader(monkeypatch):
    """Fail if anything of a bundle reaches ONNX Runtime."""

    def refuse(*_, **__):
        raise AssertionError("a model loader saw a bundle that should have been refused")

    monkeypatch.setattr(onnxruntime, "InferenceSession", refuse)


@pytest.mark.usefixtures("no_loader")
@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_refused_with_its_file_and_cause_before_a_model_is_loaded(bundle, defect):
    break_it, file, cause = DEFECTS[defect]
    break_it(bundle)
    with pytest.raises(BundleInvalidError) as caught:
        Classifier(load_bundle(bundle))
    sentence = str(caught.value)
    assert sentence.startswith(f"bundle {bundle} refused: {file}")
    assert cause in sentence
    assert "\n" not in sentence


@pytest.mark.usefixtures("no_loader")
def test_the_loader_that_must_not_be_called_is_the_one_that_a_good_bundle_reaches(bundle):
    with pytest.raises(AssertionError, match="a model loader saw"):
        Classifier(load_bundle(bundle))


@pytest.mark.usefixtures("no_loader")
@pytest.mark.parametrize("missing", ["manifest", "folder"])
def test_a_folder_without_a_manifest_is_no_bundle(bundle, missing):
    if missing == "manifest":
        (bundle / MANIFEST).unlink()
    else:
        shutil.rmtree(bundle)
    with pytest.raises(BundleNotFoundError, match=r"no bundle here.*manifest\.json") as caught:
        load_bundle(bundle)
    assert str(bundle) in str(caught.value)
    assert isinstance(caught.value, FileNotFoundError)


def test_the_name_of_an_extra_file_cant_break_the_sentences_line(bundle):
    (bundle / "two\nlines").touch()
    with pytest.raises(BundleInvalidError) as caught:
        load_bundle(bundle)
    assert "\n" not in str(caught.value)


def test_a_good_bundle_is_identified_by_its_manifest(exported):
    bundle = load_bundle(exported)
    data = (exported / MANIFEST).read_bytes()
    assert bundle.identity == hashlib.sha256(data).hexdigest()
    assert bundle.class_gradients.shape == (4, bundle.manifest.feature_shape[2])
    assert bundle.class_gradients.dtype == np.float32


@pytest.mark.parametrize("digits", [12, 40, 64])
def test_the_bundle_that_is_expected_is_read(exported, digits):
    identity = load_bundle(exported).identity
    found = load_bundle(exported, expected_identity=identity[:digits].upper())
    assert found.identity == identity


@pytest.mark.parametrize("expected", ["", "right[:11]", "0" * 64, "right + 0"])
def test_another_bundle_than_expected_is_refused_before_anything_of_it_is_read(bundle, expected):
    identity = load_bundle(bundle).identity
    (bundle / MANIFEST).write_text("{ no JSON")
    changed = hashlib.sha256(b"{ no JSON").hexdigest()
    wanted = {"right[:11]": changed[:11], "right + 0": changed + "0"}.get(expected, expected)
    for each in (wanted, identity):
        with pytest.raises(BundleIdentityError, match=f"its identity is {changed}, not {each} as"):
            load_bundle(bundle, expected_identity=each)


def test_the_default_model_is_looked_up_unless_another_is_named(exported):
    bundle = load_bundle(exported)
    assert bundle.model() == bundle.model("float32")
    assert bundle.model()[2] == exported / MODEL
    assert bundle.model("float32-tflite")[1].format == "tflite"
    for name in ("int9", ""):  # an unset variable in a script isn't the default
        with pytest.raises(UnknownNameError, match="float32, float32-tflite"):
            bundle.model(name)


def test_an_unknown_name_cant_write_on_the_terminal(exported):
    with pytest.raises(UnknownNameError, match=r"unknown model 'a\\nb\\x1b\[31m'"):
        load_bundle(exported).model("a\nb\x1b[31m")


@pytest.mark.parametrize("name", [MANIFEST, GRADIENTS, MODEL])
def test_a_file_that_the_system_refuses_is_named_with_the_cause(bundle, monkeypatch, name):
    opened = Path.open

    def refuse(self, *arguments, **options):
        if self.name == name:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(BundleInvalidError, match=f"{name} can't be read: .*[Pp]ermission denied"):
        load_bundle(bundle)


def test_a_manifest_reads_back_as_it_was_written(exported):
    manifest = load_bundle(exported).manifest
    assert parse_manifest(manifest.to_json()) == manifest


def test_a_manifest_keeps_letters_outside_ascii(exported):
    manifest = replace(load_bundle(exported).manifest, name="Augenärzte Süd")
    assert "Augenärzte" in manifest.to_json()
    assert parse_manifest(manifest.to_json()).name == "Augenärzte Süd"


@pytest.mark.parametrize("preprocessing", [None, ["round-field"], {"name": "x", "version": "3b"}])
def test_a_bundle_of_a_newer_schema_is_told_to_upgrade_whatever_it_asks_of_photos(
    exported, preprocessing
):
    raw = json.loads((exported / MANIFEST).read_text("utf-8"))
    newer = raw | {"schema": 99, "preprocessing": preprocessing}
    with pytest.raises(ValueError, match="upgrade fundus-edge"):
        parse_manifest(json.dumps(newer))


def test_a_bundle_that_asks_more_of_photos_than_is_known_is_refused(exported):
    raw = json.loads((exported / MANIFEST).read_text("utf-8"))
    raw["preprocessing"]["colour"] = "another"
    with pytest.raises(ValueError, match="asks for photos prepared as 'round-field' version 2"):
        parse_manifest(json.dumps(raw))


def test_choices_of_a_training_may_be_anything(exported):
    raw = json.loads((exported / MANIFEST).read_text("utf-8"))
    raw["origin"] |= {"training": {"seed": None, "sizes": [1]}, "notes": None}
    assert parse_manifest(json.dumps(raw)).origin.training == {"seed": None, "sizes": [1]}
