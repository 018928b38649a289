"""Files that are added, taken away, renamed, exchanged, linked or changed at the wrong moment."""

import os

import pytest

from edge_runtime.contract import SIGNATURE
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.sign import sign_folder
from edge_runtime.trust.verify import Trusted, verify_folder


def refused(folder, trusted, match):
    with pytest.raises(BundleUntrustedError, match=match) as caught:
        verify_folder(folder, trusted)
    assert str(caught.value).startswith(f"bundle {folder} refused: ")
    assert "\n" not in str(caught.value)


def add(folder):
    (folder / "more" / "extra.txt").write_text("x")


def add_hidden(folder):
    (folder / ".gitignore").write_text("*")


def take_away(folder):
    (folder / "model.onnx").unlink()


def rename(folder):
    (folder / "model.onnx").rename(folder / "model2.onnx")


def exchange(folder):
    one, other = folder / "model.onnx", folder / "manifest.json"
    contents = one.read_bytes(), other.read_bytes()
    other.write_bytes(contents[0])
    one.write_bytes(contents[1])


def lengthen(folder):
    with (folder / "more" / "empty").open("ab") as file:
        file.write(b"\0")


def link(folder):
    (folder / "model.onnx").rename(folder.parent / "elsewhere")
    (folder / "model.onnx").symlink_to(folder.parent / "elsewhere")


def link_folder(folder):
    (folder / "more").rename(folder.parent / "more")
    (folder / "more").symlink_to(folder.parent / "more")


def pipe(folder):
    os.mkfifo(folder / "pipe")


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (add, "more/extra.txt wasn't signed"),
        (add_hidden, ".gitignore wasn't signed"),
        (take_away, "model.onnx is missing"),
        (rename, "model.onnx is missing"),
        (exchange, "manifest.json isn't what was signed"),
        (lengthen, "more/empty isn't what was signed"),
        (link, "model.onnx is a link"),
        (link_folder, "more is a link"),
        (pipe, "pipe is no file"),
    ],
)
def test_a_folder_with_other_files_than_the_signed_ones_is_refused(folder, key, spoil, match):
    verify_folder(folder, key.trusted)
    spoil(folder)
    refused(folder, key.trusted, match)


def test_a_signature_over_another_folder_is_refused(folder, key, tmp_path):
    another = tmp_path / "another"
    another.mkdir()
    (another / "manifest.json").write_bytes(b"{}")
    sign_folder(another, key.private)
    (folder / SIGNATURE).write_bytes((another / SIGNATURE).read_bytes())
    refused(folder, key.trusted, "isn't what was signed|wasn't signed")


def test_a_folder_without_a_signature_is_refused(folder, key):
    (folder / SIGNATURE).unlink()
    refused(folder, key.trusted, "no signature")


def test_a_signature_that_is_a_link_is_refused(folder, key, tmp_path):
    (folder / SIGNATURE).rename(tmp_path / "real.sig")
    (folder / SIGNATURE).symlink_to(tmp_path / "real.sig")
    refused(folder, key.trusted, "is a link")


def test_another_key_is_refused_and_named(folder, key, other):
    hint = key.trusted.keys[0].hint
    refused(folder, other.trusted, f"signed by the key {hint[:16]}, and trusted is ")


def test_one_of_several_keys_suffices(folder, key, other):
    both = Trusted(other.trusted.keys + key.trusted.keys)
    assert verify_folder(folder, both).by == f"the key {key.trusted.keys[0].called}"


def test_a_signature_that_names_no_key_is_tried_with_all(folder, key, other):
    file = folder / SIGNATURE
    hint = key.trusted.keys[0].hint
    file.write_text(file.read_text().replace(f'"hint":"{hint}"', ""))
    verify_folder(folder, Trusted(other.trusted.keys + key.trusted.keys))
    refused(folder, other.trusted, "isn't by the key")


def test_a_signature_that_names_a_trusted_key_and_is_by_another_is_refused(folder, key, other):
    file = folder / SIGNATURE
    sign_folder(folder, other.private, replace=True)
    hints = other.trusted.keys[0].hint, key.trusted.keys[0].hint
    file.write_text(file.read_text().replace(*hints))
    refused(folder, Trusted(other.trusted.keys + key.trusted.keys), "isn't by the key")


def test_what_changes_after_the_check_is_never_read(folder, key):
    sealed = verify_folder(folder, key.trusted)
    sealed.read("model.onnx")
    whole = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(whole[:-1] + b"!")
    with pytest.raises(BundleUntrustedError, match="was changed since it was checked"):
        sealed.read("model.onnx")
    (folder / "model.onnx").unlink()
    with pytest.raises(BundleUntrustedError, match="can't be read"):
        sealed.read("model.onnx")
    with pytest.raises(BundleUntrustedError, match="nothing vouches for its file other"):
        sealed.read("other")


def test_a_folder_in_a_hundred_folders_is_refused(folder, key):
    deep = folder
    for _ in range(40):
        deep = deep / "d"
    deep.mkdir(parents=True)
    refused(folder, key.trusted, "deep")


def test_a_folder_of_more_files_than_a_bundle_has_is_refused(folder, key, monkeypatch):
    monkeypatch.setattr("edge_runtime.trust.sealed._MOST_FILES", 20)
    for number in range(30):
        (folder / str(number)).touch()
    refused(folder, key.trusted, "more than 20 files")


def test_the_files_of_all_its_folders_count(folder, key, monkeypatch):
    monkeypatch.setattr("edge_runtime.trust.sealed._MOST_FILES", 20)
    for number in range(30):
        (folder / f"d{number % 3}").mkdir(exist_ok=True)
        (folder / f"d{number % 3}" / str(number)).touch()
    refused(folder, key.trusted, "more than 20 files")


def test_files_are_read_only_where_all_names_are_those_that_were_signed(folder, key, monkeypatch):
    read = []
    monkeypatch.setattr("edge_runtime.trust.sealed.sha256", lambda file: read.append(file) or "")
    add_hidden(folder)
    refused(folder, key.trusted, ".gitignore wasn't signed")
    assert read == []
    (folder / ".gitignore").unlink()
    refused(folder, key.trusted, "isn't what was signed")
    assert len(read) == 1
