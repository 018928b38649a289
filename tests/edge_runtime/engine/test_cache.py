"""The cache of optimised models: what is trusted."""

import json
import os
import shutil
import stat

import numpy as np
import pytest
from msgspec.structs import replace

from edge_runtime import Classifier, load_bundle
from edge_runtime.engine import cache as cache_module
from edge_runtime.engine.cache import GRAPH, RECORD, WEIGHTS, Key
from edge_runtime.engine.options import EngineOptions
from edge_runtime.system.machine import Processor


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def open_with(cache, exported):
    return Classifier(load_bundle(exported), threads=1, cache=cache)


def entries(cache):
    return sorted(cache.iterdir()) if cache.exists() else []


@pytest.fixture
def entry(cache, exported):
    """The folder of a good entry."""
    assert not open_with(cache, exported).session.cached
    (folder,) = entries(cache)
    assert open_with(cache, exported).session.cached  # it is good, so what follows can fail
    return folder


def test_the_second_start_takes_the_optimised_model_and_predicts_bit_for_bit_the_same(
    cache, exported, photo_file
):
    plain = open_with(None, exported).predict(photo_file)
    first = open_with(cache, exported).predict(photo_file)
    second_classifier = open_with(cache, exported)
    second = second_classifier.predict(photo_file)
    assert second_classifier.session.cached
    for other in (first, second):
        assert other.probabilities == plain.probabilities
        assert np.array_equal(other.cam, plain.cam)


def test_an_entry_is_the_users_own_and_whole(entry):
    assert stat.S_IMODE(entry.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry.stat().st_mode) == 0o700
    assert {file.name for file in entry.iterdir()} == {GRAPH, WEIGHTS, RECORD}
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in entry.iterdir())
    assert not [left for left in entries(entry.parent) if left.name.startswith(".")]


def key_of(entry):
    return Key(**json.loads((entry / RECORD).read_text("utf-8"))["key"])


def flip(file):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def other_weights(entry):
    flip(entry / WEIGHTS)


def other_graph(entry):
    flip(entry / GRAPH)


def no_weights(entry):
    (entry / WEIGHTS).unlink()


def truncated(entry):
    os.truncate(entry / WEIGHTS, 100)


def no_record(entry):
    (entry / RECORD).unlink()


def record_of_nothing(entry):
    (entry / RECORD).write_text("[" * 100_000, "utf-8")


def record_without_end(entry):
    os.truncate(entry / RECORD, 1 << 36)  # a hole: it takes no room


def record_that_is_no_object(entry):
    (entry / RECORD).write_text("[]", "utf-8")


def another_file(entry):
    (entry / "more.bin").touch()


def writable_by_the_group(entry):
    (entry / WEIGHTS).chmod(0o660)


def folder_writable_by_all(entry):
    entry.chmod(0o777)


def cache_writable_by_all(entry):
    entry.parent.chmod(0o777)


def link_to_the_weights(entry):
    elsewhere = entry.parent.parent / "elsewhere"
    shutil.move(entry / WEIGHTS, elsewhere)
    (entry / WEIGHTS).symlink_to(elsewhere)


def link_to_the_entry(entry):
    elsewhere = entry.parent.parent / "elsewhere"
    shutil.move(entry, elsewhere)
    entry.symlink_to(elsewhere)


DEFECTS = (
    other_weights, other_graph, no_weights, truncated, no_record, record_of_nothing,
    record_that_is_no_object, record_without_end, another_file, writable_by_the_group,
    folder_writable_by_all, cache_writable_by_all, link_to_the_weights, link_to_the_entry,
)  # fmt: skip


@pytest.mark.parametrize("break_it", DEFECTS, ids=lambda defect: defect.__name__)
def test_an_entry_with_a_defect_is_not_used_and_the_prediction_is_the_bundles(
    entry, exported, photo_file, break_it
):
    expected = open_with(None, exported).predict(photo_file)
    break_it(entry)
    classifier = open_with(entry.parent, exported)
    assert not classifier.session.cached
    assert classifier.predict(photo_file).probabilities == expected.probabilities


@pytest.mark.parametrize("break_it", [other_weights, no_record, another_file, link_to_the_entry])
def test_a_defective_entry_is_made_anew(entry, exported, break_it):
    break_it(entry)
    open_with(entry.parent, exported)
    assert open_with(entry.parent, exported).session.cached
    assert not entry.is_symlink()


def test_an_entry_of_another_owner_is_not_used(entry, exported, monkeypatch):
    mine = os.geteuid()
    monkeypatch.setattr(cache_module.os, "geteuid", lambda: mine + 1)
    assert not open_with(entry.parent, exported).session.cached


def test_an_entry_renamed_to_that_of_another_model_is_not_used(entry, exported, bundle):
    """What smuggles in another model under a good record of its own."""
    from edge_runtime.engine.onnx import Session

    key = replace(key_of(entry), model_sha256="0" * 64)
    renamed = entry.with_name(cache_module._name(key))
    entry.rename(renamed)
    assert cache_module.find_entry(entry.parent, key) is None
    assert not Session(load_bundle(exported), EngineOptions(threads=1, cache=entry.parent)).cached


@pytest.mark.parametrize("field", ["model_sha256", "runtime", "machine", "processor", "flags"])
def test_an_entry_is_not_found_where_anything_that_made_it_differs(entry, field):
    key = key_of(entry)
    assert cache_module.find_entry(entry.parent, key) is not None
    assert cache_module.find_entry(entry.parent, replace(key, **{field: "other"})) is None


def test_another_processor_has_an_entry_of_its_own(entry, exported, monkeypatch):
    old = Processor("x86_64", "an older one", 2, ("avx", "sse4_2"))
    monkeypatch.setattr(cache_module, "processor", lambda: old)
    assert not open_with(entry.parent, exported).session.cached
    assert len(entries(entry.parent)) == 2


def test_a_processor_that_tells_no_flags_has_no_cache(cache, exported, monkeypatch):
    monkeypatch.setattr(cache_module, "processor", lambda: Processor("riscv64", "unknown", 1, ()))
    assert not open_with(cache, exported).session.cached
    assert entries(cache) == []


def test_a_damaged_bundle_is_refused_though_its_model_is_in_the_cache(cache, bundle):
    from edge_runtime.errors import BundleInvalidError

    open_with(cache, bundle)
    flip(bundle / "model.onnx")
    with pytest.raises(BundleInvalidError, match="SHA-256"):
        open_with(cache, bundle)
