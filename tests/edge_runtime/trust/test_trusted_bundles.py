"""A bundle is run only if somebody who is trusted vouches for it, and as they did."""

import hashlib
import json
import shutil
import subprocess
import sys

import pytest

from edge_runtime import Classifier, load_bundle
from edge_runtime.bundle import bundle as bundle_module
from edge_runtime.contract import DEFAULT_BUNDLE, DEFAULT_IDENTITY, MANIFEST, SIGNATURE
from edge_runtime.engine.options import EngineOptions
from edge_runtime.errors import BundleInvalidError
from edge_runtime.predict.start import open_classifier
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.sign import sign_folder
from tests.conftest import EXAMPLE_PHOTO, ROOT


@pytest.fixture
def signed(bundle, key):
    sign_folder(bundle, key.private)
    return bundle


def test_a_signed_bundle_is_run_by_who_trusts_its_key(signed, key, photo_file):
    loaded = load_bundle(signed, trusted=key.trusted)
    assert loaded.sealed.by == f"the key {key.trusted.keys[0].called}"
    trusted = Classifier(loaded, quality_gate=False).predict(photo_file)
    plain = Classifier(load_bundle(signed), quality_gate=False).predict(photo_file)
    assert trusted.probabilities == plain.probabilities


def test_a_signed_bundle_is_run_as_before_by_who_asks_for_no_signature(signed):
    assert load_bundle(signed).sealed is None
    (signed / SIGNATURE).write_text("nonsense")
    assert load_bundle(signed).sealed is None


@pytest.fixture
def nothing_parsed(monkeypatch):
    def parsed(*_):
        raise AssertionError("parsed")

    monkeypatch.setattr(bundle_module, "parse_manifest", parsed)
    monkeypatch.setattr(bundle_module, "read_class_gradients", parsed)


def test_an_unsigned_bundle_is_refused_before_anything_of_it_is_parsed(bundle, key, nothing_parsed):
    with pytest.raises(BundleUntrustedError, match="no signature"):
        load_bundle(bundle, trusted=key.trusted)


def test_a_bundle_of_another_key_is_refused_likewise(signed, other, nothing_parsed):
    with pytest.raises(BundleUntrustedError, match="signed by the key"):
        load_bundle(signed, trusted=other.trusted)


@pytest.mark.parametrize("name", [MANIFEST, "gradients.npz", "model.onnx"])
def test_a_bundle_that_was_changed_is_refused_likewise(signed, key, nothing_parsed, name):
    file = signed / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(BundleUntrustedError, match=f"{name} isn't what was signed"):
        load_bundle(signed, trusted=key.trusted)


def test_a_bundle_whose_own_hashes_were_made_anew_is_refused(signed, key, nothing_parsed):
    """As who changes a threshold and all that says what it was."""
    file = signed / MANIFEST
    file.write_text(json.dumps(json.loads(file.read_text()) | {"temperature": 2.0}))
    with pytest.raises(BundleUntrustedError, match="isn't what was signed"):
        load_bundle(signed, trusted=key.trusted)


def test_a_manifest_that_is_exchanged_while_it_is_checked_is_refused(
    signed, key, monkeypatch, nothing_parsed
):
    """The bytes that would be parsed are none that were signed, though the folder is as it was."""
    monkeypatch.setattr(bundle_module, "_manifest_bytes", lambda _: b'{"schema": 1}')
    with pytest.raises(BundleUntrustedError, match=r"manifest\.json was changed while it was"):
        load_bundle(signed, trusted=key.trusted)


def test_a_file_that_is_signed_and_not_in_the_manifest_is_refused(bundle, key):
    (bundle / "more.txt").write_text("x")
    sign_folder(bundle, key.private)
    with pytest.raises(BundleInvalidError, match="not listed in the manifest"):
        load_bundle(bundle, trusted=key.trusted)


def test_a_model_that_is_exchanged_after_the_check_is_never_opened(signed, key):
    loaded = load_bundle(signed, trusted=key.trusted)
    file = loaded.model()[2]
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(BundleUntrustedError, match="was changed since it was checked"):
        Classifier(loaded)


def test_a_model_is_kept_as_optimised_from_the_bytes_that_were_checked(signed, key, tmp_path):
    options = EngineOptions(threads=1, cache=tmp_path / "cache")
    first = open_classifier(signed, engine=options, trusted=key.trusted)
    second = open_classifier(signed, engine=options, trusted=key.trusted)
    assert (first.session.cached, second.session.cached) == (False, True)


def test_weights_beside_a_model_come_from_nowhere(bundle, key, tmp_path, monkeypatch):
    """A signed model can name a file of weights; whoever fills the current folder could make it."""
    import onnx

    from edge_runtime.bundle.bundle import write_bundle

    loaded = load_bundle(bundle)
    file = loaded.model()[2]
    apart = tmp_path / "apart"
    apart.mkdir()
    onnx.save_model(
        onnx.load(file), apart / file.name, save_as_external_data=True, location="weights.bin"
    )
    files = {name: bundle / name for name in loaded.manifest.files}
    files |= {each.name: each for each in apart.iterdir()}
    write_bundle(tmp_path / "signed", loaded.manifest, files)
    sign_folder(tmp_path / "signed", key.private)
    monkeypatch.chdir(apart)
    trusted = load_bundle(tmp_path / "signed", trusted=key.trusted)
    with pytest.raises(BundleInvalidError, match="can't be loaded by ONNX Runtime"):
        Classifier(trusted, threads=1)
    Classifier(load_bundle(tmp_path / "signed"), threads=1)


def test_a_tflite_model_is_opened_from_the_bytes_that_were_checked(
    device_bundle, key, tmp_path, photo_file
):
    pytest.importorskip("ai_edge_litert")
    bundle = shutil.copytree(device_bundle, tmp_path / "bundle")
    sign_folder(bundle, key.private)
    loaded = load_bundle(bundle, trusted=key.trusted)
    name = next(name for name, each in loaded.manifest.models.items() if each.format == "tflite")
    trusted = Classifier(loaded, model=name, quality_gate=False).predict(photo_file)
    plain = Classifier(load_bundle(bundle), model=name, quality_gate=False).predict(photo_file)
    assert trusted.probabilities == plain.probabilities
    file = loaded.model(name)[2]
    file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(BundleUntrustedError, match="was changed since it was checked"):
        Classifier(loaded, model=name)


def test_the_pin_is_of_the_bundle_in_the_package():
    data = (DEFAULT_BUNDLE / MANIFEST).read_bytes()
    assert hashlib.sha256(data).hexdigest() == DEFAULT_IDENTITY


def test_the_bundle_in_the_package_is_trusted_by_its_pin_wherever_it_lies(key, tmp_path):
    copy = shutil.copytree(DEFAULT_BUNDLE, tmp_path / "copy")
    for path in (None, copy):
        loaded = load_bundle(path, trusted=key.trusted)
        assert loaded.sealed.by == "this version of fundus-edge"
    Classifier(loaded, threads=1)
    model = loaded.model()[2]
    data = model.read_bytes()
    model.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(BundleUntrustedError, match="was changed since it was checked"):
        Classifier(loaded, threads=1)
    with pytest.raises(BundleInvalidError, match="is changed"):
        load_bundle(copy, trusted=key.trusted)


def test_the_bundle_in_the_package_with_another_manifest_needs_a_signature(key, tmp_path):
    copy = shutil.copytree(DEFAULT_BUNDLE, tmp_path / "copy")
    with (copy / MANIFEST).open("a") as file:
        file.write("\n")
    load_bundle(copy)
    with pytest.raises(BundleUntrustedError, match="no signature"):
        load_bundle(copy, trusted=key.trusted)


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["predict", str(EXAMPLE_PHOTO)], ["predict", str(EXAMPLE_PHOTO), "--trust", "K"]],
)
def test_neither_help_nor_the_bundle_in_the_package_loads_cryptography(arguments, key):
    arguments = [str(key.public) if each == "K" else each for each in arguments]
    code = (
        "import sys; from edge_runtime.commands.main import main\n"
        f"try: main({arguments!r}, standalone_mode=False)\n"
        "finally: print('cryptography' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert ran.stdout.split()[-1] == "False"
