"""Read back what a run found of each person: the report, and what its DICOM files said."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Literal

from msgspec import UNSET, Struct, field
from msgspec.structs import replace

from edge_runtime.errors import ResultsUnreadableError
from edge_runtime.exchange.camp_words import CampWords
from edge_runtime.exchange.deidentify.pseudonyms import NAME, PSEUDONYM
from edge_runtime.exchange.state import statements_of
from edge_runtime.exchange.statements import ImageReference, PersonStatements
from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.photo.field import Field
from edge_runtime.photo.find import STORE
from edge_runtime.predict.record import GradedRecord, Record
from edge_runtime.results.people import PEOPLE, Person, people_of
from edge_runtime.results.store import Store
from edge_runtime.results.store_form import DonePhoto
from edge_runtime.results.structured_report import SCHEMA, PersonReport
from edge_runtime.system.codec import parse, read

_MOST_BYTES = 64 << 20  # of a person's report; one of a thousand photos has some 8 MB
_AGAIN = "make it again: the same 'fundus-edge predict' with --resume"

_NAME_ANOTHER = "name a folder that 'fundus-edge predict --out' wrote"


class PersonResults(Struct, frozen=True, dict=True):
    """What a run found of a person.

    ``file`` is what the person's files in ``people/`` are called, without an ending. By the numbers
    of the photos: ``facts`` are those of DICOM files, ``sources`` where each photo lay, none
    of results without names, and ``sha256`` that of each file's content, None where there was none
    to be had. ``dates`` says of results without names what became of the persons' dates, in the
    words of DICOM's Longitudinal Temporal Information Modified; it is "" of others. ``camp`` is
    what people said where the photos come from a camp, and ``pictures`` are its overlays, by the
    names that the report has for them; those of a run lie in its folder. ``fields`` are the fields
    of view of photos that have a class, in the photo's pixels. ``taken`` is when photos of a camp
    that aren't DICOM were taken, as their files say, ISO 8601, and ``images`` are objects that were
    made of such photos for an archive, where the statements are to lead there.
    """

    file: str
    report: PersonReport
    facts: Mapping[int, DicomFacts]
    sources: Mapping[int, Path]
    sha256: Mapping[int, str | None]
    dates: Literal["", "REMOVED", "MODIFIED"] = ""
    camp: CampWords | None = None
    pictures: Mapping[str, Path] = field(default_factory=dict)
    fields: Mapping[int, Field] = field(default_factory=dict)
    taken: Mapping[int, str] = field(default_factory=dict)
    images: Mapping[int, ImageReference] = field(default_factory=dict)

    def said(self) -> PersonStatements:
        """Say all of it in coded statements; they are made once."""
        return self._said

    @cached_property
    def _said(self) -> PersonStatements:
        return statements_of(
            self.report, self.facts, self.camp, taken=self.taken, images=self.images
        )


def read_results(folder: Path) -> Iterator[PersonResults]:
    """Read the persons of a result folder one after the other.

    Args:
        folder: What ``predict --out`` wrote.

    Raises:
        ResultsUnreadableError: It is no such folder, has no photo that is done, or a person's
            report isn't that of its photos.
        StoreInvalidError: Its store can't be used.
        OutputExistsError: A run is at work there.
    """
    if not (folder / STORE).is_file():
        raise ResultsUnreadableError(folder, f"it has no {STORE}; {_NAME_ANOTHER}")
    if not (folder / STORE).stat().st_size:  # which would be made a new one
        raise ResultsUnreadableError(folder, f"its {STORE} is empty; {_NAME_ANOTHER}")
    with closing(Store(folder)) as store:
        done = {each.number: each for each in store.done()}
        if not done:
            raise ResultsUnreadableError(folder, f"it has no photo that is done; {_NAME_ANOTHER}")
        photos = sorted((number, Path(each.photo)) for number, each in done.items())
        for person in people_of(photos, store.patients()):
            is_nameless = all(_is_nameless(done[number]) for number in person.photos)
            report = _report(folder / PEOPLE / f"{person.file}.json", person, store)
            records = {number: store.record_of(number) for number in person.photos}
            yield PersonResults(
                person.file,
                _called(report, done[person.photos[0]]) if is_nameless else report,
                {
                    number: record.dicom
                    for number, record in records.items()
                    if record.dicom is not UNSET
                },
                {}
                if is_nameless
                else {number: Path(done[number].photo) for number in person.photos},
                {number: done[number].sha256 for number in person.photos},
                "REMOVED" if is_nameless else "",
                fields=fields_of(records),
            )


def fields_of(records: Mapping[int, Record]) -> dict[int, Field]:
    """Name the fields of view by the numbers of the photos that have a class."""
    return {
        number: record.field_of_view
        for number, record in records.items()
        if isinstance(record, GradedRecord)
    }


def _is_nameless(photo: DonePhoto) -> bool:
    """Tell whether a photo went in without whose it is: under a name of ours, and no file's."""
    return photo.stamp is None and NAME.fullmatch(photo.photo) is not None


def _called(report: PersonReport, photo: DonePhoto) -> PersonReport:
    """Call a person by the pseudonym, which nobody else has, though no eye stands behind it."""
    found = PSEUDONYM.match(photo.photo)
    return replace(report, person=found[0], is_named=True) if found else report


def _report(file: Path, person: Person, store: Store) -> PersonReport:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise ResultsUnreadableError(file, f"it is too large for a person's report; {_AGAIN}")
        report = read(parse(file.read_bytes()), PersonReport)
    except OSError as error:
        raise ResultsUnreadableError(file, f"{error.strerror}; {_AGAIN}") from error
    except ValueError as error:
        if isinstance(error, ResultsUnreadableError):
            raise
        raise ResultsUnreadableError(file, f"it {error}; {_AGAIN}") from error
    told = {(photo.number, photo.time) for eye in report.eyes for photo in eye.photos}
    kept = {(number, store.finished(number)) for number in person.photos}
    is_of_them = told == kept and report.time in {time for _, time in told}
    if report.schema != SCHEMA or not is_of_them:
        raise ResultsUnreadableError(file, f"it isn't of the photos that the run has now; {_AGAIN}")
    return report
