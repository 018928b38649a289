"""What a report of a camp says of each visit of a person."""

from msgspec import Struct

from edge_runtime.station.about import Past
from edge_runtime.station.advice import Advice, Advised, advise
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import turn_of
from edge_runtime.station.camp_facts import Person, Plan
from edge_runtime.station.follow_up import (
    Due,
    began,
    due_before,
    is_of_before,
    known_at,
    plan_at,
)
from edge_runtime.station.ordered import answer_of
from edge_runtime.station.orders import Order
from edge_runtime.station.rounds import told_at
from edge_runtime.station.visits import Visit, visit_of, visits_of


class EyeAdvised(Struct, frozen=True):
    """What an eye comes to: ``photo`` is the number of the one that decides, None without any.

    ``why`` is "result", "operator", "no-result" (let stand, or to be taken again), "set-aside" or
    "none".
    """

    advice: Advice
    why: str
    photo: int | None


class DueAtCamp(Struct, frozen=True):
    """A referral of an earlier visit that is still due of who isn't to be referred by a later one.

    ``why`` is "untold" where nobody told them where to go, "open" where somebody did and nobody
    knows whether they went, be the day over or still to come, and "missed" where they didn't go:
    of the last two the referral beside it says where to and when. ``day`` is the last one of the
    visit at which they were to be referred, YYYY-MM-DD, "" where it was at none that they were, but
    somebody told them.
    """

    why: Due
    day: str


class ReferralAtCamp(Struct, frozen=True):
    """Where a person was told to go, how to reach them, and whether they went.

    Texts are empty and the others None where nobody said.
    """

    place: str
    day: str
    may_be_called: bool | None
    contact: str
    went: bool | None
    note: str


class VisitAtCamp(Struct, frozen=True):
    """A visit: its days, YYYY-MM-DD, and what it comes to by its own photographs alone.

    ``eyes`` are "right", "left", and "unknown" for photographs of which the eye isn't known.
    ``ordered`` are the orders of a worklist that its photographs are for, as somebody said: none
    where they are for none of several, None where nobody said. ``turn`` counts from 1 the days of
    the date of its first one, which comes again where the clock was set back or stood still.
    ``due`` is what was due from an earlier visit then, None where nothing was. ``referral`` is what
    was said last until they came again, but for whether they went where they were told at this
    visit, or at one of before and for what this one found: that counts whenever it was said. None
    is of a report of an older version.
    """

    days: tuple[str, ...]
    advice: Advice
    eyes: dict[str, EyeAdvised]
    ordered: tuple[Order, ...] | None = None
    turn: int = 1
    due: DueAtCamp | None = None
    referral: ReferralAtCamp | None = None


def visits_told(camp: Camp, person: int, day: str | None = None) -> list[Visit]:
    """List the visits that papers tell of: that of a day, or all of which there are photographs.

    Who came again and isn't photographed yet has what was found before; of whom there is no
    photograph there is the visit for which they came up.
    """
    if day is not None:
        return [visit_of(camp, person, day)]
    visits = visits_of(camp, person)
    return [each for each in visits if each.photos] or visits


def due_at_camp(camp: Camp, person: int, key: str, known: Person) -> DueAtCamp | None:
    """Say what is due from before the visit of a key, by what was ``known`` of the person then."""
    due = due_before(camp, person, Advised(camp), known=known, day=key)
    return None if due is None else DueAtCamp(*due)


def plan_told(camp: Camp, person: int, key: str, known: Person) -> Plan:
    """Give a person's referral as records have it: as ``plan_at``, and whole where it was missed.

    A slip has none of that: there stands where they are to go now. Whether they went is often said
    when they are here again: it is of the visit that told them, or found what they were told for.

    Args:
        camp: Where they are.
        person: Who.
        key: Of the visit.
        known: What was known of them until they came again.
    """
    due = due_before(camp, person, Advised(camp), known=known, day=key)
    is_missed = due is not None and due[0] == "missed"
    plan = known.plan if is_missed else plan_at(camp, person, known, key)
    since = began(camp, person, visit_of(camp, person, key))
    is_anothers = due is not None and is_of_before(known, since)
    if is_anothers or not (plan.place or plan.day):
        return plan
    told = {*known.referral.told[-1:]}
    said = next((e.followed for _, e in told_at(camp, person) if told & {*e.told}), None)
    return plan if said is None else plan._replace(came=said.came, note=said.note)


def referral_at_camp(camp: Camp, person: int, visit: Visit, past: Past) -> ReferralAtCamp:
    """Give a person's referral as ``plan_told``, by what was known until they came again."""
    known = known_at(camp, person, visit.key, past)
    return ReferralAtCamp(*plan_told(camp, person, visit.key, known))


def visit_at_camp(camp: Camp, person: int, visit: Visit, past: Past) -> VisitAtCamp:
    """Write a visit, with what was due from before as it was known until they came again."""
    found = advise(camp, person, visit.key)
    chosen = answer_of(camp.people[person].chosen, visit.turns)
    due = due_at_camp(camp, person, visit.key, known_at(camp, person, visit.key, past))
    eyes: dict[str, EyeAdvised] = {
        eye: EyeAdvised(each.advice, each.why, each.photo) for eye, each in found.eyes.items()
    }
    if found.unknown:
        last = found.of_unknown
        eyes["unknown"] = EyeAdvised(last.advice, last.why, last.photo)
    return VisitAtCamp(
        visit.days,
        found.advice,
        eyes,
        None if chosen is None else chosen.orders,
        turn_of(visit.turns[0]),
        due,
        referral_at_camp(camp, person, visit, past),
    )
