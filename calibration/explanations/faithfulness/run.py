"""Measure the maps of a bundle's model on photos, and shuffle its weights."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import onnx

from calibration.errors import NoLogitsError, NoOriginalError, NoPhotoLeftError
from calibration.explanations.faithfulness.eyes import Eye, asking, read_eyes
from calibration.explanations.faithfulness.faithfulness import FaithOptions, measure_faithfulness
from calibration.explanations.faithfulness.original_model import read_original
from calibration.explanations.faithfulness.report import FaithReport
from calibration.explanations.faithfulness.shuffled_weights import layers_from_top
from calibration.explanations.faithfulness.weight_randomisation import (
    Randomisation,
    graph_maps,
    randomise_weights,
)
from calibration.explanations.known_photos import known_photos
from calibration.explanations.stability.shaken import LeftOut
from edge_runtime.contract import LOGITS
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import BundleIdentity
from train.metrics.intervals import Bootstrap


class Bar(Protocol):
    """What shows how far it is."""

    def update(self, n_steps: int) -> None:
        """Go on by some steps."""


#: From what is done and how many steps it takes to a bar.
Progress = Callable[[str, int], AbstractContextManager[Bar]]


def run_faithfulness(
    classifier: Classifier,
    named: Sequence[Path],
    photos: Sequence[Path],
    *,
    original: str | None,
    limit: int,
    options: FaithOptions,
    progress: Progress,
) -> FaithReport:
    """Measure the maps of a model on photos.

    Args:
        classifier: The model.
        named: The files and folders that were named, of which one may have a ``labels.csv``.
        photos: The photos in them.
        original: See ``read_original``.
        limit: The most photos to take.
        options: How they are measured.
        progress: Shows it.

    Raises:
        NoLogitsError: The model gives none.
        NoOriginalError: What ``original`` names can't be shuffled.
        NoPhotoLeftError: None of the photos could be graded.
        DatasetError: A ``labels.csv`` can't be read.
        AnswerInvalidError: An answer of the model isn't numbers.
    """
    bundle, session = classifier.bundle, classifier.session
    if LOGITS not in session.outputs:
        raise NoLogitsError(session.name)
    shuffled = _original(original, classifier)
    eyes, left_out = _read(classifier, named, photos, limit=limit, seed=options.seed, show=progress)
    with progress("photos in part", len(eyes)) as bar:
        result = measure_faithfulness(
            asking(session), eyes, options=options, on_photo=lambda: bar.update(1)
        )
    randomisation = None
    if not isinstance(shuffled, str):
        randomisation = _randomise(*shuffled, eyes, options=options, progress=progress)
    classes = Counter(bundle.manifest.classes[eye.top] for eye in eyes)
    return FaithReport(
        bundle=BundleIdentity(bundle.manifest.name, bundle.identity),
        model=session.name,
        gradients=classifier.gradients,
        found=len(photos),
        undrawn=len(photos) - len(eyes) - len(left_out),
        left_out=left_out,
        classes={name: classes[name] for name in bundle.manifest.classes if name in classes},
        settings={**vars(options), "limit": limit},
        result=result,
        randomisation=randomisation,
        not_randomised=shuffled if isinstance(shuffled, str) else None,
    )


def _read(
    classifier: Classifier,
    named: Sequence[Path],
    photos: Sequence[Path],
    *,
    limit: int,
    seed: int,
    show: Progress,
) -> tuple[tuple[Eye, ...], tuple[LeftOut, ...]]:
    """Read the photos with a bar, one at least."""
    people = {
        each.path: (each.source, each.patient)
        for each in known_photos(named, photos)
        if each.patient is not None
    }
    with show("photos read", min(limit, len(photos))) as bar:
        eyes, left_out = read_eyes(
            classifier, photos, people=people, limit=limit, seed=seed,
            on_photo=lambda: bar.update(1),
        )  # fmt: skip
    if not eyes:
        raise NoPhotoLeftError([f"{each.path}: {each.reason}" for each in left_out])
    return eyes, left_out


def _original(original: str | None, classifier: Classifier) -> tuple[onnx.ModelProto, str] | str:
    """Load the model to shuffle; unasked, why there is none is no error."""
    try:
        proto, name = read_original(original, classifier.bundle, classifier.session.name)
        layers_from_top(proto)
    except NoOriginalError as error:
        if original is not None:
            raise
        return str(error)
    except ValueError as error:
        if original is not None:
            raise NoOriginalError(f"'{original}' {error}") from error
        return f"the model {error}"
    return proto, name


def _randomise(
    proto: onnx.ModelProto,
    name: str,
    eyes: Sequence[Eye],
    *,
    options: FaithOptions,
    progress: Progress,
) -> Randomisation:
    steps = options.draws * len(layers_from_top(proto))
    with progress("weights shuffled", steps) as bar:
        return randomise_weights(
            proto,
            eyes,
            model=name,
            maps_of=graph_maps(eyes, threads=options.threads),
            draws=options.draws,
            bootstrap=Bootstrap(seed=options.seed),
            on_step=lambda: bar.update(1),
        )
