"""What a camp knows of a photograph, of a person, and of what happened: the parts of its state."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeVar

from edge_runtime.explain.landmarks import Eye
from edge_runtime.hospital.demographics import Demographics
from edge_runtime.station.by_dicom import whose_by
from edge_runtime.station.camp_photo import CampPhoto
from edge_runtime.station.events import (
    ConsentTold,
    FollowedUp,
    OrdersChosen,
    PersonExpected,
    PersonReferred,
    ResultAccepted,
    ResultOverridden,
    RetakeAsked,
)
from edge_runtime.station.orders import Doubled, Order
from edge_runtime.station.referral import Referral, followed_up, of_one, told_where
from edge_runtime.station.spelling import same_number

_UNTOLD = Demographics()
_NO_REFERRAL = Referral()
K = TypeVar("K")

#: What is said of a person's referral, and what is decided of a photograph.
LookedAfter = PersonReferred | ConsentTold | FollowedUp
Decided = ResultAccepted | ResultOverridden | RetakeAsked

#: What the operator decided of a photograph.
Decision = Literal["accepted", "retake", "refer", "no-referral"]


@dataclass(frozen=True, slots=True)
class Told:
    """A photograph with what was said of it.

    ``eye`` is the operator's word where ``eye_is_told``, else the photograph's own. ``decision`` is
    the operator's last, None where there is none, ``why`` its reason and ``by`` its event's number.
    ``placed`` is the number of the event since which it is of this person and of this eye, and
    ``given`` of that by which it was first somebody's: with it, it came.
    """

    photo: CampPhoto
    person: int
    eye: Eye | None
    eye_is_told: bool = False
    decision: Decision | None = None
    why: str = ""
    by: int | None = None
    placed: int = 0
    given: int = 0

    @property
    def eye_told_by(self) -> Literal["operator", "file", "name", "disc"] | None:
        """Who told which eye it is; None where nobody did."""
        if self.eye_is_told:
            return "operator"
        if self.eye is None or self.photo.dicom is not None:
            return None if self.eye is None else "file"
        return "name" if self.photo.eye_in_name else "disc"

    @property
    def is_guess(self) -> bool:
        """Whether it counts for an eye by its optic disc alone."""
        return self.eye_told_by == "disc" and self.decision != "retake"

    @property
    def said_eye(self) -> Eye | None:
        """The side that somebody said; what the optic disc alone tells is a guess, and none."""
        return None if self.eye_told_by == "disc" else self.eye


class Plan(NamedTuple):
    """Where a person was referred to and when, whether they may be called and how, and went.

    ``day`` is ISO 8601; texts are empty and the others None where nobody said.
    """

    place: str = ""
    day: str = ""
    may_call: bool | None = None
    contact: str = ""
    came: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A person: what they are called by, all of which may be empty, and since when they are known.

    ``photos`` are the numbers of theirs in the order in which they came; ``known_referrals`` are in
    the order in which they were told, with those that were undone; ``consent`` is what was said
    last of being called, ``asked`` the number of the event by which it was. ``patient_id`` within
    ``issuer`` is who they are to the hospital whose worklist has them, and ``orders`` are what it
    wants done: theirs are the study and the accession number of the photographs.
    ``doubled`` is what of theirs somebody else has too, who is another to the hospital.
    ``demographics`` are the hospital's words of them, as DICOM has them.
    ``goes_on`` are pairs of days that are of one visit, as somebody said, and ``chosen`` for which
    orders the photographs of visits are, what was said last at the end.
    """

    number: int
    since: str
    given_id: str = ""
    name: str = ""
    birth_year: int | None = None
    photos: tuple[int, ...] = ()
    known_referrals: tuple[Referral, ...] = ()
    consent: ConsentTold | None = None
    asked: int = 0
    patient_id: str = ""
    issuer: str = ""
    orders: tuple[Order, ...] = ()
    doubled: Doubled = ""
    demographics: Demographics = _UNTOLD
    goes_on: tuple[tuple[str, str], ...] = ()
    chosen: tuple[OrdersChosen, ...] = ()

    @property
    def referrals(self) -> tuple[Referral, ...]:
        """Their referrals, in the order in which they were told."""
        return tuple(each for each in self.known_referrals if not each.is_undone)

    @property
    def referral(self) -> Referral:
        """Their last referral, an empty one of who has none."""
        return (_NO_REFERRAL, *self.referrals)[-1]

    @property
    def referred(self) -> PersonReferred | None:
        """Where they were told to go last; None of who wasn't told."""
        return self.referral.referred

    @property
    def followed(self) -> FollowedUp | None:
        """Whether they went there, as it was said last; None where nobody said it."""
        return self.referral.followed

    @property
    def plan(self) -> Plan:
        """What was said last of their referral."""
        referred, consent, followed = self.referred, self.consent, self.followed
        return Plan(
            *((referred.place, referred.day) if referred else ("", "")),
            *((consent.may_call, consent.contact) if consent else (None, "")),
            *((followed.came, followed.note) if followed else (None, "")),
        )


def expected(person: Person, event: PersonExpected) -> Person:
    """Give a person what a worklist has of them, and leave what is known already."""
    _, given_id = whose_by(event.patient_id, event.issuer)
    is_told = bool(given_id)  # else there stands what others have too
    return replace(
        person,
        given_id=_as_told(person.given_id, given_id),
        name=person.name or event.name,
        birth_year=person.birth_year or event.birth_year,
        patient_id=event.patient_id if is_told else person.patient_id,
        issuer=event.issuer if is_told else person.issuer,
        orders=_both(person.orders, event.orders),
        doubled=more(person.doubled, event.doubled),
        demographics=person.demographics if event.demographics == _UNTOLD else event.demographics,
    )


def _as_told(known: str, given_id: str) -> str:
    """Write a number as the hospital does, where it is the same; another one stays."""
    is_same = same_number(known) == same_number(given_id)
    return given_id if given_id and is_same else known or given_id


def more(one: Doubled, other: Doubled) -> Doubled:
    """Give what of two tells less who somebody is."""
    return max(one, other, key=("", "number", "id").index)


def looked_after(person: Person, event: LookedAfter, number: int) -> Person:
    """Give a person what was said of their referral by an event of a number."""
    match event:
        case PersonReferred():
            return replace(
                person, known_referrals=told_where(person.known_referrals, event, number)
            )
        case ConsentTold():
            return replace(person, consent=event, asked=number)
        case FollowedUp():
            return replace(
                person, known_referrals=followed_up(person.known_referrals, event, number)
            )


def decided(told: Told, event: Decided, by: int) -> Told:
    """Give a photograph with what an operator decided of it by the event of a number."""
    match event:
        case ResultAccepted():
            return replace(told, decision="accepted", why="", by=by)
        case RetakeAsked():
            return replace(told, decision="retake", why=event.reason, by=by)
        case ResultOverridden():
            return replace(told, decision=event.decision, why=event.reason, by=by)


def _both(orders: tuple[Order, ...], others: tuple[Order, ...]) -> tuple[Order, ...]:
    return tuple(dict.fromkeys((*orders, *others)))


def completed(person: Person, other: Person) -> Person:
    """Give a person what is known of them under another number alone, and what was said last."""
    asker = other if other.asked > person.asked else person
    patient = person if person.patient_id else other
    return replace(
        person,
        given_id=person.given_id or other.given_id,
        name=person.name or other.name,
        birth_year=person.birth_year or other.birth_year,
        known_referrals=of_one(person.known_referrals, other.known_referrals),
        consent=asker.consent,
        asked=asker.asked,
        patient_id=patient.patient_id,
        issuer=patient.issuer,
        orders=_both(person.orders, other.orders),
        doubled=more(person.doubled, other.doubled),
        demographics=patient.demographics,
        goes_on=(*person.goes_on, *other.goes_on),
        chosen=(*other.chosen, *person.chosen),
    )


def kept_as_known(anew: dict[int, K], before: Mapping[int, K]) -> None:
    """Put what is equal to what was known before in its place, so that none is there twice."""
    for number, each in anew.items():
        known = before.get(number)
        if known == each:
            anew[number] = known
