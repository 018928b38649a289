"""Take out of a run's photographs, before anything of them is written, whose they are."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from edge_runtime.errors import printable
from edge_runtime.exchange.deidentify.pictures import painted_photo
from edge_runtime.exchange.deidentify.reports import NOT_READ, Nameless, nameless_notes
from edge_runtime.explain.eye_side import side_in_name
from edge_runtime.hospital.damage import ClauseError
from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.photo.decode import Photo
from edge_runtime.photo.find import absolute
from edge_runtime.photo.frames import file_of
from edge_runtime.predict.screening import Screened
from edge_runtime.results.people import is_patient, told_in_name


class NamelessRun:
    """Makes the photographs of a run tell of nobody, one after the other.

    Their pictures are black outside of the field of view. Nothing is shown of one without a field
    that was found, and of one in which a name may stand. ``hidden`` counts the latter.
    """

    def __init__(
        self, nameless: Nameless, photos: Iterable[Path], *, is_looked_at: bool = False
    ) -> None:
        """Begin.

        Args:
            nameless: How it is done.
            photos: All of the run, as names that stand in two folders are of two.
            is_looked_at: Whether somebody looked at each picture and found no text of anybody in
                its field; otherwise it must be a DICOM file that says so.
        """
        self._nameless, self._number = nameless, 0
        self._is_looked_at, self.hidden = is_looked_at, 0
        self._folders: dict[str, set[Path]] = defaultdict(set)
        for photo in photos:
            if name := _named(photo):
                self._folders[name].add(photo.parent)

    def __call__(self, screened: Screened) -> Screened:
        """Give a photo's outcome without whose it is; its pseudonym is kept by then."""
        self._number += 1
        people, path = self._nameless.people, screened.path
        pseudonym = self._person(path, screened.dicom)
        people.keep()
        suffix = file_of(path).suffix
        named = Path(self._nameless.path(pseudonym, self._number, side_in_name(path), suffix))
        return dataclasses.replace(
            screened,
            path=named,
            photo=self._shown(screened),
            error=f"{printable(named)}: {NOT_READ}" if screened.error is not None else None,
            sha256=screened.sha256 and people.digest("content", screened.sha256),
            stamp=None,
            read_as=nameless_notes(screened.read_as),
            prepared=None,
            dicom=screened.dicom and self._nameless.facts(screened.dicom, pseudonym),
        )

    def _shown(self, screened: Screened) -> Photo | None:
        photo = screened.photo
        if photo is None:
            return None
        says_so = screened.dicom is not None and screened.dicom.has_no_text
        if not (says_so or self._is_looked_at):
            self.hidden += 1
            return np.zeros_like(photo)
        try:
            return painted_photo(photo)
        except ClauseError:
            return np.zeros_like(photo)

    def _person(self, path: Path, facts: DicomFacts | None) -> str:
        """Give the pseudonym of the patient's ID, else of the name, else of the photo alone."""
        people = self._nameless.people
        if facts is not None:
            if is_patient(facts.patient_id):
                return people.person(facts.patient_id, facts.issuer)
            study = facts.study_uid or facts.sop_instance_uid or absolute(path)
            return people.of_study(str(study))
        name = _named(path)
        if name is None:
            return people.person(printable(absolute(path)), "nobody told")
        is_alone = len(self._folders[name]) < 2
        return people.person(name, "" if is_alone else printable(absolute(path.parent)))


def _named(photo: Path) -> str | None:
    """Give what a file's name tells of a person, None for nothing."""
    told = told_in_name(photo)
    return None if told is None else printable(" ".join(filter(None, told)))
