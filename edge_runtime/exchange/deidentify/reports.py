"""Take out of records and reports whose they are.

What a result says of the picture stays; what tells the person, the place and the time goes, or is
another thing in its place by the key. Texts that files and people wrote never stay.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import replace

from edge_runtime.exchange.deidentify.dates import moved_iso
from edge_runtime.exchange.deidentify.pseudonyms import Pseudonyms
from edge_runtime.exchange.fhir_codes import MODALITIES
from edge_runtime.exchange.read_results import PersonResults
from edge_runtime.explain.landmarks import Eye
from edge_runtime.hospital.facts import DicomFacts, EyeDoubt
from edge_runtime.predict.record import ErrorRecord, GradedRecord, Record
from edge_runtime.results.people import is_patient
from edge_runtime.results.structured_report import (
    Evidence,
    EyeReport,
    PersonReport,
    PhotoReport,
    QualityStatement,
    SideOfEye,
)

#: What stands where a time must and none is told: a day on which no such photograph was taken.
NO_TIME = "1900-01-01T00:00:00+00:00"

#: What stands in the place of why a photo couldn't be read, as that may quote the file.
NOT_READ = "it couldn't be read; whoever has the file finds out why with 'fundus-edge predict'"

_PROFILE = re.compile(r"its colours were brought from .* to sRGB", re.DOTALL)
_STANDARD_UID = re.compile(r"1\.2\.840\.10008\.5\.1\.4\.1\.1(\.\d{1,3}){1,6}")
_UNKNOWN = "?"  # a word for the eye that is neither R, L nor B
_DOUBT = (
    "the DICOM file's word for the eye isn't L or R; find out which eye it is before you use it"
)
_EYES: Mapping[Eye | None, str] = {"right": "_OD", "left": "_OS", None: ""}


class Nameless(Struct, frozen=True, eq=False):
    """How results are made to tell of nobody: by these pseudonyms, with dates that move or go.

    ``files`` counts by pseudonym the persons for whom ``results`` gave a name of files.
    """

    people: Pseudonyms
    moves_dates: bool = False
    files: dict[str, int] = field(default_factory=dict)

    def time(self, text: str, pseudonym: str) -> str:
        """Give what stands in the place of a time of somebody, in ISO 8601; "" stays so."""
        if not text:
            return ""
        moved = moved_iso(text, self.people.days(pseudonym)) if self.moves_dates else ""
        return moved or NO_TIME

    def patient(self, facts: Mapping[int, DicomFacts]) -> str | None:
        """Give the pseudonym of the patient whose ID DICOM files tell; None where they don't."""
        told = [each for each in facts.values() if is_patient(each.patient_id)]
        return self.people.person(told[0].patient_id, told[0].issuer) if told else None

    def person(self, report: PersonReport, facts: Mapping[int, DicomFacts]) -> str:
        """Give the pseudonym of a report's person: by the patient's ID, else by the name.

        Who has neither is called by the study of a DICOM file, else by a photo's name, which others
        have in other runs.
        """
        if patient := self.patient(facts):
            return patient
        if report.is_named:
            return self.people.person(report.person)
        studies = [each.study_uid or each.sop_instance_uid for each in facts.values()]
        if studies and studies[0]:
            return self.people.of_study(studies[0])
        return self.people.person(report.person, f"nobody told, {report.time}")

    def path(self, pseudonym: str, number: int, eye: Eye | None, suffix: str = "") -> str:
        """Name a photo by its person, the eye that its name told, and its number."""
        return f"{pseudonym}{_EYES[eye]}_{number}{_suffix(suffix)}"

    def facts(self, facts: DicomFacts, pseudonym: str) -> DicomFacts:
        """Take out of a DICOM file's facts whose photo it is."""
        uids = (facts.sop_instance_uid, facts.series_uid, facts.study_uid)
        one, series, study = (self.people.uid(each) if each else "" for each in uids)
        is_word = facts.laterality in ("", "R", "L", "B")
        known = _STANDARD_UID.fullmatch(facts.sop_class_uid) is not None
        return DicomFacts(
            facts.sop_class_uid if known else "",
            one,
            series,
            study,
            pseudonym,
            laterality=facts.laterality if is_word else _UNKNOWN,
            eye=facts.eye,
            eye_doubt=facts.eye_doubt and _doubt(facts.eye_doubt),
            acquired=self.time(facts.acquired, pseudonym) if self.moves_dates else "",
            frame=facts.frame,
            modality=facts.modality if facts.modality in MODALITIES else "",
        )

    def record(self, record: Record, pseudonym: str, number: int, eye: Eye | None) -> Record:
        """Take out of a record whose photo it is of.

        Args:
            record: It.
            pseudonym: The person's.
            number: The photo's number, which its path has.
            eye: What the file's name told.
        """
        path = self.path(pseudonym, number, eye, Path(record.path).suffix)
        facts: DicomFacts | UnsetType = UNSET
        if record.dicom is not UNSET:
            facts = self.facts(record.dicom, pseudonym)
        if isinstance(record, ErrorRecord):
            return replace(record, path=path, error=f"{path}: {NOT_READ}", dicom=facts)
        made = replace(record, path=path, read_as=nameless_notes(record.read_as), dicom=facts)
        if not isinstance(made, GradedRecord):
            return made
        said = made.caution
        if said and record.dicom and record.dicom.eye_doubt and facts and facts.eye_doubt:
            said = said.replace(record.dicom.eye_doubt.text, facts.eye_doubt.text)
        shown = tuple(replace(each, overlay=UNSET) for each in made.explanations)
        return replace(made, caution=said, explanations=shown)

    def report(
        self,
        report: PersonReport,
        facts: Mapping[int, DicomFacts],
        *,
        pseudonym: str = "",
        numbers: Mapping[int, int] = MappingProxyType({}),
    ) -> PersonReport:
        """Take out of a person's report whose it is.

        It leads to no pictures then, as nobody looked whether text stands in those.

        Args:
            report: It.
            facts: What DICOM files say of its photos, by the photo's number.
            pseudonym: The person's, where it is known already.
            numbers: By the photos' numbers, others that stand in their place.
        """
        called = pseudonym or self.person(report, facts)
        eyes = tuple(
            EyeReport(
                each.eye,
                each.laterality,
                tuple(self._photo(photo, called, numbers) for photo in each.photos),
            )
            for each in report.eyes
        )
        time = self.time(report.time, called)
        return replace(report, person=called, time=time, eyes=eyes)

    def results(self, person: PersonResults) -> PersonResults:
        """Take out of what a run found of a person whose it is: for SR and FHIR.

        There are no sources, so that nothing of a patient is read there, and no overlays. Results
        that are without names already keep their pseudonyms and UIDs.
        """
        is_done = person.dates != ""
        pseudonym = person.report.person if is_done else self.person(person.report, person.facts)
        self.people.keep()
        report = self.report(person.report, person.facts, pseudonym=pseudonym)
        facts, sha256 = person.facts, person.sha256
        if not is_done:
            facts = {number: self.facts(each, pseudonym) for number, each in facts.items()}
            sha256 = {
                number: each and self.people.digest("content", each)
                for number, each in sha256.items()
            }
        return PersonResults(
            self._file(pseudonym),
            replace(report, is_named=True),  # as nobody else has the pseudonym
            facts,
            {},
            sha256,
            "MODIFIED" if self.moves_dates else "REMOVED",
        )

    def _file(self, pseudonym: str) -> str:
        """Name a person's files; photos of one study that aren't of one person have a number."""
        number = self.files[pseudonym] = self.files.get(pseudonym, 0) + 1
        return pseudonym if number == 1 else f"{pseudonym}-{number}"

    def _photo(self, photo: PhotoReport, pseudonym: str, numbers: Mapping[int, int]) -> PhotoReport:
        number = numbers.get(photo.number, photo.number)
        path = self.path(pseudonym, number, photo.side.in_name, Path(photo.path).suffix)
        quality = photo.quality
        if quality.status == "unreadable":
            quality = QualityStatement("unreadable", f"{path}: {NOT_READ}", quality.gate, ())
        return replace(
            photo,
            number=number,
            path=path,
            time=self.time(photo.time, pseudonym),
            quality=replace(quality, read_as=nameless_notes(quality.read_as)),
            side=_side(photo.side),
            evidence=tuple(map(_without_pictures, photo.evidence)),
        )


def nameless_notes(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Take out of how a photo was read what its file calls its colours."""
    return tuple(
        "its colours were brought from those of its profile to sRGB"
        if _PROFILE.fullmatch(note)
        else note
        for note in notes
    )


def _suffix(suffix: str) -> str:
    plain = suffix.partition("#")[0].lower()
    return plain if plain in (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".dcm") else ""


def _doubt(doubt: EyeDoubt) -> EyeDoubt:
    """Say a doubt without the file's own word."""
    return EyeDoubt(doubt.kind, _DOUBT) if doubt.kind == "unknown" else doubt


def _side(side: SideOfEye) -> SideOfEye:
    if not side.by_dicom:
        return side
    is_word = side.by_dicom.laterality in ("", "R", "L", "B")
    word = side.by_dicom.laterality if is_word else _UNKNOWN
    doubt = _DOUBT if side.by_dicom.doubt == "unknown" else side.doubt
    return replace(side, doubt=doubt, by_dicom=replace(side.by_dicom, laterality=word))


def _without_pictures(evidence: Evidence) -> Evidence:
    usual = evidence.usual and replace(evidence.usual, picture="")
    return replace(evidence, overlay=None, usual=usual)
