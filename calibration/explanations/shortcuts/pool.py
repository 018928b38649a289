"""Ask a model about photos as they are, and choose which are changed, and like whose."""

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

Numbers = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Pool:
    """M photos that the model gives a class, its answers, and those that were left out.

    ``logits`` is float64 (M, C).
    """

    explained: Explained
    logits: npt.NDArray[np.float64]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, eq=False)
class Donors:
    """Whose properties N photos get.

    ``chosen`` are the numbers of the N in the pool. ``donors`` is (N, C + 1), the number in the
    pool of each photo's donor, -1 where there is none: of each class, as the model calls it, and at
    last of another source and the photo's own class. The donor of the photo's own class is its
    control. ``same_source`` is bool of the same shape: whether it is of the photo's own source, as
    far as sources are known.
    """

    chosen: Numbers
    donors: Numbers
    same_source: npt.NDArray[np.bool_]


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


def draw_donors(pool: Explained, *, limit: int, seed: int) -> Donors:
    """Choose at most ``limit`` photos to change, of each class as many as can be, and donors.

    Donors are of other persons. One of another class is of the photo's own source where there is
    such, so that the class alone is another; so is the one of its own class.

    Args:
        pool: The photos.
        limit: Most photos to change.
        seed: Of the draws.
    """
    chosen = _balanced(pool.top, limit, np.random.default_rng(seed))
    classes = len(pool.classes)
    donors = np.full((len(chosen), classes + 1), -1, np.intp)
    sources = np.array([photo.source or "" for photo in pool.photos])
    for row, own in enumerate(chosen):
        draw = np.random.default_rng((seed, int(own)))
        near = sources == sources[own]
        others = pool.groups != pool.groups[own]
        for number in range(classes):
            of_class = others & (pool.top == number)
            donors[row, number] = _one_of(of_class & near, of_class, draw)
        if sources[own]:
            elsewhere = others & (pool.top == pool.top[own]) & ~near & (sources != "")
            donors[row, classes] = _one_of(elsewhere, elsewhere, draw)
    same = (donors >= 0) & (sources[donors] == sources[chosen][:, None])
    return Donors(chosen, donors, same)


def _balanced(top: Numbers, limit: int, draw: np.random.Generator) -> Numbers:
    """Take photos class by class in turn, in drawn order, until there are enough."""
    order = draw.permutation(len(top))
    turns = np.zeros(len(top), np.intp)  # how many of its class were drawn before
    for number in np.unique(top):
        of_class = order[top[order] == number]
        turns[of_class] = np.arange(len(of_class))
    return np.sort(order[np.argsort(turns[order], kind="stable")][:limit])


def _one_of(
    preferred: npt.NDArray[np.bool_], allowed: npt.NDArray[np.bool_], draw: np.random.Generator
) -> int:
    found = np.flatnonzero(preferred if preferred.any() else allowed)
    return int(draw.choice(found)) if found.size else -1


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
