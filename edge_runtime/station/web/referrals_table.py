"""Write the referrals of a camp as a table: each a row, with what came of it."""

from collections.abc import Collection, Iterator

from edge_runtime.contract import DISCLAIMER
from edge_runtime.station.about import Past
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import day_in_words
from edge_runtime.station.camp_facts import Person
from edge_runtime.station.days import people_of_day
from edge_runtime.station.events import FollowedUp, PersonReferred
from edge_runtime.station.rounds import rounds_of
from edge_runtime.station.visits import visits_on
from edge_runtime.station.web.export import YES_NO, table_text

#: The columns, in order.
COLUMNS = (
    "person", "given_id", "name", "birth_year", "visit", "told", "told_by", "referred_to",
    "referral_day", "went", "follow_up_note", "noted", "noted_by", "may_be_called", "contact",
    "disclaimer",
)  # fmt: skip


def referrals_csv(
    camp: Camp, people: Collection[int] | None = None, *, day: str | None = None
) -> str:
    """Write each referral that somebody told a person, person by person, in its order.

    ``visit`` is the first day of the visit at which or after which they were ``told`` where to go
    (when, ISO 8601), as in the table of photographs; ``went`` is what was said last of that very
    referral, ``noted`` when. Who went before anybody told them where to has a row with no place.

    Args:
        camp: Whose.
        people: The numbers of those who are in it; None is all but who was only called.
        day: YYYY-MM-DD, for the visits of that day alone; None for all.
    """
    past, chosen = Past(camp), set(people_of_day(camp, None) if people is None else people)
    own = (each for each in camp.people.values() if each.number in chosen)
    return table_text(COLUMNS, (row for each in own for row in _rows(past, camp, each, day)))


def _rows(past: Past, camp: Camp, person: Person, day: str | None) -> Iterator[dict[str, object]]:
    keys = None if day is None else {each.key for each in visits_on(camp, person.number, day)}
    plan = person.plan
    for each in rounds_of(camp, person.number, past):
        if keys is not None and each.visit.key not in keys:
            continue
        row: dict[str, object] = {
            "person": person.number,
            "given_id": person.given_id,
            "name": person.name,
            "birth_year": person.birth_year,
            "visit": day_in_words(each.visit.turns[0]),
            "may_be_called": YES_NO[plan.may_call],
            "contact": plan.contact,
            "disclaimer": DISCLAIMER,
        }
        if each.first is not None:
            row |= {"told": each.first.at, "told_by": each.first.by}
        if each.told is not None and isinstance(event := each.told.event, PersonReferred):
            row |= {"referred_to": event.place, "referral_day": event.day}
        if each.answered is not None and isinstance(event := each.answered.event, FollowedUp):
            row |= {"noted": each.answered.at, "noted_by": each.answered.by}
            row |= {"went": YES_NO[event.came], "follow_up_note": event.note}
        yield row
