"""Evaluate a model of a bundle on a split of a dataset, as it runs on the device."""

from pathlib import Path
from typing import Any

from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.contract import MANIFEST
from edge_runtime.predict.classifier import Classifier
from edge_runtime.system.folders import check_absent
from train.errors import NothingToEvaluateError
from train.evaluation.answered import Answered
from train.evaluation.bundle_history import (
    history,
    training_fingerprint,
    training_patients,
    training_seed,
)
from train.evaluation.evaluated import bar, find_evaluated
from train.evaluation.held_out import GROUPING
from train.evaluation.measure import evaluate_answers, split_title
from train.evaluation.run_bundle import ask_bundle


def is_bundle(path: Path) -> bool:
    """Tell a bundle from a run folder, by its manifest.

    Raises:
        NothingToEvaluateError: It is neither.
    """
    if (path / MANIFEST).exists():
        return True
    if not any((path / name).exists() for name in ("config.json", "model.keras")):
        raise NothingToEvaluateError(path)
    return False


def evaluate_bundle(
    path: Path,
    root: Path,
    *,
    model: str | None = None,
    split: str | None = None,
    patients: str | None = None,
    out: Path | None = None,
    resamples: int = 2000,
    seed: int = 0,
    cache: Path | None = None,
) -> dict[str, Any]:
    """Evaluate a bundle's model through the runtime, with and without its quality gate.

    Each photo is read and asked about once; TensorFlow isn't needed.

    Args:
        path: A bundle.
        root: The dataset folder, see ``train.evaluation.held_out.find_held_out``.
        model: Name or file of the model; None for the bundle's default.
        split: One of ``train.data.dataset.SPLITS``, or "all"; None for test_dir, or for all of
            plain class folders that the model wasn't trained on.
        patients: Pattern of ``train.data.patients``, or "none"; None for that of the training.
        out: The folder to make; None to write nothing.
        resamples: Bootstrap draws of the groups.
        seed: Seed of the draws.
        cache: Folder to keep in what was read of the photos; None keeps nothing.

    Returns:
        What ``evaluate_answers`` returns, and ``bundle``, its name and identity; ``model``;
        ``dataset``, its name and the fingerprint of the photos evaluated; ``grouping``, how the
        groups were found; and what the manifest tells of these photos, see
        ``train.evaluation.bundle_history``: ``trained_on``, ``calibrated_on``, ``leaks`` and
        ``chosen_on``.

    Raises:
        OutputExistsError: Something stands at ``out``.
        BundleNotFoundError, BundleInvalidError: The bundle can't be used.
        UnknownNameError, ModelFormatError, MissingExtraError: Its model can't be run.
        DatasetError: The dataset lacks the split or has classes that the model doesn't know.
        OutputFailedError: The results can't be written.
    """
    if out is not None:
        check_absent(out)
    bundle = load_bundle(path)
    manifest = bundle.manifest
    classifier = Classifier(bundle, model=model)
    session = classifier.session
    found = find_evaluated(
        root,
        split=split,
        classes=manifest.classes,
        seed=training_seed(manifest),
        patients=patients or training_patients(manifest),
        trained_on=training_fingerprint(manifest),
        cache=cache,
    )
    known = history(manifest, found)
    with bar(len(found.photos), f"predicting {found.split}") as predicting:
        told = ask_bundle(
            classifier,
            [photo.path for photo in found.photos],
            on_photo=lambda: predicting.update(1),
        )
    return evaluate_answers(
        Answered(
            photos=found.names,
            truth=found.truth,
            groups=found.groups,
            probabilities=told.probabilities,
            classes=manifest.classes,
            images=told.images,
            maps=lambda chosen: told.maps[chosen],
            faults=told.faults,
            thresholds=manifest.for_model(session.name).thresholds,
            evidence_outside_max=manifest.evidence_outside_max,
        ),
        name=found.split,
        title=split_title(found.split, caution=known.caution),
        out=out,
        resamples=resamples,
        seed=seed,
        origin={
            "bundle": {"name": manifest.name, "identity": bundle.identity},
            "model": {
                "name": session.name,
                "format": session.entry.format,
                "precision": session.entry.precision,
                "sha256": manifest.files[session.entry.file].sha256,
                "gradients": classifier.gradients,
            },
            "dataset": found.origin(),
            "trained_on": known.trained_on,
            "calibrated_on": known.calibrated_on,
            "leaks": known.leaks,
            "chosen_on": known.chosen_on,
            "grouping": GROUPING,
        },
    )
