"""Say in coded statements what a person's report says."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.exchange import codes
from edge_runtime.exchange.codes import Code, class_code, code_of
from edge_runtime.exchange.new_object import is_uid
from edge_runtime.exchange.statements import (
    Algorithm,
    Coded,
    EyeStatements,
    ImageReference,
    Number,
    OverlayReference,
    Patient,
    PersonStatements,
    PhotoStatements,
    Qualifier,
    Statement,
    Text,
)
from edge_runtime.explain.landmarks import Eye
from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.results.codings import SIDES
from edge_runtime.results.people import is_patient
from edge_runtime.results.structured_report import (
    Evidence,
    PersonReport,
    PhotoReport,
    SideOfEye,
)

_EYES: tuple[Eye | None, ...] = ("right", "left", None)
_ASK = "find out which eye it is before you use the result"


def statements_of(report: PersonReport, facts: Mapping[int, DicomFacts]) -> PersonStatements:
    """Say what a report says.

    An eye has a side only where somebody said it: the DICOM file, or the name of another file. What
    the optic disc alone tells is a guess, and a doubt takes the side away, also where the person's
    page believes one of the two.

    Args:
        report: Of the person.
        facts: What the DICOM files say of its photos, by the photo's number.
    """
    photos = [photo for eye in report.eyes for photo in eye.photos]
    said = [_photo(photo, facts.get(photo.number)) for photo in photos]
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
    return PersonStatements(
        _patient(report, [facts[each.number] for each in photos if each.number in facts]),
        report.time,
        algorithm,
        eyes,
        tuple(_general(report)),
        report.disclaimer,
    )


def known_side(side: SideOfEye) -> Eye | None:
    """Give the side that somebody said and that nothing contradicts; None where there is none."""
    if side.by_dicom:
        return side.by_dicom.eye
    return None if side.doubt else side.in_name


def _patient(report: PersonReport, facts: list[DicomFacts]) -> Patient:
    told = [each for each in facts if is_patient(each.patient_id)]
    if told:
        return Patient(told[0].patient_id, told[0].issuer, is_known=True, is_dicom=True)
    identifier = printable(report.person).replace("\\", "/").strip()[:64].strip()
    return Patient(identifier, "", is_known=report.is_named, is_dicom=False)


def _photo(photo: PhotoReport, facts: DicomFacts | None) -> PhotoStatements:
    image = None
    if facts and all(map(is_uid, (facts.sop_instance_uid, facts.series_uid, facts.study_uid))):
        image = ImageReference(
            facts.sop_class_uid, facts.sop_instance_uid, facts.series_uid, facts.study_uid,
            facts.frame,
        )  # fmt: skip
    eye = known_side(photo.side)
    return PhotoStatements(
        photo.number,
        printable(Path(photo.path).name),
        eye,
        image,
        photo.time,
        facts.acquired if facts else "",
        (*_quality(photo), *_side(photo.side, eye), *_graded(photo)),
        tuple(
            OverlayReference(class_code(each.class_name), each.class_name, each.overlay)
            for each in photo.evidence
            if each.overlay
        ),
        facts.modality if facts else "",
    )


def _quality(photo: PhotoReport) -> Iterator[Statement]:
    """Say whether it can be graded; why not is told without the file's folders."""
    quality = photo.quality
    is_unchecked = quality.status == "graded" and not quality.gate
    status = codes.QUALITIES["unchecked" if is_unchecked else quality.status]
    yield Statement(codes.IMAGE_QUALITY, Coded(status))
    if quality.reason:
        why = quality.reason.removeprefix(f"{printable(photo.path)}: ")
        yield _text(codes.QUALITY_REASON, why)
    yield from (_text(codes.READ_AS, each) for each in quality.read_as)


def _side(side: SideOfEye, eye: Eye | None) -> Iterator[Statement]:
    """Say why the eye isn't known."""
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
    yield _text(codes.SIDE_DOUBT_TEXT, doubt)


def _graded(photo: PhotoReport) -> Iterator[Statement]:
    """Say what there is of a graded photo alone."""
    if photo.predicted is not None:
        yield Statement(codes.FINDING, Coded(class_code(photo.predicted)))
    for found in photo.findings:
        yield _number(codes.PROBABILITY, found.probability, _class(found.class_name))
    if photo.referral:
        yield Statement(codes.REFERRAL, Coded(codes.referral_code(photo.referral)))
        yield _number(codes.REFERRAL_SCORE, photo.referral.score)
        yield _number(codes.REFERRAL_THRESHOLD, photo.referral.threshold)
        yield _text(codes.REFERRAL_WHY, photo.referral.why)
    if photo.familiarity:
        yield _number(codes.FAMILIARITY, photo.familiarity.share)
        yield _number(codes.STRANGENESS, photo.familiarity.distance)
    for caution in photo.cautions:
        yield Statement(codes.CAUTION, Coded(codes.CAUTIONS[caution.code]))
        yield _text(codes.CAUTION_TEXT, caution.text)
    for evidence in photo.evidence:
        yield from _evidence(evidence)


def _evidence(evidence: Evidence) -> Iterator[Statement]:
    of = _class(evidence.class_name)
    yield _number(codes.EVIDENCE, evidence.logits, of)
    yield _number(codes.EVIDENCE_OUTSIDE, evidence.outside, of)
    for concept, shares in (
        (codes.EVIDENCE_IN_ZONE, evidence.zones), (codes.EVENLY_IN_ZONE, evidence.zones_evenly),
    ):  # fmt: skip
        for zone, share in (shares or {}).items():
            yield _number(concept, share, of, Qualifier(codes.FINDING_SITE, codes.ZONE_CODES[zone]))
    if evidence.in_words:
        yield _text(codes.EVIDENCE_TEXT, evidence.in_words, of)


def _general(report: PersonReport) -> Iterator[Statement]:
    """Say what holds for the whole report."""
    yield _text(codes.DISCLAIMER_CODE, report.disclaimer)
    model, bundle = report.model.model, report.model.bundle
    for concept, text in (
        (codes.BUNDLE, bundle.name), (codes.BUNDLE_IDENTITY, bundle.identity),
        (codes.MODEL, model.name), (codes.MODEL_SHA256, model.sha256),
        (codes.PRECISION, model.precision), (codes.PROVIDERS, ", ".join(model.providers)),
        (codes.VALIDATION, str(model.validation)), (codes.CALIBRATION, report.model.confidence_is),
    ):  # fmt: skip
        yield _text(concept, text)
    if thresholds := report.model.thresholds:
        yield _number(codes.SENSITIVITY, thresholds.sensitivity)
        for name, each in thresholds.classes.items():
            yield _number(codes.THRESHOLD, each.threshold, _class(name))
        for name in thresholds.no_referral:
            yield Statement(codes.NO_REFERRAL_CLASS, Coded(class_code(name)))
    for name in report.scope.classes:
        yield Statement(codes.SCOPE_CLASS, Coded(class_code(name)))
    yield _text(codes.SCOPE_LIMITS, report.scope.limits)
    yield _text(codes.MEASURED_ON, report.model.camera)


def _class(name: str) -> Qualifier:
    return Qualifier(codes.FINDING, class_code(name))


def _number(concept: Code, value: float, *qualifiers: Qualifier) -> Statement:
    return Statement(concept, Number(float(value)), qualifiers)


def _text(concept: Code, text: str, *qualifiers: Qualifier) -> Statement:
    return Statement(concept, Text(printable(text).strip()), qualifiers)
