"""What happens at a camp besides photographs that arrive: its history, which is only added to."""

from typing import Literal

from msgspec import Struct

from edge_runtime.explain.landmarks import Eye
from edge_runtime.hospital.demographics import Demographics
from edge_runtime.station.orders import Doubled, Order, key_of


class _Event(Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="kind"):
    """Something that happened, or that somebody decided."""


class PersonOpened(_Event, frozen=True, tag="opened"):
    """A person came up.

    ``given_id`` is what they are called by: what the camera's file names or the operator said, ""
    if nothing. ``key`` is what tells that further photos are of them: two words of files' names, or
    three of the patient's ID or the study in DICOM files.
    """

    person: int
    given_id: str = ""
    key: tuple[str, ...] = ()


class PersonDescribed(_Event, frozen=True, tag="described"):
    """The operator wrote down who a person is; any of it may be left empty."""

    person: int
    given_id: str = ""
    name: str = ""
    birth_year: int | None = None


class PersonExpected(_Event, frozen=True, tag="expected"):
    """A hospital's worklist has a person: its ID of them within its issuer, and what is to be done.

    ``name`` and ``birth_year`` are in its words; what an operator wrote down counts before them.
    ``doubled`` says what of theirs somebody else has too, and ``code`` is the list's word for whom
    it has in these words. ``demographics`` are what goes into objects for the hospital as it is.
    """

    person: int
    patient_id: str = ""
    issuer: str = ""
    name: str = ""
    birth_year: int | None = None
    orders: tuple[Order, ...] = ()
    doubled: Doubled = ""
    code: str = ""
    demographics: Demographics = Demographics()

    @property
    def key(self) -> tuple[str, ...]:
        """What tells that further photos are of them, as in ``PersonOpened``."""
        told = ("", "") if self.doubled == "id" else (self.patient_id, self.issuer)
        return key_of(*told, self.name, self.orders)


class PersonCalled(_Event, frozen=True, tag="called"):
    """This person sits before the camera now; None is nobody.

    Photos whose names tell no person are taken for theirs.
    """

    person: int | None


class OperatorAtCamera(_Event, frozen=True, tag="operator"):
    """Who takes the photographs from now on, by the name that they gave; "" is nobody known."""

    name: str


class PhotoAssigned(_Event, frozen=True, tag="assigned"):
    """A photo is of this person."""

    photo: int
    person: int


class EyeTold(_Event, frozen=True, tag="eye"):
    """The operator said which eye a photo is of; None is that it can't be told."""

    photo: int
    eye: Eye | None


class RetakeAsked(_Event, frozen=True, tag="retake"):
    """The operator set a photo aside, to take another one in its place."""

    photo: int
    reason: str = ""


class ResultAccepted(_Event, frozen=True, tag="accepted"):
    """The operator let a photo's result stand, also one without a class."""

    photo: int


class ResultOverridden(_Event, frozen=True, tag="overridden"):
    """The operator decided otherwise than the model, and said why."""

    photo: int
    decision: Literal["refer", "no-referral"]
    reason: str


class PeopleMerged(_Event, frozen=True, tag="merged"):
    """Two persons were one: all that is of ``person`` is of ``into``."""

    person: int
    into: int
    reason: str


class AnotherCame(_Event, frozen=True, tag="another"):
    """Who came with the number of a person of an earlier day was somebody else: ``into``.

    ``photos`` are theirs, and so is from now on what ``keys`` lead to and who is called.
    """

    person: int
    into: int
    photos: tuple[int, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()


class PersonReferred(_Event, frozen=True, tag="referred"):
    """A person was told where to go, and on which day: ISO 8601, "" where none was set.

    ``corrects`` is the number of the event by which they were told first, where this puts that
    right; 0 where it is another referral. A store of before has True for what puts the last one
    right, and False. ``moved`` is the number of the event that said it, where that was said of
    somebody else first and went along.
    """

    person: int
    place: str
    day: str = ""
    corrects: int | bool = 0
    moved: int = 0


class ConsentTold(_Event, frozen=True, tag="consent"):
    """A person said whether they may be called about the referral, and how they can be reached."""

    person: int
    may_call: bool
    contact: str = ""


class FollowedUp(_Event, frozen=True, tag="followed"):
    """Somebody found out whether a person went where they were referred to, and what came of it.

    ``referral`` is the number of the event by which they were told first where to go, 0 of who
    wasn't. A store of before has None, for where they were told to go last. ``moved`` is as that of
    ``PersonReferred``.
    """

    person: int
    came: bool
    note: str = ""
    referral: int | None = None
    moved: int = 0


class HintAnswered(_Event, frozen=True, tag="hint"):
    """Somebody looked at a hint about a person and found nothing wrong; ``key`` names it."""

    person: int
    key: str


class ComputerStarted(_Event, frozen=True, tag="started"):
    """The computer was started anew: its clock may have stood still while it was off."""


class VisitGoesOn(_Event, frozen=True, tag="goes-on"):
    """What a person is here for on ``day`` is the visit of a day ``before`` still.

    Days are as ``CampDays`` has them: YYYY-MM-DD, and 2024-05-17.2 where a date came again.
    """

    person: int
    before: str
    day: str


class OrdersChosen(_Event, frozen=True, tag="orders"):
    """The photographs of the visit of a day, YYYY-MM-DD, are for some of a hospital's orders.

    ``orders`` are those, none where they are for none of them, and ``others`` those that there were
    besides.
    """

    person: int
    day: str
    orders: tuple[Order, ...] = ()
    others: tuple[Order, ...] = ()


class Undone(_Event, frozen=True, tag="undone"):
    """An earlier event doesn't count any more; what undid one can itself be undone."""

    event: int


Event = (
    PersonOpened
    | PersonDescribed
    | PersonExpected
    | PersonCalled
    | OperatorAtCamera
    | PhotoAssigned
    | EyeTold
    | RetakeAsked
    | ResultAccepted
    | ResultOverridden
    | PeopleMerged
    | AnotherCame
    | PersonReferred
    | ConsentTold
    | FollowedUp
    | HintAnswered
    | VisitGoesOn
    | OrdersChosen
    | ComputerStarted
    | Undone
)


def number_key(one: int, other: int) -> str:
    """Name the hint that two persons have one number."""
    low, high = sorted((one, other))
    return f"number:{low}:{high}"


def again_key(person: int, day: str) -> str:
    """Name the hint that a person of before is here again on a day, as ``CampDays`` has it."""
    return f"again:{person}:{day}"
