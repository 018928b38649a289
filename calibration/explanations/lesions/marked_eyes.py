"""Photographs as a model saw and explained them, with what people marked in them."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from calibration.errors import NoPhotoLeftError
from calibration.explanations.known_photos import side_of_eye
from calibration.explanations.lesions.marked_photos import MarkedPhoto
from calibration.explanations.lesions.masks import ALL, TARGETS, Marks, read_marks
from calibration.explanations.lesions.packed import Packed, packed
from calibration.explanations.stability.shaken import LeftOut
from edge_runtime.errors import (
    PhotoNotFoundError,
    PhotoUngradableError,
    PhotoUnreadableError,
    printable,
)
from edge_runtime.photo.prepare import Prepared, decode_timed
from edge_runtime.predict.classifier import Classifier
from edge_runtime.system.look_ahead import look_ahead

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class MarkedEye:
    """One photo, in some kilobytes, as there may be many.

    ``inside`` is bool (height, width), true where the model saw lit retina; ``seen`` holds it.
    ``maps`` is float32 (C, h, w), the signed Grad-CAM of every class in logits over that square,
    ``probabilities`` float32 (C,). Photos of one ``person`` have the same number there;
    ``side`` is that of the eye, None where it isn't known.
    """

    photo: MarkedPhoto
    person: int
    seen: Packed
    maps: Floats
    probabilities: Floats
    marks: Marks
    side: str | None = None

    @property
    def inside(self) -> npt.NDArray[np.bool_]:
        """Where the model saw lit retina."""
        return self.seen.values

    @property
    def top(self) -> int:
        """The predicted class."""
        return int(self.probabilities.argmax())

    @property
    def is_ill(self) -> bool:
        """Whether a lesion is marked inside of the eye."""
        return bool(self.marks.covered[TARGETS.index(ALL)][self.inside].any())


def read_marked_eyes(
    classifier: Classifier,
    photos: Sequence[MarkedPhoto],
    *,
    on_photo: Callable[[], None] = lambda: None,
) -> tuple[tuple[MarkedEye, ...], tuple[LeftOut, ...]]:
    """Read and explain photographs, each in a thread while the model looks at the one before.

    Args:
        classifier: What grades and explains them. What it refuses is left out.
        photos: Their files.
        on_photo: Called after each.

    Raises:
        LesionMasksError: A mask can't be used.
        NoPhotoLeftError: No photo is left.
        AnswerInvalidError: The model's answer isn't numbers.
    """
    people: dict[object, int] = {}  # by patient, and by content: copies are of one person
    eyes: list[MarkedEye] = []
    left_out: list[LeftOut] = []
    with closing(look_ahead(partial(_read, classifier), photos, ahead=1)) as coming:
        for photo, future in zip(photos, coming, strict=True):
            found, known = future.result(), photo.photo
            try:
                if isinstance(found, LeftOut):
                    left_out.append(found)
                else:
                    prepared, marks, side, digest = found
                    prediction = classifier.predict_prepared(prepared)
                    probabilities = np.array([*prediction.probabilities.values()], np.float32)
                    told = [digest] + ([(known.source, known.patient)] if known.patient else [])
                    new = len(set(people.values()))
                    person = next((people[each] for each in told if each in people), new)
                    people |= dict.fromkeys(told, person)
                    eyes.append(
                        MarkedEye(photo, person, packed(prepared.inside), prediction.cam,
                                  probabilities, marks, side)
                    )  # fmt: skip
            except PhotoUngradableError as error:
                left_out.append(LeftOut(str(known.path), error.reason, unreadable=False))
            on_photo()
    if not eyes:
        raise NoPhotoLeftError([f"{each.path}: {each.reason}" for each in left_out])
    return tuple(eyes), tuple(left_out)


def _read(
    classifier: Classifier, photo: MarkedPhoto
) -> tuple[Prepared, Marks, str | None, str] | LeftOut:
    """Read a photo, its marks, the side of the eye and the file's SHA-256."""
    path, digest = photo.photo.path, hashlib.sha256()
    try:
        decoded, decode_ms = decode_timed(
            path, max_pixels=classifier.max_pixels, on_read=digest.update
        )
    except (PhotoNotFoundError, PhotoUnreadableError) as error:
        cause = str(error).removeprefix(f"{printable(path)}: ")
        return LeftOut(str(path), cause, unreadable=True)
    prepared = classifier.prepare_decoded(decoded, decode_ms=decode_ms)
    if prepared.fault is not None:
        return LeftOut(str(path), prepared.fault, unreadable=False)
    size = prepared.inside.shape[0], prepared.inside.shape[1]
    marks = read_marks(photo.masks, prepared.field, photo_size=prepared.photo_size, size=size)
    side = side_of_eye(path, prepared.image, prepared.inside)
    return prepared, marks, side, digest.hexdigest()
