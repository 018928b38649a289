"""Say what is known of whether a model has seen the photos that it is measured on before."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.bundle.manifest import Manifest
from edge_runtime.bundle.origin import Leaks
from edge_runtime.errors import UnknownNameError
from edge_runtime.photo.patient import PATIENT_PATTERN, compile_pattern
from train.data.dataset import Dataset
from train.data.fingerprint import fingerprint
from train.data.leave_out import training_dataset
from train.errors import DatasetError
from train.evaluation.evaluated import Evaluated
from train.evaluation.evaluation import Evaluation
from train.evaluation.held_out import LEAKS


@dataclass(frozen=True)
class PhotoHistory:
    """What a model saw of the photos evaluated.

    ``trained_on`` is how many of them it was fitted to, None where nothing tells. ``leaks`` are
    those of the training's split, where these are its held-out photos and it has any. Of a bundle,
    ``calibrated_on`` is how many set the ranges of its quantised models, training photos all of
    them, None if no list is there; ``chosen_on`` says whether they are the photos that training,
    temperature and thresholds were chosen by.
    """

    trained_on: int | None
    leaks: Leaks | None
    calibrated_on: int | None = None
    chosen_on: bool = False

    @property
    def caution(self) -> str:
        """What a reader of any figure must know; empty where nothing is known."""
        if self.trained_on:
            return f"the model was trained on {self.trained_on} of these"
        if self.calibrated_on:
            return f"the model was trained on at least {self.calibrated_on} of these"
        return LEAKS if self.leaks else ""


def run_history(
    used: Mapping[str, frozenset[str]] | None, leaks: Leaks, found: Evaluated
) -> PhotoHistory:
    """Look up in a run's list of photos, None if it has none, what it was trained on.

    ``leaks`` are those of the training's split.
    """
    if used is None:
        return PhotoHistory(None, None)
    trained_on = sum(sha256 in used["train_dir"] for sha256 in found.sha256)
    held_out = (used["val_dir"] | used["test_dir"]).intersection(found.sha256)
    leaked = leaks if leaks.groups and held_out and not trained_on else None
    return PhotoHistory(trained_on, leaked)


def training_seed(manifest: Manifest) -> int:
    """Tell the seed with which the training split plain class folders; 0 if it isn't known."""
    seed = manifest.origin.training.get("seed")
    return seed if type(seed) is int and seed >= 0 else 0


def training_patients(manifest: Manifest) -> str:
    """Tell the training's pattern for patients; the usual one if it isn't known."""
    pattern = manifest.origin.training.get("patients")
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
    dataset = manifest.origin.dataset
    return (dataset.fingerprint or None) if dataset else None


def bundle_history(manifest: Manifest, found: Evaluated) -> PhotoHistory:
    """Look up in a manifest, which doesn't list the training's photos, what it tells of these."""
    representative, dataset = manifest.origin.representative, manifest.origin.dataset
    calibrated_on = None
    if representative:
        calibrated_on = sum(sha256 in representative.sha256 for sha256 in found.sha256)
    if not _is_training_data(manifest, found):
        return PhotoHistory(None, None, calibrated_on)
    if found.split not in ("val_dir", "test_dir"):
        of_training = len(found.photos) if found.split == "train_dir" else None
        return PhotoHistory(of_training, None, calibrated_on)
    leaks = dataset.leaks if dataset and dataset.leaks and dataset.leaks.groups else None
    return PhotoHistory(0, leaks, calibrated_on, chosen_on=found.split == "val_dir")


def dataset_of_training(manifest: Manifest, root: Path) -> Dataset:
    """Read a dataset as the training of a bundle read its own.

    Raises:
        DatasetError, UnknownNameError: It has another layout or other sources.
    """
    without = manifest.origin.training.get("leave_out")
    names = without if isinstance(without, str) else ""
    return training_dataset(root, seed=training_seed(manifest), without=names)


def warnings(evaluation: Evaluation) -> list[str]:
    """Say what makes the figures too good, as far as run or bundle tell."""
    sources = evaluation.by_source.sources.values() if evaluation.by_source else ()
    photos = sum(source.photos for source in sources) or evaluation.photos
    found = []
    if evaluation.leaks:
        found.append(
            "these are photographs of the training's own split, and that leaks: the model was "
            "trained on copies of some, or on photographs of their patients."
        )
    if evaluation.trained_on or evaluation.calibrated_on:
        count = evaluation.trained_on or f"at least {evaluation.calibrated_on}"
        found.append(
            f"the model was trained on {count} of these {photos} photographs: the figures are too "
            "good for new ones."
        )
    if evaluation.chosen_on:
        found.append(
            "these photographs also chose the model's training and, in a calibrated bundle, its "
            "temperature and thresholds."
        )
    return found


def _is_training_data(manifest: Manifest, found: Evaluated) -> bool:
    """Tell whether the whole dataset, splits included, is that of the training."""
    try:
        whole = fingerprint(dataset_of_training(manifest, found.root))
    except (DatasetError, UnknownNameError):
        return False
    return whole == training_fingerprint(manifest)
