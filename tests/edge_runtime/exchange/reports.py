"""Reports of persons made of records, without a model that runs."""

from functools import cache

import msgspec

from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.exchange.state import statements_of
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.hospital.facts import DicomFacts, with_eye
from edge_runtime.predict.caution import caution
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.familiarity import Likeness
from edge_runtime.predict.record import Explanation
from edge_runtime.results.people import Person
from edge_runtime.results.person_report import person_report
from tests.edge_runtime.results.records import graded

WHEN = "2026-01-02T03:04:05+01:00"
DISC = {
    "right": Landmarks((0.4, 0.0), 0.3, 0.9, None, "right"),
    "left": Landmarks((-0.4, 0.0), 0.3, 0.9, None, "left"),
    None: Landmarks(),
}
ZONES = {"outside": 0.1, "disc": 0.05, "macula": 0.4, "disc_1": 0.05, "disc_2": 0.4}


@cache
def classifier():
    return Classifier(load_bundle())


def full(path="P1_OD.jpg", *, disc=None, dicom=None, text=None):
    """Make the record of a graded photo that has all that a record can have."""
    likeness = Likeness(0.01, 0.9)
    changes = {
        "familiarity": likeness,
        "caution": text or caution(0.7, 0.5, likeness, None),
        "explanations": (
            Explanation("glaucoma", True, 1.2345, 0.7, "overlays/0001-a.jpg", ZONES, "temporal"),
        ),
        "landmarks": DISC[disc],
        "read_as": ("brightened from 12 bits",),
    }
    if dicom is not None:
        changes["dicom"] = dicom
    return msgspec.structs.replace(graded(path, 0.123456789012345), **changes)


def facts(laterality="R", *, in_name=None, by_disc=None, patient="P1", **more):
    said = DicomFacts(
        "1.2.840.10008.5.1.4.1.1.77.1.5.1", "1.2.3", "1.2.4", "1.2.5", patient, "H", laterality,
        acquired="2024-01-31T10:11:12", **more,
    )  # fmt: skip
    return with_eye(said, in_name=in_name, by_disc=by_disc)


def report_of(*records, person="P1", named=True):
    by_number = {number: (record, WHEN) for number, record in enumerate(records, 1)}
    return person_report(Person(person, person, named, tuple(by_number)), by_number, classifier())


def said_of(*records, person="P1", named=True):
    """Say what is said of a person of these records."""
    told = {
        number: record.dicom
        for number, record in enumerate(records, 1)
        if record.dicom is not msgspec.UNSET
    }
    return statements_of(report_of(*records, person=person, named=named), told)


def told(photo):
    """Put a photo's statements as plain text, for looking up."""
    return [
        (each.concept.value, *(one.value.value for one in each.qualifiers), plain(each.value))
        for each in photo.statements
    ]


def plain(value):
    """Give a value as it is in Python."""
    if hasattr(value, "code"):
        return value.code.value
    return getattr(value, "text", None) or value.value
