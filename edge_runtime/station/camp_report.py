"""The report of a person of a camp, for programs: what the models said, and what people decided."""

import json
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import StoreInvalidError, printable
from edge_runtime.explain.landmarks import Eye
from edge_runtime.hospital.demographics import Demographics
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import Record, path_of
from edge_runtime.results.people import Person
from edge_runtime.results.person_report import person_report
from edge_runtime.results.structured_report import PersonReport
from edge_runtime.station.about import Past
from edge_runtime.station.advice import Advice
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Decision, Told
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.history_report import HappenedAtCamp, history_report
from edge_runtime.station.orders import Order
from edge_runtime.station.originals import content_of
from edge_runtime.station.spelling import same_number
from edge_runtime.station.visit_report import (
    DueAtCamp,
    EyeAdvised,
    ReferralAtCamp,
    VisitAtCamp,
    referral_at_camp,
    visit_at_camp,
    visits_told,
)
from edge_runtime.system.codec import parse, plain, read
from edge_runtime.version import VERSION

#: The newest form of the report; a reader of another one must look at what changed.
CAMP_SCHEMA = 2


class PhotoAtCamp(Struct, frozen=True):
    """A photograph as the camp knows it, with its whole record.

    ``file`` is below the inbox, ``sha256`` that of its content. ``eye`` is as ``eye_told_by``
    "operator", "file" (a DICOM file's word), "name" or "disc" says, None where it isn't known.
    ``visit`` is the place in the report's ``visits``, from 1, of the one in which it counts.
    ``decision`` is the operator's last, ``decision_reason`` theirs, ``operator`` who took the
    photograph, "" where nobody gave a name.
    """

    number: int
    sha256: str
    file: str
    arrived: str
    visit: int
    taken: str | None
    operator: str
    eye: Eye | None
    eye_told_by: str | None
    decision: Decision | None
    decision_reason: str
    record: Record


class ExpectedAtCamp(Struct, frozen=True):
    """What a worklist has of a person: the ID within its issuer, and what is to be done; or ""."""

    patient_id: str
    issuer: str
    orders: tuple[Order, ...]
    demographics: Demographics = Demographics()


class CampReport(Struct, frozen=True):
    """A person of a camp.

    ``given_id``, ``name`` and ``birth_year`` are as they were given, empty where they weren't;
    ``given_id_is_shared`` tells that another person of the camp has the same ID, however written,
    and ``given_id_is_anothers`` that they had it first, or have it in a hospital.
    ``since`` is when they came up, ``said_last`` when something was last said of them and of the
    last one of these visits that slips and reports have, or undone, both ISO 8601 with the offset
    from UTC. ``visits`` are those that it tells of, without one of which there is no photograph yet
    where there are others, and ``photos`` are of all of these. ``advice``, ``eyes`` and ``report``
    are of the last one alone: what is to be done, where the worse eye decides, and "right", "left",
    and "unknown" for photographs of which the eye isn't known. ``due`` is what is due besides,
    from an earlier visit than the last one. ``referral`` is that of the last visit, without one
    that was over before it; one that they missed and that is due isn't over. ``expected``, None
    where no worklist has them, has the orders of all days, and ``history`` all that was ever said.
    ``report`` is what the model says of the photographs, as a run's report of a person has it, and
    before all that people decided; but its eyes are those that somebody said, the operator before
    the file: what the optic disc alone tells is of no known eye there. It is None without
    photographs, and where another model than the one at work gave a result.
    """

    schema: int
    version: str
    person: int
    given_id: str
    given_id_is_shared: bool
    given_id_is_anothers: bool
    name: str
    birth_year: int | None
    since: str
    said_last: str
    visits: tuple[VisitAtCamp, ...]
    advice: Advice
    eyes: dict[str, EyeAdvised]
    referral: ReferralAtCamp
    expected: ExpectedAtCamp | None
    photos: tuple[PhotoAtCamp, ...]
    history: tuple[HappenedAtCamp, ...]
    report: PersonReport | None
    disclaimer: str
    due: DueAtCamp | None = None


def camp_report(
    store: CampStore,
    number: int,
    classifier: Classifier,
    *,
    day: str | None = None,
    past: Past | None = None,
) -> CampReport:
    """Make the report of a person; who asks holds the store's lock.

    Args:
        store: The camp's.
        number: Of the person, who is there.
        classifier: What is at work.
        day: YYYY-MM-DD, of the one visit that it tells of; None for all with photographs.
        past: The camp's, where it is at hand.

    Raises:
        StoreInvalidError: A record can't be read.
    """
    camp, past = store.camp, past or Past(store.camp, number)
    person = camp.people[number]
    visits = visits_told(camp, number, day)
    told = [visit_at_camp(camp, number, each, past) for each in visits]
    records = {each.photo.number: _record(store, each) for each in visits[-1].photos}
    return CampReport(
        CAMP_SCHEMA,
        VERSION,
        number,
        printable(person.given_id),
        len(camp.numbered.get(same_number(person.given_id), ())) > 1,
        past.called.is_anothers(number),
        printable(person.name),
        person.birth_year,
        person.since,
        past.said_last(number, visits[-1]),
        tuple(told),
        told[-1].advice,
        told[-1].eyes,
        referral_at_camp(camp, number, visits[-1], past),
        ExpectedAtCamp(person.patient_id, person.issuer, person.orders, person.demographics)
        if person.patient_id or person.orders
        else None,
        tuple(
            _photo(store, each, count, records.get(each.photo.number))
            for count, visit in enumerate(visits, 1)
            for each in visit.photos
        ),
        history_report(camp, past.of(number)),
        _report(camp, number, records, classifier),
        DISCLAIMER,
        told[-1].due,
    )


def report_text(report: CampReport) -> bytes:
    """Write a report as JSON in ASCII."""
    return f"{json.dumps(plain(report), indent=1, allow_nan=False)}\n".encode("ascii")


def read_camp_report(file: Path) -> CampReport:
    """Read a report that ``report_text`` wrote.

    Raises:
        StoreInvalidError: It is none.
        OSError: It can't be read.
    """
    try:
        return read(parse(file.read_bytes()), CampReport)
    except ValueError as error:
        raise StoreInvalidError(file, f"it {error}", "export the camp anew") from error


def _record(store: CampStore, told: Told) -> Record:
    """Read a record, with its file as it lies in the inbox: where that lies tells too much."""
    file = printable(Path(told.photo.path))
    return msgspec.structs.replace(store.record_of(told.photo.number), path=path_of(Path(file)))


def _photo(store: CampStore, told: Told, visit: int, known: Record | None) -> PhotoAtCamp:
    photo, record = told.photo, known or _record(store, told)
    return PhotoAtCamp(
        photo.number,
        content_of(store, photo.number),
        record.path,
        photo.arrived,
        visit,
        photo.taken,
        store.camp.taken_by.get(photo.number, ""),
        told.eye,
        told.eye_told_by,
        told.decision,
        told.why,
        record,
    )


def _report(
    camp: Camp, number: int, records: Mapping[int, Record], classifier: Classifier
) -> PersonReport | None:
    """Make a run's report of the person, where what the model reached is what is known here."""
    own = classifier.bundle.identity, classifier.session.name
    theirs = {(each.bundle.identity, each.model.name) for each in records.values()}
    if theirs != {own}:
        return None
    given = printable(camp.people[number].given_id)
    called = Person(given or f"#{number}", "", bool(given), tuple(records))
    return person_report(
        called,
        {each: (record, camp.photos[each].arrived) for each, record in records.items()},
        classifier,
        sides={each: camp.told[each].said_eye for each in records},
    )
