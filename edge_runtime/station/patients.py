"""Who is expected at a camp by a hospital's worklist, and who of them is here already."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property
from itertools import chain

from msgspec import Struct

from edge_runtime.hospital.demographics import Demographics
from edge_runtime.hospital.worklist import Scheduled
from edge_runtime.station.by_dicom import agrees, whose_by
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import date_of
from edge_runtime.station.events import Event, PersonCalled, PersonExpected, PersonOpened
from edge_runtime.station.likeness import speaks_against
from edge_runtime.station.orders import Doubled, Order, as_listed, key_of
from edge_runtime.station.spelling import same_number
from edge_runtime.station.visits import last_day

_SPELLINGS = 20  # of names and years for one ID: with more each is another person's

_Entry = tuple[int, Scheduled, Order]  # its place in the list, and what it is


class Patient(Struct, frozen=True):
    """Someone who is expected, with all that is to be done with them, the first of it first.

    ``key`` tells them from others, and ``code`` is a short word for them as the list has them.
    ``given_id`` is what they are called by, "" where their ID is none that tells a person, and
    ``spelt`` the same as ``spelling.same_number`` writes it. ``doubled`` says what of theirs
    somebody else of the list has too.
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
    doubled: Doubled = ""
    demographics: Demographics = Demographics()

    @property
    def told(self) -> str:
        """All words by which they can be found."""
        return " ".join((self.given_id, self.name, *(each.accession for each in self.orders)))

    @property
    def id_key(self) -> tuple[str, ...]:
        """What their ID within its issuer is as a key, whoever has it too; empty for none."""
        return whose_by(self.patient_id, self.issuer)[0]

    def expected(self, person: int, *, doubled: Doubled = "") -> PersonExpected:
        """Say that a person is this one; ``doubled`` is what another one at the camp has too."""
        return PersonExpected(
            person,
            self.patient_id,
            self.issuer,
            self.name,
            self.birth_year,
            self.orders,
            doubled or self.doubled,
            self.code,
            self.demographics,
        )

    def speaks_against(self, name: str, birth_year: int | None) -> bool:
        """Tell whether somebody of a name and a birth year is another one."""
        return speaks_against(self.name, self.birth_year, name, birth_year)


def patients_of(scheduled: Iterable[Scheduled]) -> tuple[Patient, ...]:
    """List the persons of a worklist; who stands there twice is one, and who has no word is none.

    Two of one ID whose names or birth years differ are two, and their ID leads to neither.

    Args:
        scheduled: Its entries, the first to come first.
    """
    found: dict[tuple[str, ...], list[_Entry]] = defaultdict(list)
    for number, each in enumerate(scheduled):
        order = Order(each.study_uid, each.accession, each.description, each.modality, each.time)
        if key := key_of(each.patient_id, each.issuer, each.name, [order]):
            found[key].append((number, each, order))
    groups = [(key, group) for key, all_of in found.items() for group in _persons_in(all_of)]
    groups.sort(key=lambda each: each[1][0][0])
    ids = Counter(key for key, _ in groups)
    spelt = Counter(_spelt(group) for _, group in groups)
    return tuple(
        _patient(key, group, "id" if ids[key] > 1 else "number" if spelt[_spelt(group)] > 1 else "")
        for key, group in groups
    )


def _persons_in(entries: list[_Entry]) -> list[list[_Entry]]:
    """Part entries of one ID by person; one that may be of two is of neither."""
    alike: dict[tuple[str, int | None], list[_Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda each: (not each[1].name, not each[1].birth_year)):
        alike[entry[1].name, entry[1].birth_year].append(entry)
    groups: list[dict[tuple[str, int | None], list[_Entry]]] = []
    for told, of_them in alike.items():
        several = groups if len(alike) <= _SPELLINGS else []
        fitting = [each for each in several if not any(speaks_against(*told, *one) for one in each)]
        if len(fitting) == 1:
            fitting[0][told] = of_them
        else:
            groups.append({told: of_them})
    return [sorted(chain(*group.values()), key=lambda each: each[0]) for group in groups]


def _spelt(group: list[_Entry]) -> str | int:
    """Write the number; what none has who has no ID."""
    number, first, _ = group[0]
    return same_number(whose_by(first.patient_id, first.issuer)[1]) or -1 - number


def _patient(key: tuple[str, ...], entries: list[_Entry], doubled: Doubled) -> Patient:
    first = entries[0][1]
    given_id = whose_by(first.patient_id, first.issuer)[1]
    name = next((each.name for _, each, _ in entries if each.name), "")
    year = next((each.birth_year for _, each, _ in entries if each.birth_year), None)
    orders = tuple(dict.fromkeys(order for *_, order in entries))
    own = key_of("", "", name, orders) if doubled == "id" or not given_id else ()
    identity = repr((first.patient_id, first.issuer, name, year, own))
    return Patient(
        own or key,
        hashlib.sha256(identity.encode()).hexdigest()[:16],
        given_id,
        same_number(given_id),
        first.patient_id,
        first.issuer,
        name,
        year,
        orders,
        doubled if given_id else "",
        max((each.demographics for _, each, _ in entries), key=_known),
    )


def _known(demographics: Demographics) -> int:
    return sum(map(bool, (demographics.name, demographics.birth_date, demographics.sex)))


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
        is known of them speaks against it; nobody is, where somebody else has the number too. Whom
        the ID tells is another where their name or birth year is.
        """
        keys, now_of = self._camp.keys, self._camp.now_of
        if (as_told := keys.get(as_listed(patient.code))) is not None:
            return now_of(as_told)
        known = keys.get(patient.key)
        person = None if known is None else now_of(known)
        if person is not None and self._is_told_alike(person, patient):
            return person
        if person is not None or not patient.given_id or patient.doubled:
            return None
        found = [
            number
            for number in self._camp.numbered.get(patient.spelt, ())
            if date_of(last_day(self._camp, number)) == self._day and self._may_be(number, patient)
        ]
        return found[0] if len(found) == 1 else None

    def others_of(self, patient: Patient) -> list[int]:
        """List who else at the camp has the number of a patient."""
        own = self.person(patient)
        return [n for n in self._camp.numbered.get(patient.spelt, ()) if n != own]

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
            events.append(patient.expected(number, doubled=self._doubled(number, patient)))
        return [*events, PersonCalled(number)]

    def _doubled(self, number: int, patient: Patient) -> Doubled:
        """Tell whether somebody else at the camp has the patient's ID."""
        other = self._camp.now_of(self._camp.keys.get(patient.id_key, number))
        return "" if other in (None, number) else "id"

    def _knows(self, number: int, patient: Patient) -> bool:
        """Tell whether a person has all of what the worklist has of them."""
        person = self._camp.people.get(number)
        return (
            person is not None
            and as_listed(patient.code) in self._camp.keys
            and {*patient.orders} <= {*person.orders}
            and (not patient.given_id or person.patient_id == patient.patient_id)
            and bool(person.name or not patient.name)
            and bool(person.birth_year or not patient.birth_year)
            and patient.demographics in (Demographics(), person.demographics)
        )

    def _is_told_alike(self, number: int, patient: Patient) -> bool:
        """Tell whether neither what is known of a person nor what their files say is another's."""
        person = self._camp.people[number]
        files = (told.photo.dicom for told in self._camp.of(number))
        told = [(each.name, each.birth_year) for each in files if each]
        words = ((person.name, person.birth_year), *told)
        return not any(patient.speaks_against(*each) for each in words)

    def _may_be(self, number: int, patient: Patient) -> bool:
        return (
            not self._camp.people[number].doubled
            and all(agrees(key, patient.patient_id, patient.issuer) for key in self._keys[number])
            and self._is_told_alike(number, patient)
        )

    @cached_property
    def _keys(self) -> dict[int | None, list[tuple[str, ...]]]:
        found: dict[int | None, list[tuple[str, ...]]] = defaultdict(list)
        for key, number in self._camp.keys.items():
            found[self._camp.now_of(number)].append(key)
        return found
