"""Photos as a model saw them, with its answers and maps, to be shown to it again in part."""

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from calibration.explanations.known_photos import side_of_eye
from calibration.explanations.stability.shaken import LeftOut
from edge_runtime.contract import LOGITS, PROBABILITIES
from edge_runtime.engine.answer import check_answer
from edge_runtime.engine.open import Engine
from edge_runtime.errors import (
    AnswerInvalidError,
    PhotoNotFoundError,
    PhotoUngradableError,
    PhotoUnreadableError,
)
from edge_runtime.photo.prepare import decode_timed
from edge_runtime.predict.classifier import Classifier

Floats = npt.NDArray[np.float32]
Images = npt.NDArray[np.uint8]

#: From pictures, uint8 (N, height, width, 3), RGB, to probabilities and logits, each (N, C).
Ask = Callable[[Images], tuple[Floats, Floats]]

_BATCH = 8  # pictures at once: more take memory and no less time


@dataclass(frozen=True, eq=False)
class Eye:
    """One photo as the model saw it.

    ``image`` is uint8 (height, width, 3), RGB, ``inside`` bool (height, width), true where it shows
    lit retina. ``top`` is the class that the model names, and ``maps`` float32 (C, h, w) the signed
    Grad-CAM of every class in logits. Photos of one ``person`` have the same number there; ``side``
    is that of the eye, "left" or "right", None where it isn't known.
    """

    image: Images
    inside: npt.NDArray[np.bool_]
    top: int
    maps: Floats
    person: int
    path: str = ""
    side: str | None = None

    @property
    def map(self) -> Floats:
        """The map of the named class, float32 (h, w)."""
        return np.asarray(self.maps[self.top])


def read_eyes(
    classifier: Classifier,
    photos: Sequence[Path],
    *,
    people: Mapping[Path, object],
    limit: int,
    seed: int,
    on_photo: Callable[[], None] = lambda: None,
) -> tuple[tuple[Eye, ...], tuple[LeftOut, ...]]:
    """Read photos in a seeded order until ``limit`` of them could be graded.

    Args:
        classifier: What grades and explains them.
        photos: Their files.
        people: Whom each photo is of, by file; one that isn't there is of somebody of its own, the
            same for files of the same bytes.
        limit: The most photos to take.
        seed: The same seed takes the same photos.
        on_photo: Called after each photo that is taken.

    Returns:
        The eyes and the photos that were left out, each in the order of ``photos``.
    """
    order = list(range(len(photos)))
    random.Random(seed).shuffle(order)
    numbers: dict[object, int] = {}
    eyes: dict[int, Eye] = {}
    left_out: dict[int, LeftOut] = {}
    for index in order:
        if len(eyes) == limit:
            break
        path = photos[index]
        try:
            digest = hashlib.sha256()
            decoded, decode_ms = decode_timed(
                path, max_pixels=classifier.max_pixels, on_read=digest.update
            )
            prepared = classifier.prepare_decoded(decoded, decode_ms=decode_ms)
            found = classifier.predict_prepared(prepared)
        except (
            PhotoNotFoundError,
            PhotoUnreadableError,
            PhotoUngradableError,
            AnswerInvalidError,
        ) as error:
            reason = str(error).removeprefix(f"{path}: ")
            unreadable = isinstance(error, PhotoNotFoundError | PhotoUnreadableError)
            left_out[index] = LeftOut(str(path), reason, unreadable=unreadable)
            continue
        person = numbers.setdefault(people.get(path, digest.hexdigest()), len(numbers))
        top = list(found.probabilities).index(found.class_name)
        image, inside = prepared.image, prepared.inside
        side = side_of_eye(path, image, inside)
        eyes[index] = Eye(image, inside, top, found.cam, person, str(path), side)
        on_photo()
    return (
        tuple(eyes[index] for index in sorted(eyes)),
        tuple(left_out[index] for index in sorted(left_out)),
    )


def asking(session: Engine) -> Ask:
    """Make what asks a model about pictures, some at once.

    It raises ``AnswerInvalidError`` where an answer isn't numbers.
    """

    def ask(images: Images) -> tuple[Floats, Floats]:
        parts = []
        for at in range(0, len(images), _BATCH):
            parts.append(session.run(images[at : at + _BATCH], (PROBABILITIES, LOGITS)))
            check_answer(parts[-1], session.name, providers=session.providers)
        probabilities, logits = (
            np.concatenate([part[name] for part in parts]) for name in (PROBABILITIES, LOGITS)
        )
        return probabilities, logits

    return ask
