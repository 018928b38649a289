"""Write the referrals of a camp as a table: each a row, with what came of it."""

from collections.abc import Collection, Iterator

from edge_runtime.contract import DISCLAIMER
from edge_runtime.station.by_number import said_first
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import day_in_words
from edge_runtime.station.camp_facts import Person
from edge_runtime.station.days import people_of_day
from edge_runtime.station.rounds import told_at
from edge_runtime.station.visits import visits_on
from edge_runtime.station.web.export import YES_NO, table_text

#: The columns, in order.
COLUMNS = (
    "person", "given_id", "name", "birth_year", "visit", "told", "told_by", "referred_to",
    "referral_day", "put_right", "put_right_by", "went", "follow_up_note", "noted", "noted_by",
    "may_be_called", "contact", "disclaimer",
)  # fmt: skip


def referrals_csv(
    camp: Camp, people: Collection[int] | None = None, *, day: str | None = None
) -> str:
    """Write each referral that somebody told a person, person by person, in its order.

    ``visit`` is the first day of the visit at which or after which they were ``told`` where to go
    first (when, ISO 8601), as in the table of photographs, and ``put_right`` when place or day were
    last, if they were; ``went`` is what was said last of that very referral, ``noted`` when. What
    was said of somebody else and went along has the times and names of then. Who went before
    anybody told them where to has a row with no place.

    Args:
        camp: Whose.
        people: The numbers of those who are in it; None is all but who was only called.
        day: YYYY-MM-DD, for the visits of that day alone; None for all.
    """
    chosen = set(people_of_day(camp, None) if people is None else people)
    own = (each for each in camp.people.values() if each.number in chosen)
    return table_text(COLUMNS, (row for each in own for row in _rows(camp, each, day)))


def _rows(camp: Camp, person: Person, day: str | None) -> Iterator[dict[str, object]]:
    keys = None if day is None else {each.key for each in visits_on(camp, person.number, day)}
    plan = person.plan
    for visit, each in told_at(camp, person.number):
        if keys is not None and visit.key not in keys:
            continue
        row: dict[str, object] = {
            "person": person.number,
            "given_id": person.given_id,
            "name": person.name,
            "birth_year": person.birth_year,
            "visit": day_in_words(visit.turns[0]),
            "may_be_called": YES_NO[plan.may_call],
            "contact": plan.contact,
            "disclaimer": DISCLAIMER,
        }
        if each.referred is not None and (told := said_first(camp.history, each.first)):
            row |= {"told": told.at, "told_by": told.by}
            row |= {"referred_to": each.referred.place, "referral_day": each.referred.day}
        if each.told[1:] and (right := said_first(camp.history, each.told[-1])):
            row |= {"put_right": right.at, "put_right_by": right.by}
        if each.followed is not None and (said := said_first(camp.history, each.answered)):
            row |= {"noted": said.at, "noted_by": said.by}
            row |= {"went": YES_NO[each.followed.came], "follow_up_note": each.followed.note}
        yield row
