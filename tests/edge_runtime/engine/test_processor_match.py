"""A model that was quantised for another kind of processor is run, and warned of once."""

import json
import subprocess
import sys
import warnings
from dataclasses import replace

import pytest

from edge_runtime import Classifier, load_bundle
from edge_runtime.bundle.bundle import write_bundle
from edge_runtime.bundle.manifest import ModelEntry, parse_manifest
from edge_runtime.engine import open as engine
from edge_runtime.engine.open import open_session
from edge_runtime.engine.options import EngineOptions
from edge_runtime.engine.processor_match import processor_mismatch
from edge_runtime.errors import TargetWarning
from edge_runtime.system.machine import Processor
from export.model_card import model_card


def x86(*flags, machine="x86_64"):
    return Processor(machine=machine, model="a processor", cores=2, flags=flags)


OLD = x86("avx", "avx2", "avx512f")
NEW = x86("avx2", "avx_vnni")
SERVER = x86("avx512_vnni", "avx512f")
SILENT = x86(machine="AMD64")
ARM = Processor(machine="aarch64", model="a board", cores=4, flags=("asimd", "asimddp"))


@pytest.mark.parametrize(
    ("target", "processor", "part"),
    [
        ("x86-vnni", OLD, "has no VNNI"),
        ("x86-vnni", SILENT, "doesn't tell whether it has VNNI"),
        ("arm64", OLD, "this is an x86 processor, where sums can saturate"),
        ("arm64", NEW, "this is an x86 processor; take"),
        ("x86-vnni", NEW, None),
        ("x86-vnni", SERVER, None),
        ("x86-vnni", ARM, None),
        ("arm64", ARM, None),
        ("x86", OLD, None),
        ("x86", ARM, None),
        ("", OLD, None),
    ],
)
def test_the_sentence_tells_what_is_wrong_and_what_to_take(target, processor, part):
    found = processor_mismatch(
        "int8", ModelEntry("a.onnx", "onnx", "int8", target=target), processor
    )
    if part is None:
        assert found is None
    else:
        assert part in found
        assert found.startswith("model 'int8' was quantised for")
        assert found.endswith("take one with target x86")


@pytest.fixture
def targeted(exported, tmp_path):
    """The tiny bundle, whose ONNX model says that it was quantised for VNNI."""
    manifest = load_bundle(exported).manifest
    entry = replace(manifest.models["float32"], target="x86-vnni")
    models = dict(manifest.models) | {"float32": entry}
    files = {name: exported / name for name in manifest.files}
    write_bundle(tmp_path / "bundle", replace(manifest, models=models), files)
    return tmp_path / "bundle"


def test_the_target_is_read_back_and_older_manifests_have_none(targeted):
    text = (targeted / "manifest.json").read_text("utf-8")
    assert parse_manifest(text).models["float32"].target == "x86-vnni"
    raw = json.loads(text)
    del raw["models"]["float32"]["target"]
    assert parse_manifest(json.dumps(raw)).models["float32"].target == ""
    for wrong in ("z80", 1, None):
        raw["models"]["float32"]["target"] = wrong
        with pytest.raises(ValueError, match=r"has 'models\.float32\.target' that"):
            parse_manifest(json.dumps(raw))


def test_the_model_card_names_the_target(targeted):
    card = model_card(load_bundle(targeted).manifest)
    assert "| float32 (default) | onnx | float32, for x86-vnni | 64 x 64 pixels |" in card
    assert "| float32-tflite | tflite | float32 | 64 x 64 pixels |" in card


def test_opening_a_full_range_file_without_vnni_warns(targeted, monkeypatch):
    monkeypatch.setattr(engine, "processor", lambda: OLD)
    with pytest.warns(TargetWarning, match="has no VNNI") as caught:
        Classifier(load_bundle(targeted))
    assert len(caught) == 1
    assert caught[0].filename == __file__  # the caller's line


@pytest.mark.parametrize(("processor", "model"), [(NEW, "float32"), (OLD, "float32-tflite")])
def test_no_warning_where_the_processor_has_vnni_or_the_model_has_no_target(
    processor, model, targeted, monkeypatch
):
    monkeypatch.setattr(engine, "processor", lambda: processor)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        open_session(load_bundle(targeted), EngineOptions(model=model))


def test_predict_prints_the_sentence_once_on_stderr(targeted, dataset):
    photos = dataset / "test_dir" / "glaucoma"
    run = f"""
import sys
from edge_runtime.engine import open as engine
from edge_runtime.commands.main import main
from edge_runtime.system.machine import Processor
engine.processor = lambda: {OLD!r}
main(sys.argv[1:])
"""
    command = [sys.executable, "-c", run, "predict", str(photos), "--bundle", str(targeted)]
    ran = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.count("has no VNNI") == 1
    (line,) = (line for line in ran.stderr.splitlines() if "VNNI" in line)
    assert line.startswith("Warning: model 'float32' was quantised")
    assert len(ran.stdout.splitlines()) == 3
    assert all(json.loads(line)["status"] for line in ran.stdout.splitlines())
