"""A bundle is what its manifest says, or it is refused before any model loader sees it."""

import json

import onnxruntime
import pytest

from edge_runtime.bundle import DEFAULT_BUNDLE, load_bundle, write_bundle
from edge_runtime.errors import BundleInvalidError, BundleNotFoundError, OutputExistsError


def edit(bundle, **changes):
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest.update(changes)
    (bundle / "manifest.json").write_text(json.dumps(manifest))


def truncate(file):
    file.write_bytes(file.read_bytes()[:-10])


def flip_a_byte(file):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


DEFECTS = {
    "a missing file": (lambda b: (b / "model.onnx").unlink(), "model.onnx is missing"),
    "a truncated file": (lambda b: truncate(b / "model.onnx"), "model.onnx is truncated"),
    "a changed file": (lambda b: flip_a_byte(b / "model.onnx"), "model.onnx is changed"),
    "an extra file": (lambda b: (b / "extra.bin").touch(), "extra.bin is not listed"),
    "an extra folder": (lambda b: (b / "extra").mkdir(), "extra is not listed"),
    "a newer schema": (lambda b: edit(b, schema=2), "manifest.json has schema 2, newer"),
    "a schema of text": (lambda b: edit(b, schema="1"), "'schema' that isn't a whole number"),
    "a boolean schema": (lambda b: edit(b, schema=True), "'schema' that isn't a whole number"),
    "classes of a wrong type": (lambda b: edit(b, classes="normal"), "isn't a list of texts"),
    "a class too few": (lambda b: edit(b, classes=["a", "b", "c"]), "but the model was made for"),
    "classes in another order": (
        lambda b: edit(b, classes=["normal", "glaucoma", "diabetic_retinopathy", "cataract"]),
        "but the model was made for cataract",
    ),
    "a negative input size": (lambda b: edit(b, input_size=[-1, 64]), "'input_size' that isn't"),
    "files of a wrong type": (lambda b: edit(b, files=[]), "'files' that isn't an object"),
    "an unknown default": (lambda b: edit(b, default_model="x"), "has no model 'x'"),
    "another preprocessing": (lambda b: edit(b, preprocessing={"name": "x"}), "lacks"),
    "a file outside": (
        lambda b: edit(b, files={"../x": {"sha256": "", "size_bytes": 0}}),
        "a file '../x' that can't be",
    ),
    "no JSON": (lambda b: (b / "manifest.json").write_text("{"), "manifest.json is not JSON"),
    "no UTF-8": (lambda b: (b / "manifest.json").write_bytes(b"\xff"), "is not UTF-8"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_bundle_with_this_defect_is_refused_before_a_loader_sees_it(bundle, defect, monkeypatch):
    def loader(*_args, **_options):
        pytest.fail("a model loader was called")

    monkeypatch.setattr(onnxruntime, "InferenceSession", loader)
    damage, sentence = DEFECTS[defect]
    load_bundle(bundle)
    damage(bundle)
    with pytest.raises(BundleInvalidError) as caught:
        load_bundle(bundle)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_manifest_is_no_bundle(tmp_path):
    with pytest.raises(BundleNotFoundError, match=r"no bundle here"):
        load_bundle(tmp_path)


def test_an_existing_bundle_is_replaced_only_when_asked(bundle, tmp_path):
    loaded = load_bundle(bundle)
    files = {name: bundle / name for name in loaded.manifest.files}
    target = tmp_path / "new"
    write_bundle(target, loaded.manifest, files)
    with pytest.raises(OutputExistsError, match="--force"):
        write_bundle(target, loaded.manifest, files)
    write_bundle(target, loaded.manifest, files, force=True)
    assert load_bundle(target).identity == loaded.identity
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bundle", "new"]


def test_what_is_no_bundle_is_never_replaced(bundle, tmp_path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(OutputExistsError, match="no bundle"):
        write_bundle(tmp_path / "photos", load_bundle(bundle).manifest, {}, force=True)


def test_a_failed_write_leaves_nothing(bundle, tmp_path):
    manifest = load_bundle(bundle).manifest
    with pytest.raises(BundleInvalidError):
        write_bundle(tmp_path / "new", manifest, {"model.onnx": b"only one file"})
    assert [p.name for p in tmp_path.iterdir()] == ["bundle"]


def test_the_default_bundle_is_whole_and_small():
    load_bundle()
    assert sum(file.stat().st_size for file in DEFAULT_BUNDLE.iterdir()) <= 27_000_000
