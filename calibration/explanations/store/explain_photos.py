"""Take photos through a model, each with all that a store keeps of it."""

import hashlib
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import numpy as np

from calibration.explanations.explained import ExplainedPhoto
from calibration.explanations.store.named import NamedPhoto
from calibration.explanations.store.row import StoredPhoto, UnreadablePhoto
from calibration.explanations.store.store import Known
from edge_runtime.errors import (
    AnswerInvalidError,
    PhotoNotFoundError,
    PhotoUnreadableError,
    printable,
)
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.explain.optic_disc import find_landmarks
from edge_runtime.photo.decode import decode, read_photo
from edge_runtime.photo.find import Stamp, stamp_of
from edge_runtime.photo.prepare import Prepared
from edge_runtime.predict.classifier import Classifier
from edge_runtime.results.store_form import place_of
from edge_runtime.system.look_ahead import look_ahead

_LOOK_AHEAD = 1  # photos prepared beyond the one that is answered: each may be 300 MB

#: What a photo comes to; None where the store has it.
Outcome = StoredPhoto | UnreadablePhoto | None


@dataclass(frozen=True, eq=False)
class _Ready:
    photo: NamedPhoto
    prepared: Prepared
    landmarks: Landmarks
    place: str
    sha256: str
    stamp: Stamp


def explain_photos(
    classifier: Classifier, photos: Sequence[NamedPhoto], known: Known
) -> Generator[Outcome, None, None]:
    """Explain photos one after the other, those that the quality gate refuses too.

    The next one is read and prepared, and its landmarks are found, in a thread while this one is
    answered. One that can't be read or answered doesn't stop the others.

    Args:
        classifier: With its quality gate, which measures each photo.
        photos: Which ones.
        known: Those that the store has, which aren't decoded.
    """
    places = [place_of(photo.path) for photo in photos]
    prepare = partial(_prepare, classifier, known, frozenset(places))
    items = zip(photos, places, strict=True)
    with closing(look_ahead(prepare, items, ahead=_LOOK_AHEAD)) as coming:
        for each in coming:
            ready = each.result()
            yield _answer(classifier, ready) if isinstance(ready, _Ready) else ready


def _prepare(
    classifier: Classifier, known: Known, named: frozenset[str], item: tuple[NamedPhoto, str]
) -> _Ready | UnreadablePhoto | None:
    photo, place = item
    path, sha256, stamp = photo.path, None, stamp_of(photo.path)
    if known.has_stamp(place, stamp):
        return None
    try:
        data = read_photo(path, max_pixels=classifier.max_pixels)
        sha256 = hashlib.sha256(data).hexdigest()
        if known.has_content(place, sha256, named=named):
            return None
        decoded = decode(data, path=path, max_pixels=classifier.max_pixels)
        prepared = classifier.prepare_decoded(decoded, decode_ms=0.0)
    except (PhotoNotFoundError, PhotoUnreadableError) as error:
        return _unreadable(photo, place, sha256, str(error))
    landmarks = find_landmarks(prepared.image, prepared.inside)
    return _Ready(photo, prepared, landmarks, place, sha256, stamp or Stamp(len(data), 0))


def _answer(classifier: Classifier, ready: _Ready) -> StoredPhoto | UnreadablePhoto:
    photo, prepared = ready.photo, ready.prepared
    try:
        found = classifier.answer(prepared, features=True)
    except AnswerInvalidError as error:
        sentence = f"{printable(photo.path)}: {error}"
        return _unreadable(photo, ready.place, ready.sha256, sentence)
    if prepared.quality is None or found.features is None:
        raise ValueError("a classifier without its quality gate measures no photo")
    return StoredPhoto(
        ExplainedPhoto(
            path=str(photo.path),
            sha256=ready.sha256,
            label=photo.label,
            source=photo.source,
            patient=photo.patient,
            eye=photo.eye or ready.landmarks.eye,
            fault=prepared.fault or found.fault,
            familiarity=found.likeness.distance if found.likeness else None,
            landmarks=ready.landmarks,
            excluded=photo.excluded,
            split=photo.split,
        ),
        place=ready.place,
        stamp=ready.stamp,
        field=found.field,
        photo_size=found.photo_size,
        quality=prepared.quality,
        predicted=found.class_name,
        maps=found.cam,
        features=found.features.astype(np.float32),
        probabilities=np.array(list(found.probabilities.values()), np.float32),
        logits=np.array(
            list(found.logits.values()) if found.logits else [np.nan] * len(found.probabilities),
            np.float32,
        ),
    )


def _unreadable(photo: NamedPhoto, place: str, sha256: str | None, error: str) -> UnreadablePhoto:
    return UnreadablePhoto(photo.path, place, sha256, photo.label, photo.source, photo.split, error)
