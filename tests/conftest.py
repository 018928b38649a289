"""What the tests share: procedural photographs, a tiny trained run and its exported bundle."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
from make_fundus import write_dataset

from edge_runtime.system.codec import plain

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["FUNDUS_EDGE_CACHE"] = ""  # tests leave the user's cache alone; those of it name one

ROOT = Path(__file__).parents[1]
EXAMPLE_PHOTO = ROOT / "examples" / "retina.jpg"


def as_json(value: object) -> Any:
    """Give a typed value as a reader of its file sees it."""
    return json.loads(json.dumps(plain(value), allow_nan=False))


@pytest.fixture(scope="session", autouse=True)
def kept_facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is read of photos for their groups is kept for all tests, which share most of them."""
    from train.copies import groups

    folder, read_facts = tmp_path_factory.mktemp("facts"), groups.read_facts

    def read_once(photos: Any, *, cache: Path | None = None, **options: Any) -> Any:
        return read_facts(photos, cache=cache or folder, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(groups, "read_facts", read_once)
        yield


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A procedural dataset of four classes with three splits."""
    folder = tmp_path_factory.mktemp("data") / "procedural"
    write_dataset(folder, per_split={"train_dir": 8, "val_dir": 3, "test_dir": 3})
    return folder


@pytest.fixture(scope="session")
def tiny_run(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder of a small residual backbone with real batch normalisation statistics."""
    from tests.tiny import tiny_backbone
    from train.fitting.run import train_run
    from train.runs.options import Options

    run = tmp_path_factory.mktemp("runs") / "tiny"
    # The procedural cataracts are so blurred that the audit takes them for copies.
    options = Options(
        weights="none", precision="float32", input_size=64, batch=8, variants=2,
        head_epochs=3, fine_epochs=2, head_learning_rate=1e-2, learning_rate=1e-3, allow_leaks=True,
    )  # fmt: skip
    train_run(dataset, run, options=options, backbone=tiny_backbone((64, 64)))
    return run


@pytest.fixture(scope="session")
def exported(tiny_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny run's bundle, to read only."""
    from export.export_run import export_run

    bundle = tmp_path_factory.mktemp("bundles") / "tiny"
    export_run(tiny_run, bundle)
    return bundle


@pytest.fixture
def bundle(exported: Path, tmp_path: Path) -> Path:
    """A copy of the tiny bundle that a test may break."""
    return Path(shutil.copytree(exported, tmp_path / "bundle"))


@pytest.fixture
def photo_file(dataset: Path) -> Path:
    """One procedural photograph."""
    return sorted((dataset / "test_dir" / "glaucoma").iterdir())[0]


@pytest.fixture(scope="session")
def device_bundle(tiny_run: Path, exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bundle with TFLite models float, uint8 and int8 of two outputs, to read only."""
    from dataclasses import replace

    import keras
    import numpy as np
    from make_fundus import CLASSES, draw_fundus

    from edge_runtime import load_bundle
    from edge_runtime.bundle.bundle import write_bundle
    from edge_runtime.bundle.manifest import ModelEntry
    from edge_runtime.photo.round_field import prepare
    from export.graph import ContractModule
    from tests.device_tflite import KINDS, convert

    module = ContractModule(keras.saving.load_model(tiny_run / "model.keras", compile=False))
    images = np.stack([prepare(draw_fundus(name, seed=7), size=(64, 64)) for name in CLASSES * 2])
    manifest = load_bundle(exported).manifest
    files: dict[str, bytes | Path] = {name: exported / name for name in manifest.files}
    models = dict(manifest.models)
    for name, kind in KINDS.items():
        files[f"{name}.tflite"] = convert(module, images, kind)
        models[name] = ModelEntry(f"{name}.tflite", "tflite", name)
    target = tmp_path_factory.mktemp("tflite") / "bundle"
    write_bundle(target, replace(manifest, models=models), files)
    return target
