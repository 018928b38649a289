"""A bundle is written whole or not at all, and replaces nothing unasked."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_runtime import load_bundle
from edge_runtime.bundle.bundle import write_bundle
from edge_runtime.errors import BundleInvalidError, OutputExistsError, OutputFailedError
from tests.edge_runtime.outcomes import contents

MODEL, GRADIENTS = "model.onnx", "gradients.npz"


def parts(exported):
    """What a bundle is written from: its manifest without files, and its files."""
    manifest = load_bundle(exported).manifest
    return replace(manifest, files={}), {name: exported / name for name in manifest.files}


def test_a_written_bundle_holds_what_it_was_given_and_nothing_else(exported, tmp_path):
    manifest, files = parts(exported)
    files[MODEL] = files[MODEL].read_bytes()
    write_bundle(tmp_path / "new" / "copy", manifest, files)
    assert contents(tmp_path / "new" / "copy") == contents(exported)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["copy"]


def test_an_existing_bundle_isnt_replaced_unasked(bundle, exported):
    before = contents(bundle)
    with pytest.raises(OutputExistsError, match="already exists; use --force"):
        write_bundle(bundle, *parts(exported))
    assert contents(bundle) == before
    assert list(bundle.parent.iterdir()) == [bundle]


def test_an_existing_bundle_is_replaced_by_force(bundle, exported):
    manifest, files = parts(exported)
    write_bundle(bundle, replace(manifest, name="second"), files, force=True)
    assert load_bundle(bundle).manifest.name == "second"
    assert list(bundle.parent.iterdir()) == [bundle]


def test_a_damaged_bundle_can_be_replaced_by_force(bundle, exported):
    (bundle / MODEL).unlink()
    write_bundle(bundle, *parts(exported), force=True)
    assert contents(bundle) == contents(exported)


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_is_no_bundle_isnt_replaced_even_by_force(exported, tmp_path, kind):
    path = tmp_path / "precious"
    if kind == "folder":
        path.mkdir()
        path.joinpath("thesis.txt").write_text("mine", "utf-8")
    else:
        path.write_text("mine", "utf-8")
    with pytest.raises(OutputExistsError, match="it is no bundle"):
        write_bundle(path, *parts(exported), force=True)
    assert path.exists()
    assert list(tmp_path.iterdir()) == [path]


def without_gradients(files):
    del files[GRADIENTS]


def with_absent_file(files):
    files["absent.bin"] = Path("/nowhere/absent.bin")


def with_nonsense_gradients(files):
    files[GRADIENTS] = b"no archive"


def with_file_above(files):
    files["../above.bin"] = b"written outside of the bundle"


FAILURES = [without_gradients, with_absent_file, with_nonsense_gradients, with_file_above]


@pytest.mark.parametrize("fail", FAILURES)
def test_a_failed_write_leaves_nothing_behind(exported, tmp_path, fail):
    manifest, files = parts(exported)
    fail(files)
    with pytest.raises((BundleInvalidError, OutputFailedError)):
        write_bundle(tmp_path / "new", manifest, files)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("fail", FAILURES)
def test_a_failed_write_by_force_leaves_the_old_bundle(bundle, exported, fail):
    before = contents(bundle)
    manifest, files = parts(exported)
    fail(files)
    with pytest.raises((BundleInvalidError, OutputFailedError)):
        write_bundle(bundle, manifest, files, force=True)
    assert contents(bundle) == before
    assert list(bundle.parent.iterdir()) == [bundle]


def test_a_full_disk_is_one_sentence_and_leaves_the_old_bundle(bundle, exported, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    before = contents(bundle)
    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(OutputFailedError, match="bundle: can't write there: no space left"):
        write_bundle(bundle, *parts(exported), force=True)
    assert contents(bundle) == before
    assert list(bundle.parent.iterdir()) == [bundle]
