"""Evaluate a model of a bundle on a split of a dataset, as it runs on the device."""

from pathlib import Path

from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.contract import MANIFEST
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import BundleIdentity
from edge_runtime.system.folders import check_absent
from train.errors import NothingToEvaluateError
from train.evaluation.evaluated import Evaluated, find_evaluated
from train.evaluation.evaluation import Evaluation, ModelIdentity, Provenance
from train.evaluation.held_out import GROUPING
from train.evaluation.history import (
    PhotoHistory,
    bundle_history,
    training_fingerprint,
    training_patients,
    training_seed,
)
from train.evaluation.measure import evaluate_answers, split_title
from train.evaluation.options import DEFAULT_OPTIONS, EvaluationOptions
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
    options: EvaluationOptions = DEFAULT_OPTIONS,
) -> Evaluation:
    """Evaluate a bundle's model through the runtime, with and without its quality gate.

    Each photo is read and asked about once; TensorFlow isn't needed.

    Args:
        path: A bundle.
        root: The dataset folder, see ``train.evaluation.held_out.find_held_out``.
        model: Name or file of the model; None for the bundle's default.
        options: The choices.

    Raises:
        OutputExistsError: Something stands at ``options.out``.
        BundleNotFoundError, BundleInvalidError: The bundle can't be used.
        UnknownNameError, ModelFormatError, MissingExtraError: Its model can't be run.
        DatasetError: The dataset lacks the split or has classes that the model doesn't know.
        OutputFailedError: The results can't be written.
    """
    if options.out is not None:
        check_absent(options.out)
    bundle = load_bundle(path)
    manifest = bundle.manifest
    classifier = Classifier(bundle, model=model)
    found = find_evaluated(
        root,
        manifest.classes,
        options,
        seed=training_seed(manifest),
        patients=training_patients(manifest),
        trained_on=training_fingerprint(manifest),
    )
    known = bundle_history(manifest, found)
    return evaluate_answers(
        ask_bundle(classifier, found),
        _provenance(classifier, found, known),
        out=options.out,
        bootstrap=options.bootstrap,
    )


def _provenance(classifier: Classifier, found: Evaluated, known: PhotoHistory) -> Provenance:
    bundle, session = classifier.bundle, classifier.session
    return Provenance(
        title=split_title(found.split, caution=known.caution),
        split=found.split,
        bundle=BundleIdentity(bundle.manifest.name, bundle.identity),
        model=ModelIdentity(
            session.name,
            session.entry.format,
            session.entry.precision,
            bundle.manifest.files[session.entry.file].sha256,
            classifier.gradients,
        ),
        dataset=found.identity,
        grouping=GROUPING,
        **vars(known),
    )
