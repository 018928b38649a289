"""An export states what it made of what, by hashes, and nothing of the computer that ran it."""

import hashlib
import json
from datetime import datetime
from pathlib import Path

from edge_runtime import load_bundle
from edge_runtime.bundle.attestation import figures_of
from edge_runtime.bundle.attestations import ATTESTATIONS, read_attestations
from edge_runtime.contract import DISCLAIMER
from export.attest import utc


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_an_export_names_what_it_made_and_of_what(exported: Path, tiny_run: Path) -> None:
    (line,) = (exported / ATTESTATIONS).read_text("ascii").splitlines()
    found = json.loads(line)
    assert list(found) == ["_type", "subject", "predicateType", "predicate"]
    assert found["_type"] == "https://in-toto.io/Statement/v1"
    assert found["predicateType"] == "https://slsa.dev/provenance/v1"
    assert {each["name"]: each["digest"] for each in found["subject"]} == {
        name: {"sha256": sha256(exported / name)}
        for name in ("model.onnx", "model.tflite", "gradients.npz")
    }
    how, run = found["predicate"]["buildDefinition"], found["predicate"]["runDetails"]
    assert how["buildType"] == "urn:fundus-edge:export:1"
    assert how["externalParameters"] == {"name": "tiny"}
    manifest = load_bundle(exported).manifest
    made_of = {each["name"]: each for each in how["resolvedDependencies"]}
    for name in ("model.keras", "config.json"):
        assert made_of[name]["digest"] == {"sha256": sha256(tiny_run / name)}
    photos = made_of["photographs and labels"]
    assert manifest.origin.dataset
    assert photos["digest"] == {"sha256": manifest.origin.dataset.fingerprint}
    assert photos["annotations"]["photos"] == {"train_dir": 32, "val_dir": 12, "test_dir": 12}
    trained = made_of["model.keras"]["annotations"]
    assert trained["options"] == manifest.origin.training
    assert run["builder"]["version"]["onnx"]
    finished = run["metadata"]["finishedOn"]
    assert finished.endswith("Z")
    assert datetime.fromisoformat(finished) == datetime.fromisoformat(manifest.created)
    assert found["predicate"]["fundusedge_disclaimer"] == DISCLAIMER


def test_its_figures_are_the_manifests(exported: Path) -> None:
    loaded = load_bundle(exported)
    (found,) = read_attestations(loaded)
    models = loaded.manifest.models
    assert found.said
    assert dict(found.said.figures) == {name: figures_of(each) for name, each in models.items()}
    assert found.said.figures["float32"].metrics["val_dir"].photos == 12


def test_it_tells_no_place_and_no_name_of_a_photograph(
    exported: Path, tiny_run: Path, dataset: Path
) -> None:
    text = (exported / ATTESTATIONS).read_text("ascii")
    assert str(tiny_run.parent) not in text
    assert str(dataset.parent) not in text
    assert dataset.name not in text
    names = [file.name for file in dataset.rglob("*.*")]
    assert len(names) > 50
    assert not [name for name in names if name in text]


def test_moments_are_told_in_utc() -> None:
    assert utc("2026-11-29T01:30:00+02:00") == "2026-11-28T23:30:00Z"
