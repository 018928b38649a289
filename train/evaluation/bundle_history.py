"""Say what a bundle's manifest tells of the photos that its models have seen before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge_runtime.bundle.manifest import Manifest
from edge_runtime.errors import UnknownNameError
from train.data.fingerprint import fingerprint
from train.data.leave_out import training_dataset
from train.data.patients import PATIENT_PATTERN, compile_pattern
from train.errors import DatasetError
from train.evaluation.evaluated import Evaluated
from train.evaluation.held_out import LEAKS


@dataclass(frozen=True)
class BundleHistory:
    """What is known of the photos evaluated; a manifest doesn't list those of the training.

    ``trained_on`` is how many of them the model was fitted to, None where the manifest doesn't
    tell. ``calibrated_on`` is how many set the ranges of its quantised models: training photos,
    all of them; None if no list is there. ``leaks`` are those of the training's split, where these
    are its held-out photos and it has any. ``chosen_on`` says whether they are the photos that
    training, temperature and thresholds were chosen by.
    """

    trained_on: int | None
    calibrated_on: int | None
    leaks: Mapping[str, Any] | None
    chosen_on: bool

    @property
    def caution(self) -> str:
        """What a reader of any figure must know; empty where nothing is known."""
        if self.trained_on:
            return f"the model was trained on {self.trained_on} of these"
        if self.calibrated_on:
            return f"the model was trained on at least {self.calibrated_on} of these"
        return LEAKS if self.leaks else ""


def training_seed(manifest: Manifest) -> int:
    """Tell the seed with which the training split plain class folders; 0 if it isn't known."""
    seed = _part(manifest.origin, "training").get("seed")
    return seed if type(seed) is int and seed >= 0 else 0


def training_patients(manifest: Manifest) -> str:
    """Tell the training's pattern for patients; the usual one if it isn't known."""
    pattern = _part(manifest.origin, "training").get("patients")
    if not isinstance(pattern, str):
        return PATIENT_PATTERN
    try:
        if pattern != "none":
            compile_pattern(pattern)
    except ValueError:
        return PATIENT_PATTERN
    return pattern


def training_fingerprint(manifest: Manifest) -> str | None:
    """Tell the fingerprint of the dataset of the training, None if it isn't known."""
    found = _part(manifest.origin, "dataset").get("fingerprint")
    return found if isinstance(found, str) else None


def history(manifest: Manifest, found: Evaluated) -> BundleHistory:
    """Look up in a manifest what it tells of the photos evaluated."""
    listed = _part(manifest.origin, "representative").get("sha256")
    calibrated_on = None
    if isinstance(listed, list):
        calibrated_on = sum(sha256 in listed for sha256 in found.sha256)
    if not _is_training_data(manifest, found):
        return BundleHistory(None, calibrated_on, None, chosen_on=False)
    if found.split not in ("val_dir", "test_dir"):
        of_training = len(found.photos) if found.split == "train_dir" else None
        return BundleHistory(of_training, calibrated_on, None, chosen_on=False)
    leaks = _part(_part(manifest.origin, "dataset"), "leaks")
    known = leaks if leaks.get("groups") else None
    return BundleHistory(0, calibrated_on, known, chosen_on=found.split == "val_dir")


def _is_training_data(manifest: Manifest, found: Evaluated) -> bool:
    """Tell whether the whole dataset, splits included, is that of the training."""
    without = _part(manifest.origin, "training").get("leave_out")
    names = without if isinstance(without, str) else ""
    try:
        read = training_dataset(found.root, seed=training_seed(manifest), without=names)
        whole = fingerprint(read)
    except (DatasetError, UnknownNameError):  # another layout or other sources than a training's
        return False
    return whole == training_fingerprint(manifest)


def _part(origin: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Take a part of what a manifest says of its origin, empty where there is none."""
    part = origin.get(key)
    return part if isinstance(part, Mapping) else {}
