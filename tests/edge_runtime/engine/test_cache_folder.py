"""The folder of optimised models: where it is, what is kept, and that it is never in the way."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from edge_runtime import Classifier, load_bundle
from edge_runtime.engine import cache as cache_module
from edge_runtime.engine.cache import RECORD, last_entry
from edge_runtime.system import digest
from edge_runtime.system.folders import new_folder
from edge_runtime.system.machine import Processor
from tests.conftest import ROOT


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def open_with(cache, exported):
    return Classifier(load_bundle(exported), threads=1, cache=cache)


def entries(cache):
    return sorted(cache.iterdir()) if cache.exists() else []


def test_a_cache_that_cant_be_made_is_none(tmp_path, exported, photo_file):
    (tmp_path / "file").touch()
    classifier = open_with(tmp_path / "file" / "cache", exported)
    assert not classifier.session.cached
    assert classifier.predict(photo_file).class_name


FULL = """
import resource, signal, sys
from pathlib import Path
from edge_runtime import Classifier, load_bundle
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
classifier = Classifier(load_bundle(sys.argv[1]), threads=1, cache=Path(sys.argv[2]))
print(classifier.predict(sys.argv[4]).class_name)
"""


@pytest.mark.parametrize("room", [0, 20_000])
def test_a_full_disk_leaves_no_entry_and_the_prediction_is_made(cache, exported, photo_file, room):
    ran = subprocess.run(
        [sys.executable, "-c", FULL, exported, cache, str(room), photo_file],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == open_with(None, exported).predict(photo_file).class_name
    assert entries(cache) == []


def test_what_a_killed_process_left_is_removed_and_nothing_else(cache, exported):
    cache.mkdir(mode=0o700)
    gone = cache / f".{'0' * 32}.partial"
    for folder in (gone, cache / "photos", cache / ".photos.partial"):
        folder.mkdir()
    with new_folder(cache / ("1" * 32)) as alive:
        open_with(cache, exported)
        assert alive.exists()
    assert not gone.exists()
    assert (cache / "photos").exists()
    assert (cache / ".photos.partial").exists()


def test_a_model_that_another_process_is_keeping_is_opened_and_left_to_it(
    cache, exported, photo_file
):
    open_with(cache, exported)
    (entry,) = entries(cache)
    shutil.rmtree(entry)
    with new_folder(entry):
        classifier = open_with(cache, exported)
        assert not classifier.session.cached
        assert classifier.predict(photo_file).class_name
        assert not entry.exists()
    assert entry.exists()


def test_only_the_newest_entries_are_kept(cache, exported, monkeypatch):
    monkeypatch.setattr(cache_module, "_KEPT", 2)
    for number in range(4):
        found = Processor("x86_64", f"number {number}", 1, ("avx",))
        monkeypatch.setattr(cache_module, "processor", lambda found=found: found)
        open_with(cache, exported)
        for entry in entries(cache):
            os.utime(entry, (0, entry.stat().st_mtime - 10))
    kept = {json.loads((e / RECORD).read_text("utf-8"))["key"]["processor"] for e in entries(cache)}
    assert kept == {"number 2", "number 3"}


def test_the_last_used_entry_is_the_one_that_is_hashed_early(cache, exported, monkeypatch):
    assert last_entry(cache) is None
    names = ("first", "second", "first")
    for name in names:
        found = Processor("x86_64", name, 1, ("avx",))
        monkeypatch.setattr(cache_module, "processor", lambda found=found: found)
        open_with(cache, exported)
        record = json.loads((last_entry(cache) / RECORD).read_text("utf-8"))
        assert record["key"]["processor"] == name
        for entry in entries(cache):
            os.utime(entry, (0, entry.stat().st_mtime - 10))
    assert len(entries(cache)) == 2


@pytest.mark.parametrize("name", ["model.onnx", "model.weights"])
def test_a_file_of_another_size_is_not_even_hashed(cache, exported, photo_file, monkeypatch, name):
    open_with(cache, exported)
    entry = last_entry(cache)
    os.truncate(entry / name, 1 << 40)  # a hole: hashing it would take an hour

    def sha256(file):
        assert file != entry / name
        return digest.sha256(file)

    monkeypatch.setattr(cache_module, "sha256", sha256)
    assert last_entry(cache) is None
    classifier = open_with(cache, exported)
    assert not classifier.session.cached
    assert classifier.predict(photo_file).class_name
    monkeypatch.undo()
    assert open_with(cache, exported).session.cached


def test_a_new_entry_stays_though_the_clock_was_set_back(cache, exported, monkeypatch):
    monkeypatch.setattr(cache_module, "_KEPT", 2)
    for number in range(4):
        found = Processor("x86_64", f"number {number}", 1, ("avx",))
        monkeypatch.setattr(cache_module, "processor", lambda found=found: found)
        open_with(cache, exported)
        assert open_with(cache, exported).session.cached
        for entry in entries(cache):
            os.utime(entry, (0, entry.stat().st_mtime + 10_000))
    assert len(entries(cache)) == 2


def test_what_a_killed_process_left_goes_when_the_entry_is_used(cache, exported):
    open_with(cache, exported)
    gone = cache / f".{'0' * 32}.partial"
    gone.mkdir()
    assert open_with(cache, exported).session.cached
    assert not gone.exists()


def test_a_folder_that_others_may_write_is_not_even_hashed(cache, exported):
    open_with(cache, exported)
    assert last_entry(cache)
    cache.chmod(0o777)
    assert last_entry(cache) is None


def test_nothing_is_trusted_where_owners_cant_be_told(cache, exported, monkeypatch):
    open_with(cache, exported)
    assert last_entry(cache)
    monkeypatch.setattr(cache_module.sys, "platform", "win32")
    assert last_entry(cache) is None
    assert not open_with(cache, exported).session.cached


def test_the_command_uses_the_cache_unless_told_not_to(cache, exported, photo_file, monkeypatch):
    from click.testing import CliRunner

    from edge_runtime.commands.main import main

    def run(*options):
        arguments = ["predict", str(photo_file), "--bundle", str(exported), *map(str, options)]
        assert CliRunner().invoke(main, arguments).exit_code == 0
        return len(entries(cache))

    monkeypatch.setenv("FUNDUS_EDGE_CACHE", str(cache))
    assert run("--no-cache") == 0
    assert run("--cache", cache.with_name("other")) == 0
    assert len(entries(cache.with_name("other"))) == 1
    assert run() == 1
