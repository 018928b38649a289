"""What a hospital's worklist has of a person: by which ID, and what is to be done."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from edge_runtime.station.by_dicom import whose_by

#: What of a person's somebody else has too: the number as people write it, or the very ID.
Doubled = Literal["", "number", "id"]

_WORKLIST = "worklist"


class Order(Struct, frozen=True, gc=False):
    """Something that is to be done with a person; texts are empty where the worklist didn't say.

    ``study_uid`` and ``accession`` are those of the study to which photographs made for it belong,
    ``what`` is in its words, ``modality`` such as OP, and ``time`` ISO 8601, or a day alone.
    """

    study_uid: str = ""
    accession: str = ""
    what: str = ""
    modality: str = ""
    time: str = ""


def key_of(patient_id: str, issuer: str, name: str, orders: Sequence[Order]) -> tuple[str, ...]:
    """Give what tells a person of a worklist from others: as DICOM files do, else by an order.

    Returns:
        What ``Camp.keys`` has; empty where nothing tells who it is.
    """
    key, _ = whose_by(patient_id, issuer)
    if key:
        return key
    for kind, told in (
        ("study", [each.study_uid for each in orders]),
        ("accession", [each.accession for each in orders]),
    ):
        if first := next(filter(None, told), ""):
            return _WORKLIST, kind, first
    return (_WORKLIST, "name", name) if name else ()


def as_listed(code: str) -> tuple[str, ...]:
    """Give what tells who was called by an entry of a worklist, as long as it says the same."""
    return _WORKLIST, "entry", code


def of_study(study_uid: str) -> tuple[str, ...]:
    """Give what tells of whom a study is that a worklist has."""
    return _WORKLIST, "study", study_uid


def is_of_order(key: tuple[str, ...]) -> bool:
    """Tell whether a key leads to who has no ID in the worklist; those of files have two words."""
    return len(key) == 3 and key[0] == _WORKLIST
