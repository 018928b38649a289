"""Ask a model about photos as they are."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from calibration.errors import NoLogitsError, NoPhotoLeftError
from calibration.explanations.explained import Explained, ExplainedPhoto
from calibration.explanations.known_photos import KnownPhoto
from calibration.explanations.stability.shaken import LeftOut
from calibration.models.model_under_test import ModelUnderTest, Outputs, run_model
from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError, printable
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.photo.prepare import Prepared, decode_timed, prepare_timed
from edge_runtime.predict.familiarity import UNFAMILIAR, is_familiar
from edge_runtime.system.look_ahead import look_ahead


@dataclass(frozen=True, eq=False)
class Pool:
    """M photos that the model gives a class, its answers, and those that were left out.

    ``logits`` is float64 (M, C).
    """

    explained: Explained
    logits: npt.NDArray[np.float64]
    left_out: tuple[LeftOut, ...]


def ask_pool(
    tested: ModelUnderTest,
    photos: Sequence[KnownPhoto],
    *,
    limits: QualityLimits,
    on_picture: Callable[[int], None] = lambda count: None,
) -> Pool:
    """Ask the model about photos as they are, each read in a thread beside the one before.

    Raises:
        NoLogitsError: The model gives none.
        NoPhotoLeftError: All are refused or can't be read.
        AnswerInvalidError: An answer isn't numbers.
    """
    kept: list[tuple[ExplainedPhoto, Outputs]] = []
    left_out: list[LeftOut] = []
    with closing(look_ahead(partial(_read, tested, limits), photos, ahead=2)) as coming:
        for known, future in zip(photos, coming, strict=True):
            found = future.result()
            if isinstance(found, LeftOut):
                left_out.append(found)
            else:
                prepared, sha256 = found
                said = run_model(tested, prepared.image[None], tested.classes)
                if said.logits is None:
                    raise NoLogitsError(tested.file.name)
                if said.distances is not None and not is_familiar(float(said.distances[0])):
                    left_out.append(LeftOut(str(known.path), UNFAMILIAR, unreadable=False))
                else:
                    kept.append((_explained(known, sha256, said), said))
            on_picture(1)
    if not kept:
        raise NoPhotoLeftError([f"{each.path}: {each.reason}" for each in left_out])
    answers = [said for _, said in kept]
    explained = Explained(
        tested.classes,
        tuple(photo for photo, _ in kept),
        np.concatenate([said.cam for said in answers]),
        np.concatenate([said.probabilities.astype(np.float32) for said in answers]),
        np.zeros((len(kept), 0), np.float32),
    )
    logits = [said.logits for said in answers if said.logits is not None]
    return Pool(explained, np.concatenate(logits), tuple(left_out))


def _read(
    tested: ModelUnderTest, limits: QualityLimits, known: KnownPhoto
) -> tuple[Prepared, str] | LeftOut:
    digest = hashlib.sha256()
    try:
        decoded, _ = decode_timed(known.path, on_read=digest.update)
    except (PhotoNotFoundError, PhotoUnreadableError) as error:
        cause = str(error).removeprefix(f"{printable(known.path)}: ")
        return LeftOut(str(known.path), cause, unreadable=True)
    prepared = prepare_timed(decoded, size=tested.input_size, limits=limits, decode_ms=0.0)
    if prepared.fault is not None:
        return LeftOut(str(known.path), prepared.fault, unreadable=False)
    return prepared, digest.hexdigest()


def _explained(known: KnownPhoto, sha256: str, said: Outputs) -> ExplainedPhoto:
    distance = None if said.distances is None else float(said.distances[0])
    return ExplainedPhoto(
        str(known.path), sha256, None, known.source, known.patient, None, None, distance,
        Landmarks(),
    )  # fmt: skip
