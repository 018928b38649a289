"""For which of the orders that a worklist has of a person the photographs of a visit are."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from edge_runtime.hospital.uids import is_uid
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import OrdersChosen
from edge_runtime.station.orders import Order
from edge_runtime.station.visits import Visit, visit_of, visits_of

_ACCESSION = re.compile(r"[^\\\x00-\x1f]{1,16}")


class Place(NamedTuple):
    """Where an archive sorts what was made for an order: "" what isn't told, or not in DICOM."""

    study_uid: str
    accession: str

    @property
    def code(self) -> str:
        """A short word for it, as forms have it."""
        return hashlib.sha256(repr(tuple(self)).encode()).hexdigest()[:16]

    def is_told_by(self, other: "Place") -> bool:
        """Tell whether another one says all that this one does."""
        return all(own in ("", theirs) for own, theirs in zip(self, other, strict=True))


@dataclass(frozen=True)
class Question:
    """Which of several orders the photographs of the visit of a ``day`` are for.

    ``day`` is the visit's last as ``CampDays`` has it, and ``key`` leads to the visit.

    ``places`` are those that can be chosen, each with what is to be done there; ``answer`` is what
    was said last, None where nobody did. ``is_open`` is whether it is to be asked: it isn't
    answered, or the list has an order since that wasn't there to choose. ``photo`` is the last one.
    """

    person: int
    day: str
    places: Mapping[Place, tuple[Order, ...]]
    answer: OrdersChosen | None
    photo: int
    key: str

    @property
    def is_open(self) -> bool:
        """Whether somebody is to be asked."""
        if self.answer is None:
            return True
        return not self.places.keys() <= {*places_of((*self.answer.orders, *self.answer.others))}

    def chosen(self, choice: str) -> OrdersChosen | None:
        """Say what is chosen: one of the places by its code, "all" or "none"; None for no such."""
        if choice not in ("all", "none", *(place.code for place in self.places)):
            return None
        orders, others = list[Order](), list[Order]()
        for place, own in self.places.items():
            (orders if choice in ("all", place.code) else others).extend(own)
        return OrdersChosen(self.person, self.day, tuple(orders), tuple(others))


def question_of(camp: Camp, person: int, visit: Visit | None = None) -> Question | None:
    """Ask for which orders the photographs of a visit are, None for the last one.

    Returns:
        None where there are no two places, or where all photographs came in DICOM files: those say
        it themselves.
    """
    visit = visit or visit_of(camp, person)
    own = [told.photo for told in visit.photos if told.photo.dicom is None]
    known = camp.people[person]
    places = places_of(of_days(known.orders, visit.days))
    if len(places) < 2 or not own:
        return None
    answer = answer_of(known.chosen, visit.turns)
    return Question(person, visit.turns[-1], places, answer, own[-1].number, visit.key)


def open_questions(camp: Camp, person: int) -> list[Question]:
    """List what is to be asked of each of a person's visits."""
    if len(camp.people[person].orders) < 2:
        return []
    found = (question_of(camp, person, visit) for visit in visits_of(camp, person))
    return [each for each in found if each is not None and each.is_open]


def answer_of(chosen: Sequence[OrdersChosen], days: Collection[str]) -> OrdersChosen | None:
    """Give what was said last of the visit of some days."""
    return next((each for each in reversed(chosen) if each.day in days), None)


def of_days(orders: Iterable[Order], days: Collection[str]) -> tuple[Order, ...]:
    """Leave out the orders of other days; one without a day may be of any."""
    return tuple(each for each in orders if each.time[:10] in ("", *days))


def places_of(orders: Iterable[Order]) -> dict[Place, tuple[Order, ...]]:
    """Sort orders by where what is made for them belongs, the first of them first.

    Steps of one order have one place. What tells less of a place than another order is of that
    one, and what tells no study and no number is of none: nothing can be put there.

    Source: DICOM PS3.17, J.4: several orders may be met by one study, which is one of theirs.
    """
    found: dict[Place, tuple[Order, ...]] = {}
    for each in orders:
        study = each.study_uid if is_uid(each.study_uid) else ""
        number = each.accession if _ACCESSION.fullmatch(each.accession) else ""
        place = Place(study, number)
        found[place] = (*found.get(place, ()), each)
    less = {one for one in found for other in found if one != other and one.is_told_by(other)}
    return {place: own for place, own in found.items() if any(place) and place not in less}
