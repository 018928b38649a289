"""Ask a model about photos and about what perturbations make of them, in batches."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from calibration.compare.similarity import MEASURES, MapDistance
from calibration.errors import NoPhotoLeftError
from calibration.explanations.explained import ExplainedPhoto, Floats
from calibration.explanations.known_photos import KnownPhoto
from calibration.explanations.stability.carried import carry_back, compare_where, move
from calibration.explanations.stability.noise_sensitivity import noisy, sensitivity
from calibration.explanations.stability.perturbations import PERTURBATIONS, perturb
from calibration.explanations.stability.perturbed import Image, Inside, Perturbed
from calibration.explanations.stability.shaken import LeftOut, Row, Shaken, ShakeOptions, stacked
from calibration.models.model_under_test import ModelUnderTest, Outputs, run_model
from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError, printable
from edge_runtime.explain.eye_side import side_in_name
from edge_runtime.explain.gradcam import inside_shares
from edge_runtime.explain.optic_disc import find_landmarks
from edge_runtime.photo.prepare import decode_timed, prepare_timed
from edge_runtime.predict.familiarity import UNFAMILIAR, is_familiar
from edge_runtime.system.look_ahead import look_ahead

#: Pictures that the model is asked about at once.
BATCH = 16

#: The untouched picture of a photo and where it shows the eye.
Field = tuple[Image, Inside]


@dataclass(frozen=True, eq=False)
class _Ready:
    photo: ExplainedPhoto
    field: Field
    perturbed: tuple[Perturbed, ...]
    pictures: Image


def shake(
    tested: ModelUnderTest,
    photos: Sequence[KnownPhoto],
    *,
    options: ShakeOptions,
    limits: QualityLimits,
    on_picture: Callable[[int], None] = lambda count: None,
) -> Shaken:
    """Perturb photos and ask a model about all of it.

    A photo is read and perturbed in a thread while the model looks at the one before. Two photos'
    pictures are in memory.

    Args:
        tested: The model; ``batch`` says how many pictures it is given at once.
        photos: The files. What the quality gate refuses, or the model doesn't know the like of, is
            left out, and so is what can't be read.
        options: What to do.
        limits: Of the quality gate.
        on_picture: Called with the number of pictures that are done, ``options.pictures`` a photo.

    Raises:
        NoPhotoLeftError: No photo is left.
        AnswerInvalidError: The model's answer isn't numbers.
    """
    rows: list[Row] = []
    left_out: list[LeftOut] = []
    work = partial(_ready, size=tested.input_size, options=options, limits=limits)
    with closing(look_ahead(work, photos, ahead=1)) as coming:
        for future in coming:
            found = future.result()
            row = _row(tested, found, on_picture) if isinstance(found, _Ready) else found
            if isinstance(row, LeftOut):
                left_out.append(row)
                on_picture(options.pictures)
            else:
                rows.append(row)
    if not rows:
        raise NoPhotoLeftError([f"{each.path}: {each.reason}" for each in left_out])
    return stacked(rows, tested.classes, options, left_out)


def read_field(path: Path, *, size: tuple[int, int]) -> Field:
    """Read a photo as the model sees it.

    Raises:
        PhotoNotFoundError: The file doesn't exist.
        PhotoUnreadableError: It can't be decoded.
    """
    prepared = prepare_timed(decode_timed(path)[0], size=size, limits=None, decode_ms=0.0)
    return prepared.image, prepared.inside


def _ready(
    known: KnownPhoto, *, size: tuple[int, int], options: ShakeOptions, limits: QualityLimits
) -> _Ready | LeftOut:
    """Read a photo and make all its pictures."""
    digest = hashlib.sha256()
    try:
        decoded, _ = decode_timed(known.path, on_read=digest.update)
        prepared = prepare_timed(decoded, size=size, limits=limits, decode_ms=0.0)
    except (PhotoNotFoundError, PhotoUnreadableError) as error:
        cause = str(error).removeprefix(f"{printable(known.path)}: ")
        return LeftOut(str(known.path), cause, unreadable=True)
    if prepared.fault is not None:
        return LeftOut(str(known.path), prepared.fault, unreadable=False)
    image, inside = prepared.image, prepared.inside
    perturbed = tuple(
        perturb(image, inside, name, amount=amount, seed=options.seed)
        for name in options.names
        for amount in PERTURBATIONS[name].amounts
    )
    near = noisy(image, inside, options.ball, seed=options.seed)
    photo = ExplainedPhoto(
        str(known.path), digest.hexdigest(), None, known.source, known.patient,
        side_in_name(known.path), None, None, find_landmarks(image, inside),
    )  # fmt: skip
    pictures = np.concatenate([[each.image for each in perturbed], near])
    return _Ready(photo, (image, inside), perturbed, pictures)


def _row(tested: ModelUnderTest, ready: _Ready, on_picture: Callable[[int], None]) -> Row | LeftOut:
    """Ask the model about a photo's pictures, and compare their maps with the untouched one's."""
    image, inside = ready.field
    first = run_model(tested, image[None], tested.classes)
    if first.distances is not None and not is_familiar(float(first.distances[0])):
        return LeftOut(ready.photo.path, UNFAMILIAR, unreadable=False)
    on_picture(1)
    said = run_model(tested, ready.pictures, tested.classes, on_photo=on_picture)
    top, count = int(first.top[0]), len(ready.perturbed)
    own, cams = first.cam[0, top], said.cam[:, top]
    before = inside_shares(inside, (own.shape[0], own.shape[1]))
    compared = [
        _compared(own, cam, each, before, tested.input_size)
        for cam, each in zip(cams[:count], ready.perturbed, strict=True)
    ]
    maps, *tables = zip(*compared, strict=True)
    distances, followed, uncarried = (np.array(table, np.float64) for table in tables)
    familiarity = None if first.distances is None else float(first.distances[0])
    return Row(
        replace(ready.photo, familiarity=familiarity),
        first.cam[0],
        _float32(first),
        _float32(said)[:count],
        np.stack(maps),
        distances,
        followed,
        uncarried,
        sensitivity(image, own, ready.pictures[count:], cams[count:]),
        before,
    )


def _compared(
    own: Floats, cam: Floats, perturbed: Perturbed, before: Floats, size: tuple[int, int]
) -> tuple[Floats, Sequence[float], Sequence[float], Sequence[float]]:
    """Carry a map back and compare it; so one that follows the eye, and the map as it stands."""
    after = inside_shares(perturbed.inside, (own.shape[0], own.shape[1]))
    moved = perturbed.moved
    back = partial(carry_back, moved=moved, before=before, after=after, size=size)
    carried, valid = back(cam)
    controls: list[Sequence[float]] = [_NOTHING, _NOTHING]
    if moved is not None:
        followed = move(own, moved, before=before, after=after, size=size)
        controls = [
            _values(compare_where(own, other, valid, size=size))
            for other in (back(followed)[0], cam)
        ]
    distances = _values(compare_where(own, carried, valid, size=size))
    return carried, distances, controls[0], controls[1]


_NOTHING = (np.nan,) * len(MEASURES)


def _values(found: MapDistance | None) -> Sequence[float]:
    return _NOTHING if found is None else astuple(found)


def _float32(outputs: Outputs) -> Floats:
    return outputs.probabilities.astype(np.float32)
