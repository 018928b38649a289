"""Write a camp as a table for spreadsheets: a photograph a row, with whose it is and what to do."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import printable
from edge_runtime.predict.record import no_formula
from edge_runtime.station.about import Past
from edge_runtime.station.advice import advise
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import day_in_words
from edge_runtime.station.camp_facts import Person, Plan, Told
from edge_runtime.station.camp_photo import CampPhoto
from edge_runtime.station.days import people_of_day
from edge_runtime.station.follow_up import known_at
from edge_runtime.station.visit_report import DueAtCamp, due_at_camp, plan_told
from edge_runtime.station.visits import visits_of, visits_on

#: The columns, in order.
COLUMNS = (
    "person", "given_id", "name", "birth_year", "visit", "person_advice", "photo", "file",
    "arrived", "taken", "eye", "eye_told_by", "result", "class", "confidence", "score",
    "threshold", "reason", "caution", "decision", "decision_reason", "taken_by", "referred_to",
    "referral_day", "may_be_called", "contact", "went", "follow_up_note", "disclaimer",
    "due", "due_since",
)  # fmt: skip

# Where languages write commas in numbers, spreadsheets divide a line at semicolons, quotes or not.
_LATER_FORMULA = re.compile(r"([;\t][\s\"]*)(?=[=+\-@])")

#: How tables write what is so, isn't, or nobody knows.
YES_NO: Mapping[bool | None, str] = MappingProxyType({True: "yes", False: "no", None: ""})

#: That a file is UTF-8, for spreadsheets.
BYTE_ORDER_MARK = "\ufeff"


def camp_csv(camp: Camp, people: Collection[int] | None = None, *, day: str | None = None) -> str:
    """Write all photographs of a camp, person by person, in the order in which they came.

    With a ``day`` it is the visits of that day alone. ``visit`` is the first day of the visit of
    which a photograph is, ``person_advice`` what is to be done by that one, and ``due`` what was
    due from an earlier one then ("untold", "open", "missed"), as ``DueAtCamp`` has it.

    ``people`` are the numbers of those who are in it; None is all but who was only called, as by a
    mistyped number. Visits without a photograph have a row too. ``result`` is what the photograph
    came to by itself; it and ``person_advice`` have the keys that programs read. No cell begins as
    a formula does, nor would one that begins behind a semicolon.
    """
    past, chosen = Past(camp), set(people_of_day(camp, None) if people is None else people)
    own = (each for each in camp.people.values() if each.number in chosen)
    return table_text(COLUMNS, (row for each in own for row in _rows(past, camp, each, day)))


def table_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Write rows as CSV for spreadsheets, no cell a formula; what a row lacks is empty."""
    lines = io.StringIO()
    table = csv.DictWriter(lines, columns)
    table.writeheader()
    for row in rows:
        table.writerow({name: _cell(value) for name, value in row.items()})
    return BYTE_ORDER_MARK + lines.getvalue()


def _rows(past: Past, camp: Camp, person: Person, day: str | None) -> Iterator[dict[str, object]]:
    """Give the rows of a person, visit by visit, of all or of those that a day is of.

    Of a referral there stands what was known until they came again, and whether they went where a
    visit told them whenever that was said, as in their report.
    """
    number = person.number
    visits = visits_of(camp, number) if day is None else visits_on(camp, number, day)
    for visit in visits:
        is_last = day is None and visit is visits[-1]
        known = person if is_last else known_at(camp, number, visit.key, past)
        whose: dict[str, object] = {
            "person": number,
            "given_id": person.given_id,
            "name": person.name,
            "birth_year": person.birth_year,
            "visit": day_in_words(visit.turns[0]),
            "person_advice": advise(camp, number, visit.key).advice,
            **_plan(plan_told(camp, number, visit.key, known)),
            **due_cells(due_at_camp(camp, number, visit.key, known)),
            "disclaimer": DISCLAIMER,
        }
        rows = [_photo(camp, told) for told in visit.photos]
        yield from ({**whose, **row} for row in rows or [{}])


def _photo(camp: Camp, told: Told) -> dict[str, object]:
    """Give the cells of a photograph."""
    return {
        "photo": told.photo.number,
        "file": printable(told.photo.path),
        "arrived": told.photo.arrived,
        "taken": told.photo.taken,
        "eye": told.eye,
        "eye_told_by": told.eye_told_by,
        "result": told.photo.group,
        "class": told.photo.class_name,
        "confidence": told.photo.confidence,
        "score": told.photo.score,
        "threshold": told.photo.threshold,
        "reason": told.photo.reason,
        "caution": _caution(told.photo),
        "decision": told.decision,
        "decision_reason": told.why,
        "taken_by": camp.taken_by.get(told.photo.number),
    }


def _caution(photo: CampPhoto) -> str:
    """Say why not to rely on a photograph, and why nobody knows the eye of a DICOM file's."""
    doubt = photo.side_doubt if photo.dicom is not None else None
    return "; ".join(filter(None, (photo.caution, doubt)))


def _plan(plan: Plan) -> dict[str, str]:
    """Say where a person was referred to, how to reach them, and whether they went."""
    return {
        "referred_to": plan.place,
        "referral_day": plan.day,
        "may_be_called": YES_NO[plan.may_call],
        "contact": plan.contact,
        "went": YES_NO[plan.came],
        "follow_up_note": plan.note,
    }


def due_cells(due: DueAtCamp | None) -> dict[str, str]:
    """Give the cells of what is due from an earlier visit, empty where nothing is."""
    return {"due": due.why, "due_since": due.day} if due else {"due": "", "due_since": ""}


def _cell(value: object) -> object:
    """Write a text so that no spreadsheet computes it, at whichever mark it divides a line."""
    if not isinstance(value, str):
        return value
    return _LATER_FORMULA.sub(r"\1'", no_formula(printable(value)))
