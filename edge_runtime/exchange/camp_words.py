"""What people said at a screening camp, of a person and of each photo, as statements need it."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from edge_runtime.exchange import codes
from edge_runtime.explain.landmarks import Eye
from edge_runtime.hospital.demographics import Demographics

#: The concepts of what people say of a photo, and not the model.
BY_PEOPLE = frozenset({codes.SIDE_TOLD_BY, codes.DECISION, codes.DECISION_REASON, codes.DECIDED_BY})


class PhotoWords(Struct, frozen=True):
    """What people said of a photo.

    ``eye`` is the side as ``told_by`` says it: None where the operator couldn't tell. ``decision``
    is a key of ``codes.DECISIONS``, "" where nobody decided, ``reason`` and ``by`` are its words
    and the operator's name, "" where there are none.
    """

    eye: Eye | None
    told_by: Literal["operator", "file", "name", "disc"] | None
    decision: str = ""
    reason: str = ""
    by: str = ""


class EyeWords(Struct, frozen=True):
    """What an eye comes to: keys of ``codes.ADVICES`` and ``codes.ADVICE_WHYS``.

    ``is_guessed`` is whether a photo counts there by its optic disc alone.
    """

    advice: str
    why: str
    is_guessed: bool = False


class Requested(Struct, frozen=True):
    """An order of a hospital that photos were made for: its study, accession number and words."""

    study_uid: str
    accession: str
    what: str


class CampWords(Struct, frozen=True):
    """What people said of a person.

    ``number`` is the person's at the camp, ``since`` when they came up, ISO 8601. ``given_id`` is
    the ID that was given there, and ``is_anothers`` whether another person had it first. ``name``
    is "" and ``birth_year`` None where nobody gave one. ``eyes`` are "right", "left" and "unknown".
    ``place`` and ``day`` are where and when they were told to go, "" where they weren't.
    ``due`` is what is due from an earlier visit, a key of ``codes.DUES``, "" where nothing is, and
    ``due_since`` the day of that visit, "" where it isn't known.
    ``patient_id`` within ``issuer`` is who they are in a hospital's worklist, ``study_uid`` and
    ``accession`` are those of the study that it has for photos which weren't DICOM, "" without one,
    and ``requests`` the orders that they are for;
    ``demographics`` are its words of the patient. ``said_last`` is when something was last said of
    the person, ISO 8601, "" where nobody knows. ``visit_day`` is that of the visit, YYYY-MM-DD.
    ``visit_turn`` counts visits of that date from 1, ``days`` are all of the visit's. ``pseudonym``
    is what nobody else is called in results without names, "" in others.
    """

    number: int
    since: str
    given_id: str
    is_anothers: bool
    name: str
    birth_year: int | None
    advice: str
    eyes: Mapping[str, EyeWords]
    place: str
    day: str
    photos: Mapping[int, PhotoWords]
    patient_id: str = ""
    issuer: str = ""
    study_uid: str = ""
    accession: str = ""
    requests: tuple[Requested, ...] = ()
    said_last: str = ""
    demographics: Demographics = Demographics()
    visit_day: str = ""
    visit_turn: int = 1
    pseudonym: str = ""
    days: tuple[str, ...] = ()
    due: str = ""
    due_since: str = ""
