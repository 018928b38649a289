"""Say what a validation was made of: models, files, photos, programs."""

import datetime
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, distribution, version
from platform import python_version, system
from typing import Any

import numpy as np

from calibration.models.evaluation_set import EvaluationSet
from calibration.models.model_under_test import ModelUnderTest
from edge_runtime.bundle.bundle import Bundle
from edge_runtime.contract import DISCLAIMER
from edge_runtime.system.machine import processor
from train.data.fingerprint import fingerprint
from train.data.labelled import Dataset, class_indices

_PACKAGES = (
    "fundus-edge", "onnxruntime", "ai-edge-litert", "tensorflow", "keras", "numpy",
    "opencv-python-headless", "scikit-learn", "scipy",
)  # fmt: skip


#: Extensions that int8 arithmetic gains by.
_CPU_FLAGS = ("avx2", "avx_vnni", "avx512f", "avx512_vnni")


def identity_of(tested: ModelUnderTest) -> dict[str, Any]:
    """Say which file a model is."""
    return {
        "name": tested.name,
        "format": tested.file_format,
        "precision": tested.precision,
        "sha256": tested.sha256,
        "size_bytes": tested.size_bytes,
        "gradients": tested.gradients,
        "temperature": tested.temperature,
    }


def bundle_record(bundle: Bundle) -> dict[str, Any]:
    """Say which bundle it is, with the hash of every file."""
    return {
        "name": bundle.manifest.name,
        "identity": bundle.identity,
        "created": bundle.manifest.created,
        "files": {name: asdict(entry) for name, entry in bundle.manifest.files.items()},
    }


def data_record(data: EvaluationSet, bundle: Bundle) -> dict[str, Any]:
    """Say which photos were asked about; the fingerprints are those of ``train.data.dataset``."""
    dataset, photos = data.dataset, data.photos
    whole = fingerprint(dataset)
    counts = np.bincount(class_indices(photos), minlength=len(dataset.classes))
    return {
        "name": dataset.root.resolve().name,
        "split": data.split,
        "photos": len(photos),
        "photos_by_class": dict(zip(dataset.classes, map(int, counts), strict=True)),
        "photos_without_class": data.without_class,
        "groups": len(np.unique(data.groups)),
        "fingerprint": whole,
        "fingerprint_of_split": fingerprint(
            Dataset(dataset.root, dataset.classes, {data.split: photos})
        ),
        "is_the_training_data": whole
        == bundle.manifest.origin.get("dataset", {}).get("fingerprint"),
    }


def head_record(
    bundle: Bundle,
    data: EvaluationSet,
    original: ModelUnderTest,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Say what stands above a validation's figures."""
    return {
        "schema": 1,
        "disclaimer": DISCLAIMER,
        "created": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "bundle": bundle_record(bundle),
        "original": identity_of(original),
        "data": data_record(data, bundle),
        "classes": list(data.classes),
        "settings": dict(settings),
        "machine": machine_record(),
        "versions": versions_record(),
    }


def machine_record() -> dict[str, Any]:
    """Describe what the figures were measured on."""
    found = processor()
    return {
        "system": f"{system()} {found.machine}",
        "cpu": found.model,
        "cores": found.cores,
        "cpu_flags": [flag for flag in _CPU_FLAGS if flag in found.flags],
    }


def versions_record() -> dict[str, str]:
    """List the programs that the figures depend on."""
    present = [package for package in _PACKAGES if _is_installed(package)]
    return {"python": python_version()} | {package: version(package) for package in present}


def _is_installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True
