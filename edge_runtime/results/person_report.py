"""Make the structured report of a person from the records of a run."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from msgspec import UNSET
from msgspec.structs import replace

from edge_runtime.bundle.metrics import Metrics
from edge_runtime.contract import DISCLAIMER
from edge_runtime.explain.eye_side import side_doubt, side_in_name
from edge_runtime.explain.landmarks import Eye, Landmarks
from edge_runtime.explain.zones import even_shares, zone_map
from edge_runtime.predict.caution import without_eye
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.familiarity import STRANGE
from edge_runtime.predict.record import ErrorRecord, Explanation, GradedRecord, Record
from edge_runtime.results.codings import CLASSES, SIDES
from edge_runtime.results.evidence_words import where
from edge_runtime.results.people import Person
from edge_runtime.results.structured_report import (
    SCHEMA,
    Caution,
    ClassFigures,
    Evidence,
    EyeReport,
    Finding,
    Measured,
    ModelReport,
    PersonReport,
    PhotoReport,
    QualityStatement,
    Scope,
    SideByDicom,
    SideOfEye,
    UsualEvidence,
)
from edge_runtime.results.texts import texts
from edge_runtime.results.usual_evidence import Averages, usual_evidence
from edge_runtime.results.worklist import GROUPS, place
from edge_runtime.version import VERSION

_EYES: tuple[Eye | None, ...] = ("right", "left", None)
_WORDS = texts("en")

#: From a class, the landmarks and the photo's number to what the class's evidence is like.
_Usual = Callable[[str, Landmarks | None, int], UsualEvidence | None]


def person_report(
    person: Person,
    records: Mapping[int, tuple[Record, str]],
    classifier: Classifier,
    averages: Averages = MappingProxyType({}),
    *,
    sides: Mapping[int, Eye | None] = MappingProxyType({}),
) -> PersonReport:
    """Make a person's report.

    Args:
        person: From ``people_of``.
        records: By the numbers of the person's photos: the record, and when it was done.
        classifier: What made the predictions.
        averages: Of its bundle, from ``averages_of``.
        sides: By the numbers of photos whose eye is known otherwise than by what they tell
            themselves: which eye it is, None where it isn't known.
    """
    order = sorted(place(record, number) for number, (record, _) in records.items())

    def usual(class_name: str, landmarks: Landmarks | None, number: int) -> UsualEvidence | None:
        return usual_evidence(class_name, landmarks, averages, classifier.bundle, number)

    photos = [
        _photo(*records[each.number], number=each.number, group=GROUPS[each.group].key,
               classifier=classifier, usual=usual)
        for each in order
    ]  # fmt: skip
    eyes = []
    for eye in _EYES:
        found = tuple(each for each in photos if sides.get(each.number, each.side.told) == eye)
        if found:
            eyes.append(EyeReport(eye, None if eye is None else SIDES[eye], found))
    classes = classifier.bundle.manifest.classes
    named = ", ".join(map(_WORDS.class_name, classes))
    return PersonReport(
        SCHEMA,
        VERSION,
        person.name,
        person.is_named,
        max((time for _, time in records.values()), key=datetime.datetime.fromisoformat),
        tuple(eyes),
        model_report(classifier, records[order[0].number][0]),
        Scope(classes, _WORDS.say("scope.limits", classes=named)),
        DISCLAIMER,
    )


def model_report(classifier: Classifier, record: Record) -> ModelReport:
    """Say which model spoke, and what its manifest says that it reaches.

    Args:
        classifier: What made the predictions.
        record: One of them.
    """
    session = classifier.session
    own = classifier.bundle.manifest.for_model(session.name)
    return ModelReport(
        record.bundle,
        record.model,
        # a bundle that nobody calibrated has exactly this temperature
        "not calibrated" if own.temperature == 1 else "temperature scaled",
        own.temperature,
        tuple(_measured(name, metrics) for name, metrics in session.entry.metrics.items()),
        _WORDS.say("camera"),
        own.thresholds,
    )


def _measured(split: str, metrics: Metrics) -> Measured:
    gated = {} if metrics.as_predicted is UNSET else metrics.as_predicted.by_class
    return Measured(
        split,
        metrics.photos,
        metrics.figure("accuracy"),
        metrics.figure("ece"),
        {
            name: ClassFigures(
                metrics.figure("recall", name),
                gated[name].of_all if name in gated else None,
                metrics.figure("precision", name),
                metrics.figure("auroc", name),
            )
            for name in metrics.recall
        },
    )


def _photo(
    record: Record, time: str, *, number: int, group: str, classifier: Classifier, usual: _Usual
) -> PhotoReport:
    graded = record if isinstance(record, GradedRecord) else None
    landmarks = graded.landmarks if graded else None
    seen = None if landmarks is None else landmarks.disc is not None
    height, width, _ = classifier.bundle.manifest.feature_shape
    return PhotoReport(
        number,
        record.path,
        time,
        group,  # type: ignore[arg-type]  # the groups' keys are listed in both places
        _quality(record, gate=classifier.quality_gate),
        graded.class_name if graded else None,
        graded.confidence if graded else None,
        _findings(graded) if graded else (),
        graded.referral if graded else None,
        graded.familiarity if graded else None,
        _cautions(graded) if graded else (),
        seen,
        _side(record, landmarks or Landmarks()),
        tuple(
            _evidence(
                each,
                landmarks,
                (height, width),
                usual(each.class_name, landmarks, number)
                if each.class_name == graded.class_name
                else None,
            )
            for each in graded.explanations
        )
        if graded
        else (),
    )


def _quality(record: Record, *, gate: bool) -> QualityStatement:
    if isinstance(record, ErrorRecord):
        return QualityStatement("unreadable", record.error, gate, ())
    if isinstance(record, GradedRecord):
        return QualityStatement("graded", None, gate, record.read_as)
    return QualityStatement("ungradable", record.reason, gate, record.read_as)


def _findings(record: GradedRecord) -> tuple[Finding, ...]:
    return tuple(
        Finding(name, share, name == record.class_name, CLASSES.get(name))
        for name, share in record.probabilities.items()
    )


def _cautions(record: GradedRecord) -> tuple[Caution, ...]:
    """Take a record's caution apart, as ``predict.caution`` put it together."""
    said = without_eye(record.caution, record.dicom or None)  # which stands with the side
    clauses: Sequence[str] = said.split("; ") if said else ()
    strange = record.familiarity is not None and record.familiarity.share < STRANGE
    return tuple(
        Caution("unfamiliar" if strange and clause == clauses[-1] else "evidence_outside", clause)
        for clause in clauses
    )


def _side(record: Record, landmarks: Landmarks) -> SideOfEye:
    path = Path(record.path)
    if not record.dicom:
        return SideOfEye(side_in_name(path), landmarks.eye, side_doubt(path, landmarks))
    told = record.dicom
    doubt, kind = (told.eye_doubt.text, told.eye_doubt.kind) if told.eye_doubt else (None, None)
    by_dicom = SideByDicom(told.eye, told.laterality, kind)
    return SideOfEye(side_in_name(path), landmarks.eye, doubt, by_dicom)


def _evidence(
    explanation: Explanation,
    landmarks: Landmarks | None,
    cells: tuple[int, int],
    usual: UsualEvidence | None,
) -> Evidence:
    """Tell a class's evidence, ``cells`` being (h, w) of its map."""
    zones = zone_map(landmarks) if landmarks and explanation.zones is not UNSET else None
    found = Evidence(
        explanation.class_name,
        explanation.positive_evidence,
        explanation.evidence_logits,
        explanation.evidence_outside,
        None if explanation.zones is UNSET else explanation.zones,
        None if zones is None else {k: round(v, 4) for k, v in even_shares(zones, cells).items()},
        None if explanation.beside_disc is UNSET else explanation.beside_disc,
        None if explanation.overlay is UNSET else explanation.overlay,
        usual,
    )
    seen = None if landmarks is None else landmarks.disc is not None
    return replace(found, in_words=where(found, _WORDS, disc_seen=seen))
