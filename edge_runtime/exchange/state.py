"""Say in coded statements what a person's report says."""

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from msgspec.structs import replace

from edge_runtime.errors import printable
from edge_runtime.exchange import codes
from edge_runtime.exchange.camp_words import CampWords, PhotoWords
from edge_runtime.exchange.codes import class_code, code_of
from edge_runtime.exchange.state_camp import (
    camp_eye,
    camp_key,
    camp_patient,
    doubts_at_camp,
    plain_id,
    said_by_people,
    said_of_person,
)
from edge_runtime.exchange.statements import (
    Algorithm,
    Coded,
    EyeStatements,
    ImageReference,
    OverlayReference,
    Patient,
    PersonStatements,
    PhotoStatements,
    Qualifier,
    Statement,
    measured,
    worded,
)
from edge_runtime.explain.landmarks import Eye
from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.hospital.uids import is_uid
from edge_runtime.results.codings import SIDES
from edge_runtime.results.people import is_patient
from edge_runtime.results.structured_report import (
    Evidence,
    PersonReport,
    PhotoReport,
    SideOfEye,
)

_EYES: tuple[Eye | None, ...] = ("right", "left", None)
_moment = datetime.datetime.fromisoformat
_ASK = "find out which eye it is before you use the result"


def statements_of(
    report: PersonReport,
    facts: Mapping[int, DicomFacts],
    camp: CampWords | None = None,
    *,
    taken: Mapping[int, str] = MappingProxyType({}),
    images: Mapping[int, ImageReference] = MappingProxyType({}),
) -> PersonStatements:
    """Say what a report says.

    An eye has a side only where somebody said it: the DICOM file, or the name of another file. What
    the optic disc alone tells is a guess, and a doubt takes the side away, also where the person's
    page believes one of the two. At a camp the operator's word comes before all of these.

    Args:
        report: Of the person.
        facts: What the DICOM files say of its photos, by the photo's number.
        camp: What people said at the camp from which the photos come, each of them among its own.
        taken: When photos that aren't DICOM were taken, as their files say, by the photo's number.
        images: Objects that were made of such photos for an archive, likewise.
    """
    photos = [photo for eye in report.eyes for photo in eye.photos]
    words = camp.photos if camp else {}
    said = [
        _photo(each, facts.get(each.number), words.get(each.number), taken.get(each.number, ""))
        for each in photos
    ]
    said = [_with_image(each, images) for each in said]
    eyes = tuple(
        EyeStatements(eye, None if eye is None else code_of(SIDES[eye]), found)
        for eye in _EYES
        if (found := tuple(each for each in said if each.eye == eye))
    )
    model = report.model
    algorithm = Algorithm(
        "fundus-edge", report.version, model.bundle.identity, model.model.name,
        model.model.precision,
    )  # fmt: skip
    told = [facts[each.number] for each in photos if each.number in facts]
    return PersonStatements(
        _patient(report, told, camp),
        max(report.time, (camp and camp.said_last) or report.time, key=_moment),
        algorithm,
        eyes,
        tuple(_general(report)),
        report.disclaimer,
        tuple(said_of_person(camp)) if camp else (),
        camp.days if camp else (),
        {each.study_uid: camp.visit_day for each in images.values()} if camp else {},
    )


def known_side(side: SideOfEye) -> Eye | None:
    """Give the side that somebody said and that nothing contradicts; None where there is none."""
    if side.by_dicom:
        return side.by_dicom.eye
    return None if side.doubt else side.in_name


def _patient(report: PersonReport, facts: list[DicomFacts], camp: CampWords | None) -> Patient:
    told = [each for each in facts if is_patient(each.patient_id)]
    if told:
        key = camp_key(camp) if camp else ""
        return Patient(told[0].patient_id, told[0].issuer, is_known=True, is_dicom=True, key=key)
    if camp:
        return camp_patient(camp)
    identifier = plain_id(report.person)
    return Patient(identifier, "", is_known=report.is_named, is_dicom=False)


def _photo(
    photo: PhotoReport, facts: DicomFacts | None, words: PhotoWords | None, taken: str
) -> PhotoStatements:
    image = None
    if facts and all(map(is_uid, (facts.sop_instance_uid, facts.series_uid, facts.study_uid))):
        image = ImageReference(
            facts.sop_class_uid, facts.sop_instance_uid, facts.series_uid, facts.study_uid,
            facts.frame,
        )  # fmt: skip
    eye = camp_eye(words) if words else known_side(photo.side)
    by_operator = words is not None and words.told_by == "operator"
    doubts = doubts_at_camp(photo.side, words) if words and by_operator else _side(photo.side, eye)
    people = said_by_people(words) if words else ()
    return PhotoStatements(
        photo.number,
        printable(Path(photo.path).name),
        eye,
        image,
        photo.time,
        facts.acquired if facts else taken,
        (*_quality(photo), *doubts, *_graded(photo), *people),
        tuple(
            OverlayReference(class_code(each.class_name), each.class_name, each.overlay)
            for each in photo.evidence
            if each.overlay
        ),
        facts.modality if facts else "",
    )


def _with_image(photo: PhotoStatements, images: Mapping[int, ImageReference]) -> PhotoStatements:
    """Put a photo that came in no DICOM file to the object that was made of it."""
    if photo.image or photo.number not in images:
        return photo
    return replace(photo, image=images[photo.number], modality="OP")


def _quality(photo: PhotoReport) -> Iterator[Statement]:
    """Say whether it can be graded; why not is told without the file's folders."""
    quality = photo.quality
    is_unchecked = quality.status == "graded" and not quality.gate
    status = codes.QUALITIES["unchecked" if is_unchecked else quality.status]
    yield Statement(codes.IMAGE_QUALITY, Coded(status))
    if quality.reason:
        why = quality.reason.removeprefix(f"{printable(photo.path)}: ")
        yield worded(codes.QUALITY_REASON, why)
    yield from (worded(codes.READ_AS, each) for each in quality.read_as)


def _side(side: SideOfEye, eye: Eye | None) -> Iterator[Statement]:
    """Say what leaves a doubt about which eye it is, also where nothing tells it."""
    if eye is not None:
        return
    if side.by_dicom:
        kind, doubt = side.by_dicom.doubt or "absent", side.doubt
    else:
        kind, doubt = ("disc" if side.doubt else "absent"), side.doubt
    if not doubt:
        hint = f" (the optic disc lies as in a {side.by_disc} eye)" if side.by_disc else ""
        doubt = f"nothing says which eye it is{hint}; {_ASK}"
    yield Statement(codes.SIDE_DOUBT, Coded(codes.DOUBTS[kind]))
    yield worded(codes.SIDE_DOUBT_TEXT, doubt)


def _graded(photo: PhotoReport) -> Iterator[Statement]:
    """Say what there is of a graded photo alone."""
    if photo.predicted is not None:
        yield Statement(codes.FINDING, Coded(class_code(photo.predicted)))
    for found in photo.findings:
        yield measured(codes.PROBABILITY, found.probability, _class(found.class_name))
    if photo.referral:
        yield Statement(codes.REFERRAL, Coded(codes.referral_code(photo.referral)))
        yield measured(codes.REFERRAL_SCORE, photo.referral.score)
        yield measured(codes.REFERRAL_THRESHOLD, photo.referral.threshold)
        yield worded(codes.REFERRAL_WHY, photo.referral.why)
    if photo.familiarity:
        yield measured(codes.FAMILIARITY, photo.familiarity.share)
        yield measured(codes.STRANGENESS, photo.familiarity.distance)
    for caution in photo.cautions:
        yield Statement(codes.CAUTION, Coded(codes.CAUTIONS[caution.code]))
        yield worded(codes.CAUTION_TEXT, caution.text)
    for evidence in photo.evidence:
        yield from _evidence(evidence)


def _evidence(evidence: Evidence) -> Iterator[Statement]:
    of = _class(evidence.class_name)
    yield measured(codes.EVIDENCE, evidence.logits, of)
    yield measured(codes.EVIDENCE_OUTSIDE, evidence.outside, of)
    for concept, shares in (
        (codes.EVIDENCE_IN_ZONE, evidence.zones), (codes.EVENLY_IN_ZONE, evidence.zones_evenly),
    ):  # fmt: skip
        for zone, share in (shares or {}).items():
            yield measured(
                concept, share, of, Qualifier(codes.FINDING_SITE, codes.ZONE_CODES[zone])
            )
    if evidence.in_words:
        yield worded(codes.EVIDENCE_TEXT, evidence.in_words, of)


def _general(report: PersonReport) -> Iterator[Statement]:
    """Say what holds for the whole report."""
    yield worded(codes.DISCLAIMER_CODE, report.disclaimer)
    model, bundle = report.model.model, report.model.bundle
    for concept, text in (
        (codes.BUNDLE, bundle.name), (codes.BUNDLE_IDENTITY, bundle.identity),
        (codes.MODEL, model.name), (codes.MODEL_SHA256, model.sha256),
        (codes.PRECISION, model.precision), (codes.PROVIDERS, ", ".join(model.providers)),
        (codes.VALIDATION, str(model.validation)), (codes.CALIBRATION, report.model.confidence_is),
    ):  # fmt: skip
        yield worded(concept, text)
    if thresholds := report.model.thresholds:
        yield measured(codes.SENSITIVITY, thresholds.sensitivity)
        for name, each in thresholds.classes.items():
            yield measured(codes.THRESHOLD, each.threshold, _class(name))
        for name in thresholds.no_referral:
            yield Statement(codes.NO_REFERRAL_CLASS, Coded(class_code(name)))
    for name in report.scope.classes:
        yield Statement(codes.SCOPE_CLASS, Coded(class_code(name)))
    yield worded(codes.SCOPE_LIMITS, report.scope.limits)
    yield worded(codes.MEASURED_ON, report.model.camera)


def _class(name: str) -> Qualifier:
    return Qualifier(codes.FINDING, class_code(name))
