"""Who is expected at a camp by a hospital's worklist, and who of them is here already."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from msgspec import Struct

from edge_runtime.hospital.worklist import Scheduled
from edge_runtime.station.by_dicom import agrees, whose_by
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import Event, PersonCalled, PersonExpected, PersonOpened
from edge_runtime.station.orders import Order, key_of
from edge_runtime.station.spelling import Search, same_number
from edge_runtime.station.visits import last_day


class Patient(Struct, frozen=True):
    """Someone who is expected, with all that is to be done with them, the first of it first.

    ``key`` tells them from others, and ``code`` is a short word for it. ``given_id`` is what they
    are called by, "" where their ID is none that tells a person, and ``spelt`` the same as
    ``spelling.same_number`` writes it.
    """

    key: tuple[str, ...]
    code: str
    given_id: str
    spelt: str
    patient_id: str
    issuer: str
    name: str
    birth_year: int | None
    orders: tuple[Order, ...]

    @property
    def told(self) -> str:
        """All words by which they can be found."""
        return " ".join((self.given_id, self.name, *(each.accession for each in self.orders)))

    def expected(self, person: int) -> PersonExpected:
        """Say that a person is this one."""
        return PersonExpected(
            person, self.patient_id, self.issuer, self.name, self.birth_year, self.orders
        )


def patients_of(scheduled: Iterable[Scheduled]) -> tuple[Patient, ...]:
    """List the persons of a worklist; who stands there twice is one, and who has no word is none.

    Args:
        scheduled: Its entries, the first to come first.
    """
    found: dict[tuple[str, ...], list[tuple[Scheduled, Order]]] = defaultdict(list)
    for each in scheduled:
        order = Order(each.study_uid, each.accession, each.description, each.modality, each.time)
        if key := key_of(each.patient_id, each.issuer, each.name, [order]):
            found[key].append((each, order))
    return tuple(_patient(key, entries) for key, entries in found.items())


def _patient(key: tuple[str, ...], entries: list[tuple[Scheduled, Order]]) -> Patient:
    first = entries[0][0]
    given_id = whose_by(first.patient_id, first.issuer)[1]
    return Patient(
        key,
        hashlib.sha256(repr(key).encode()).hexdigest()[:16],
        given_id,
        same_number(given_id),
        first.patient_id,
        first.issuer,
        next((each.name for each, _ in entries if each.name), ""),
        next((each.birth_year for each, _ in entries if each.birth_year), None),
        tuple(dict.fromkeys(order for _, order in entries)),
    )


class Came:
    """Says who of those that are expected on a day is at a camp, as it is at this moment."""

    def __init__(self, camp: Camp, day: str) -> None:
        """Look; whoever asks holds the store's lock.

        Args:
            camp: The camp.
            day: Of the worklist, YYYY-MM-DD.
        """
        self._camp, self._day = camp, day

    def person(self, patient: Patient) -> int | None:
        """Find a patient among the people; None where nobody, or more than one, may be they.

        Whom nothing but the number tells is they if they are here on this day, and if nothing that
        is known of them speaks against it.
        """
        known = self._camp.keys.get(patient.key)
        person = None if known is None else self._camp.now_of(known)
        if person is not None or not patient.given_id:
            return person
        found = [
            number
            for number in self._camp.numbered.get(patient.spelt, ())
            if last_day(self._camp, number) == self._day and self._may_be(number, patient)
        ]
        return found[0] if len(found) == 1 else None

    def is_photographed(self, person: int) -> bool:
        """Tell whether a photograph of a person came on the day."""
        return any(told.photo.arrived[:10] == self._day for told in self._camp.of(person))

    def call(self, patient: Patient, *, new: int) -> list[Event]:
        """Say what happens where a patient is called.

        Args:
            patient: Who.
            new: The number that a new person would get.
        """
        number, events = self.person(patient), list[Event]()
        if number is None:
            number = new
            events.append(PersonOpened(new, patient.given_id))
        if not self._knows(number, patient):
            events.append(patient.expected(number))
        return [*events, PersonCalled(number)]

    def _knows(self, number: int, patient: Patient) -> bool:
        """Tell whether a person has all of what the worklist has of them."""
        person = self._camp.people.get(number)
        return (
            person is not None
            and self._camp.keys.get(patient.key) is not None
            and {*patient.orders} <= {*person.orders}
            and (not patient.given_id or person.patient_id == patient.patient_id)
            and bool(person.name or not patient.name)
            and bool(person.birth_year or not patient.birth_year)
        )

    def _may_be(self, number: int, patient: Patient) -> bool:
        person, own = self._camp.people[number], self._keys[number]
        years = {person.birth_year, patient.birth_year} - {None}
        is_named = bool(person.name and patient.name)
        return (
            len(years) < 2
            and all(agrees(key, patient.patient_id, patient.issuer) for key in own)
            and (not is_named or Search(person.name).finds(patient.name, 0))
        )

    @cached_property
    def _keys(self) -> dict[int | None, list[tuple[str, ...]]]:
        found: dict[int | None, list[tuple[str, ...]]] = defaultdict(list)
        for key, number in self._camp.keys.items():
            found[self._camp.now_of(number)].append(key)
        return found
