"""SHA-256, once per file and process, and never a stale one."""

import hashlib
import os
import time

import pytest

from edge_runtime.contract import MANIFEST
from edge_runtime.system import digest


def expected(data):
    return hashlib.new("sha256", data).hexdigest()


@pytest.mark.parametrize("size", [0, 1, digest._CHUNK - 1, digest._CHUNK, digest._CHUNK + 1])
def test_it_is_the_sha256_of_the_content(tmp_path, size):
    data = os.urandom(size)
    (tmp_path / "file").write_bytes(data)
    assert digest.sha256(tmp_path / "file") == expected(data)


def test_a_settled_file_is_remembered_and_a_fresh_one_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(digest, "_known", {})
    file = tmp_path / "file"
    file.write_bytes(b"fresh")
    digest.sha256(file)
    assert not digest._known
    monkeypatch.setattr(digest, "_SETTLED_NS", -1)
    digest.sha256(file)
    assert list(digest._known.values()) == [expected(b"fresh")]


def test_a_file_changed_to_the_same_size_and_time_is_hashed_again(tmp_path, monkeypatch):
    monkeypatch.setattr(digest, "_SETTLED_NS", -1)
    file = tmp_path / "file"
    file.write_bytes(b"one")
    old = file.stat()
    assert digest.sha256(file) == expected(b"one")
    time.sleep(0.02)  # a tick of the file system's clock
    file.write_bytes(b"two")
    os.utime(file, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert digest.sha256(file) == expected(b"two")


def test_a_bundle_begun_early_is_not_hashed_again(exported, monkeypatch):
    monkeypatch.setattr(digest, "_known", {})
    monkeypatch.setattr(digest, "_SETTLED_NS", -1)
    digest._hash_all(exported, MANIFEST)
    assert len(digest._known) == len(list(exported.iterdir()))

    def never():
        raise AssertionError("hashed twice")

    monkeypatch.setattr(digest.hashlib, "sha256", never)
    assert len(digest.sha256(exported / "model.onnx")) == 64


def test_what_is_no_bundle_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(digest, "_known", {})
    monkeypatch.setattr(digest, "_SETTLED_NS", -1)
    (tmp_path / "file").write_bytes(b"x")
    digest._hash_all(tmp_path, MANIFEST)
    digest._hash_all(tmp_path / "gone", MANIFEST)
    assert not digest._known
