"""Say what a validation was made of: files, photos, machine, programs."""

from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from platform import python_version, system

import numpy as np

from calibration.models.evaluation_set import EvaluationSet
from calibration.validation.record import BundleRecord, DataRecord, Machine
from edge_runtime.bundle.bundle import Bundle
from edge_runtime.system.machine import processor
from train.data.fingerprint import fingerprint
from train.data.labelled import Dataset, class_indices

_PACKAGES = (
    "fundus-edge", "onnxruntime", "ai-edge-litert", "tensorflow", "keras", "numpy",
    "opencv-python-headless", "scikit-learn", "scipy",
)  # fmt: skip

#: Extensions that int8 arithmetic gains by.
_CPU_FLAGS = ("avx2", "avx_vnni", "avx512f", "avx512_vnni")


def bundle_record(bundle: Bundle) -> BundleRecord:
    """Say which bundle it is."""
    manifest = bundle.manifest
    return BundleRecord(manifest.name, bundle.identity, manifest.created, manifest.files)


def data_record(data: EvaluationSet, bundle: Bundle) -> DataRecord:
    """Say which photos were asked about, and whether they are of the bundle's own dataset."""
    dataset, photos = data.dataset, data.photos
    whole, trained_on = fingerprint(dataset), bundle.manifest.origin.dataset
    counts = np.bincount(class_indices(photos), minlength=len(dataset.classes))
    return DataRecord(
        name=dataset.root.resolve().name,
        split=data.split,
        photos=len(photos),
        photos_by_class=dict(zip(dataset.classes, counts.tolist(), strict=True)),
        photos_without_class=len(data.others),
        groups=len(np.unique(data.groups)),
        fingerprint=whole,
        fingerprint_of_split=fingerprint(
            Dataset(dataset.root, dataset.classes, {data.split: photos})
        ),
        is_the_training_data=bool(trained_on and trained_on.fingerprint == whole),
    )


def machine_record() -> Machine:
    """Describe what the figures are measured on."""
    found = processor()
    flags = tuple(flag for flag in _CPU_FLAGS if flag in found.flags)
    return Machine(f"{system()} {found.machine}", found.model, found.cores, flags)


def versions_record() -> dict[str, str]:
    """List the programs that the figures depend on."""
    found = {"python": python_version()}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found
