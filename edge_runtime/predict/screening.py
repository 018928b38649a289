"""Take photos through the classifier, one record each, whatever is wrong with some of them."""

import itertools
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from msgspec import UNSET, UnsetType

from edge_runtime.bundle.referral import referral
from edge_runtime.bundle.verdict import validation_of
from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import (
    AnswerInvalidError,
    PhotoUngradableError,
    printable,
)
from edge_runtime.explain.eye_side import side_in_name
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.explain.zones import side_of_disc, zone_map, zone_shares
from edge_runtime.hospital.facts import DicomFacts, with_eye
from edge_runtime.photo.decode import Photo
from edge_runtime.photo.find import Stamp, stamp_of
from edge_runtime.photo.prepare import Prepared
from edge_runtime.predict.caution import caution
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.prediction import Prediction
from edge_runtime.predict.reading import read
from edge_runtime.predict.record import (
    BundleIdentity,
    ErrorRecord,
    Explanation,
    GradedRecord,
    ModelIdentity,
    Record,
    UngradableRecord,
    path_of,
)
from edge_runtime.system.look_ahead import look_ahead

_LOOK_AHEAD = 1  # photos decoded beyond the one that is classified: each may be 300 MB

_Seen = tuple[str | None, Stamp | None, DicomFacts | None]  # as ``Screened`` has them
_Ready = tuple[Photo, Prepared, Landmarks | None, _Seen]


@dataclass(frozen=True, eq=False)
class Screened:
    """One photo's outcome: ``photo`` and ``prediction``, or what there is instead.

    An ungradable one has ``photo`` and ``reason``, a clause; one that can't be read, or to which
    the model's answer isn't numbers, has ``error``, a sentence. Where they were asked for,
    ``sha256`` is that of the file, if it could be read, and ``stamp`` the file's before that.
    ``read_as`` says in clauses how it was read where that isn't plain. ``landmarks`` are those of a
    photo with a prediction, None where nobody looked for them. ``prepared`` is the photo on its way
    to the model. ``dicom`` is what a DICOM file says of it, with the eye not yet settled.
    """

    path: Path
    photo: Photo | None = None
    prediction: Prediction | None = None
    reason: str | None = None
    error: str | None = None
    sha256: str | None = None
    stamp: Stamp | None = None
    read_as: tuple[str, ...] = ()
    landmarks: Landmarks | None = None
    prepared: Prepared | None = None
    dicom: DicomFacts | None = None


def screen(
    classifier: Classifier, paths: Iterable[Path], *, kept: bool = False
) -> Generator[Screened, None, None]:
    """Predict photos one after the other; one that fails doesn't stop the others.

    The next photo is decoded and prepared in a thread while this one is classified. Never more
    than two are in memory. Who doesn't take all of them closes the generator, as ``closing`` does:
    left to the garbage collector it would wait for its thread in whichever thread that runs.

    Args:
        classifier: What predicts them.
        paths: Their files.
        kept: Whether to find, in that thread too, what is kept of a run beside the predictions: the
            SHA-256 and the stamps of the files, and where optic disc and fovea lie.
    """
    prepare = partial(_prepare, classifier, kept=kept)
    begun, judged = itertools.tee(paths)
    with closing(look_ahead(prepare, begun, ahead=_LOOK_AHEAD)) as coming:
        yield from map(partial(_judge, classifier), judged, coming)  # which keeps none of them


def _prepare(classifier: Classifier, path: Path, *, kept: bool) -> _Ready | Screened:
    stamp = stamp_of(path) if kept else None
    got = read(path, max_pixels=classifier.max_pixels, is_hashed=kept)
    if got.decoded is None:
        return Screened(path, error=got.error, sha256=got.sha256, stamp=stamp, dicom=got.dicom)
    prepared = classifier.prepare_decoded(got.decoded, decode_ms=got.decode_ms)
    looked_for = prepared.fault is None and (kept or got.dicom is not None)
    found = _landmarks(prepared) if looked_for else None
    return got.decoded.pixels, prepared, found, (got.sha256, stamp, got.dicom)


def _landmarks(prepared: Prepared) -> Landmarks:
    from edge_runtime.explain.optic_disc import find_landmarks  # noqa: PLC0415 - in the thread

    return find_landmarks(prepared.image, prepared.inside)


def _judge(classifier: Classifier, path: Path, coming: Future[_Ready | Screened]) -> Screened:
    ready = coming.result()
    if isinstance(ready, Screened):
        return ready
    photo, prepared, found, (sha256, stamp, dicom) = ready
    read_as = prepared.read_as
    try:
        prediction = classifier.predict_prepared(prepared)
    except PhotoUngradableError as error:
        return Screened(
            path,
            photo,
            reason=error.reason,
            sha256=sha256,
            stamp=stamp,
            read_as=read_as,
            prepared=prepared,
            dicom=dicom,
        )
    except AnswerInvalidError as error:
        return Screened(path, error=f"{printable(path)}: {error}", dicom=dicom)
    return Screened(
        path,
        photo,
        prediction,
        sha256=sha256,
        stamp=stamp,
        read_as=read_as,
        landmarks=found,
        prepared=prepared,
        dicom=dicom,
    )


def chosen_classes(prediction: Prediction, choice: str) -> tuple[str, ...]:
    """Say which classes to explain: "top" is the predicted one, "all" are all, else a name."""
    if choice == "top":
        return (prediction.class_name,)
    return tuple(prediction.probabilities) if choice == "all" else (choice,)


def to_record(
    screened: Screened, classifier: Classifier, *, choice: str, overlays: Mapping[str, str]
) -> Record:
    """Turn an outcome into its record.

    Args:
        screened: The outcome.
        classifier: What made it.
        choice: Which classes are explained: "top", "all" or a class name.
        overlays: The overlay's file by class name, for the overlays that were written.
    """
    bundle, session = classifier.bundle, classifier.session
    path, prediction = path_of(screened.path), screened.prediction
    model = ModelIdentity(
        session.name,
        session.entry.precision,
        bundle.manifest.files[session.entry.file].sha256,
        tuple(session.providers),
        validation_of(session.entry.verdict),
    )
    rest = model, BundleIdentity(bundle.manifest.name, bundle.identity), DISCLAIMER
    dicom = _facts(screened)
    if screened.reason is not None:
        return UngradableRecord(path, screened.reason, *rest, screened.read_as, dicom)
    if prediction is None:
        return ErrorRecord(path, screened.error or "", *rest, dicom)
    gap = prediction.completeness_gap
    return GradedRecord(
        path,
        prediction.class_name,
        prediction.confidence,
        referral(prediction.probabilities, bundle.manifest.for_model(session.name).thresholds),
        caution(
            prediction.evidence_outside(),
            bundle.manifest.evidence_outside_max,
            prediction.likeness,
            dicom or None,
        ),
        prediction.likeness,
        dict(prediction.probabilities),
        None if prediction.logits is None else dict(prediction.logits),
        tuple(
            _explanation(prediction, name, overlays, screened.landmarks)
            for name in chosen_classes(prediction, choice)
        ),
        prediction.gradients,
        None if gap is None else max(map(abs, gap.values())),
        prediction.photo_size,
        prediction.field,
        {stage: round(ms, 3) for stage, ms in prediction.times_ms.items()},
        *rest,
        screened.read_as,
        screened.landmarks,
        dicom,
    )


def _facts(screened: Screened) -> DicomFacts | UnsetType:
    """Settle the eye of a DICOM file's photo."""
    if screened.dicom is None:
        return UNSET
    return with_eye(
        screened.dicom,
        in_name=side_in_name(screened.path),
        by_disc=screened.landmarks.eye if screened.landmarks else None,
    )


def _explanation(
    prediction: Prediction,
    name: str,
    overlays: Mapping[str, str],
    landmarks: Landmarks | None,
) -> Explanation:
    heat, cam = prediction.heatmap(name), prediction.signed_map(name)
    zones = zone_map(landmarks) if landmarks and heat.positive else None
    side = side_of_disc(cam, landmarks) if landmarks and heat.positive else None
    return Explanation(
        name,
        heat.positive,
        round(heat.evidence, 4),
        round(prediction.evidence_outside(name), 4),
        overlays.get(name, UNSET),
        UNSET if zones is None else _rounded(zone_shares(cam, zones)),
        side or UNSET,
    )


def _rounded(shares: Mapping[str, float]) -> dict[str, float]:
    return {name: round(share, 4) for name, share in shares.items()}
