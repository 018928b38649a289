"""Say in coded statements what people said at a camp, and what a person came to there."""

import datetime
from collections.abc import Iterator

from edge_runtime.errors import printable
from edge_runtime.exchange import codes
from edge_runtime.exchange.camp_words import CampWords, EyeWords, PhotoWords
from edge_runtime.exchange.codes import code_of
from edge_runtime.exchange.statements import (
    Coded,
    Patient,
    Qualifier,
    Statement,
    worded,
)
from edge_runtime.explain.landmarks import Eye
from edge_runtime.hospital.facts import EYES_BY_WORD
from edge_runtime.hospital.words import MOST
from edge_runtime.results.codings import SIDES
from edge_runtime.results.people import is_patient
from edge_runtime.results.structured_report import SideOfEye

_TO_ANSWER = "find out which eye it is before you use the result"


def plain_id(text: str) -> str:
    """Write what a person is called by so that DICOM takes it."""
    return printable(text).replace("\\", "/").strip()[:MOST].strip()


def camp_patient(words: CampWords) -> Patient:
    """Say whose photos these are where no DICOM file does.

    It is the patient whom a hospital's worklist has. Else the ID that was given counts where nobody
    else had it first and it is no shorter than it was given. Else the person is called by the
    moment at which they came up and by their number, so that an archive doesn't put two persons of
    two camps together.
    """
    name, key = printable(words.name).strip(), camp_key(words)
    if words.patient_id:
        told = words.patient_id, words.issuer
        return Patient(*told, True, True, True, name, words.birth_year, key)
    identifier = plain_id(words.given_id)
    is_whole = len(printable(words.given_id).strip()) <= MOST
    is_known = is_whole and is_patient(identifier) and not words.is_anothers
    whose = identifier if is_known else key
    return Patient(whose, "", is_known, False, True, name, words.birth_year, key)


def camp_key(words: CampWords) -> str:
    """Give what tells a person of a camp from all others, at whichever visit."""
    if words.pseudonym:
        return words.pseudonym
    since = datetime.datetime.fromisoformat(words.since)
    return f"camp-{since:%Y%m%dT%H%M%S%f}-{words.number}"


def camp_eye(words: PhotoWords) -> Eye | None:
    """Give the side that somebody said: the operator, the DICOM file or the file's name."""
    return words.eye if words.told_by in codes.TELLERS else None


def doubts_at_camp(side: SideOfEye, words: PhotoWords) -> Iterator[Statement]:
    """Say what there is against an operator's word for the eye, or that they couldn't tell it.

    What the file left in doubt stays said, as others will meet the file, and so does an optic disc
    that lies as in the other eye: the photo may be mirrored.
    """
    told = f"the operator says {words.eye} eye" if words.eye else "the operator can't tell it"
    by_file = side.by_dicom.laterality if side.by_dicom else ""
    said = EYES_BY_WORD.get(by_file) if side.by_dicom else side.in_name
    doubt = (side.doubt or "").partition(";")[0]
    kind = (side.by_dicom.doubt if side.by_dicom else None) or ("disc" if doubt else None)
    if words.eye is None:
        yield Statement(codes.SIDE_DOUBT, Coded(codes.TOLD_DOUBTS["untold"]))
        said_too = f"{doubt}; {told}" if doubt else told
        yield worded(codes.SIDE_DOUBT_TEXT, f"{said_too}; {_TO_ANSWER}")
        return
    against = []
    if said not in (None, words.eye):
        whose = "the DICOM file" if side.by_dicom else "the file's name"
        against.append((codes.TOLD_DOUBTS["overruled"], doubt or f"{whose} says {said} eye"))
    elif kind:
        against.append((codes.DOUBTS[kind], doubt))
    if side.by_disc not in (None, words.eye) and kind != "disc":  # which says so already
        seen = f"the optic disc lies as in a {side.by_disc} eye"
        against.append((codes.DOUBTS["disc"], seen))
    for code, _ in against:
        yield Statement(codes.SIDE_DOUBT, Coded(code))
    if against:
        yield worded(codes.SIDE_DOUBT_TEXT, "; ".join((*(text for _, text in against), told)))


def said_by_people(words: PhotoWords) -> Iterator[Statement]:
    """Say who told the eye of a photo, and what the operator decided of it."""
    if words.told_by and words.told_by in codes.TELLERS:
        yield Statement(codes.SIDE_TOLD_BY, Coded(codes.TELLERS[words.told_by]))
    if words.decision:
        yield Statement(codes.DECISION, Coded(codes.DECISIONS[words.decision]))
        yield from _words((codes.DECISION_REASON, words.reason), (codes.DECIDED_BY, words.by))


def said_of_person(words: CampWords) -> Iterator[Statement]:
    """Say what a person came to, eye by eye, what is due from before, and where they are to go.

    How they can be reached, and whether they may be called, isn't said.
    """
    yield Statement(codes.ADVICE, Coded(codes.ADVICES[words.advice]))
    goes = (codes.REFERRED_TO, words.place), (codes.REFERRED_ON, words.day)
    if words.due:  # what is said of where to go belongs to it
        yield Statement(codes.DUE, Coded(codes.DUES[words.due]))
        yield from _words((codes.DUE_SINCE, words.due_since), *goes)
    for eye, each in words.eyes.items():
        of = Qualifier(codes.LATERALITY, _side(eye, each))
        yield Statement(codes.ADVICE, Coded(codes.ADVICES[each.advice]), (of,))
        yield Statement(codes.ADVICE_WHY, Coded(codes.ADVICE_WHYS[each.why]), (of,))
    year = "" if words.birth_year is None else str(words.birth_year)
    if not words.due:
        yield from _words(*goes)
    yield from _words((codes.GIVEN_ID, words.given_id), (codes.BIRTH_YEAR, year))


def _side(eye: str, words: EyeWords) -> codes.Code:
    if eye in SIDES and not words.is_guessed:
        return code_of(SIDES[eye])  # type: ignore[index]
    return codes.UNTOLD_EYES[eye]


def _words(*said: tuple[codes.Code, str]) -> Iterator[Statement]:
    """Say words, those that there are: SR has no item of none."""
    yield from (worded(concept, text) for concept, text in said if text.strip())
