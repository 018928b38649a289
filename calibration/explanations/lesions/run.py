"""Judge the maps of a bundle's model on photographs with marked lesions."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from calibration.explanations.lesions.judged import NAMED, PREDICTED, judge_eyes
from calibration.explanations.lesions.lesions import (
    marked_of,
    on_marks,
    photo_rows,
    right_ones,
    trends_of,
)
from calibration.explanations.lesions.marked_eyes import MarkedEye, read_marked_eyes
from calibration.explanations.lesions.marked_photos import MarkedPhoto
from calibration.explanations.lesions.record import LesionsRecord
from calibration.explanations.lesions.told_from_random import told_from_random
from edge_runtime.errors import UnknownNameError
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import BundleIdentity
from train.metrics.intervals import BOOTSTRAP, Bootstrap


@dataclass(frozen=True)
class LesionsOptions:
    """How maps are judged: see the options of ``fundus-edge explain lesions``."""

    named: str = "diabetic_retinopathy"
    draws: int = 10
    seed: int = 0


def run_lesions(
    classifier: Classifier,
    photos: Sequence[MarkedPhoto],
    *,
    options: LesionsOptions,
    on_step: Callable[[], None] = lambda: None,
) -> tuple[LesionsRecord, tuple[MarkedEye, ...]]:
    """Explain photographs, and judge where their evidence lies.

    Args:
        classifier: The model.
        photos: From ``find_marked_photos``.
        options: How.
        on_step: Called twice for each photo.

    Returns:
        The figures, and the eyes in the order of their ``rows``.

    Raises:
        UnknownNameError: The model has no class of that name.
        LesionMasksError: A mask can't be used.
        NoPhotoLeftError: No photo is left.
        AnswerInvalidError: The model's answer isn't numbers.
    """
    bundle, classes = classifier.bundle, classifier.bundle.manifest.classes
    if options.named not in classes:
        raise UnknownNameError("class", options.named, classes)
    named = classes.index(options.named)
    eyes, left_out = read_marked_eyes(classifier, photos, on_photo=on_step)
    for _ in left_out:
        on_step()
    judged = judge_eyes(
        eyes, classes=classes, named=named, draws=options.draws, seed=options.seed, on_photo=on_step
    )
    groups = np.array([eye.person for eye in eyes])
    bootstrap, right = Bootstrap(BOOTSTRAP.resamples, options.seed), right_ones(eyes, named)
    told = told_from_random(judged, groups, seed=options.seed)
    record = LesionsRecord(
        bundle=BundleIdentity(bundle.manifest.name, bundle.identity),
        model=classifier.session.name,
        gradients=classifier.gradients,
        named=options.named,
        seed=options.seed,
        draws=options.draws,
        photos=len(eyes),
        persons=len(np.unique(groups)),
        patients_known=all(eye.photo.photo.patient for eye in eyes),
        predicted=dict(Counter(classes[eye.top] for eye in eyes)),
        left_out=left_out,
        marked=marked_of(judged, eyes, groups, bootstrap),
        explained={
            name: on_marks(judged, explained, right, groups, bootstrap, told=told)
            for name, explained in (("predicted", PREDICTED), (options.named, NAMED))
        },
        trends=trends_of(judged, eyes, named, groups, bootstrap),
        rows=photo_rows(judged, eyes, classes, named),
    )
    return record, eyes
