"""What a report of a camp says of each visit of a person."""

from msgspec import Struct

from edge_runtime.station.about import Past
from edge_runtime.station.advice import Advice, Advised, advise
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import turn_of
from edge_runtime.station.camp_facts import Person, Plan
from edge_runtime.station.follow_up import Due, due_before, known_at, plan_at
from edge_runtime.station.ordered import answer_of
from edge_runtime.station.orders import Order
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


class VisitAtCamp(Struct, frozen=True):
    """A visit: its days, YYYY-MM-DD, and what it comes to by its own photographs alone.

    ``eyes`` are "right", "left", and "unknown" for photographs of which the eye isn't known.
    ``ordered`` are the orders of a worklist that its photographs are for, as somebody said: none
    where they are for none of several, None where nobody said. ``turn`` counts from 1 the days of
    the date of its first one, which comes again where the clock was set back or stood still.
    ``due`` is what was due from an earlier visit then, None where nothing was.
    """

    days: tuple[str, ...]
    advice: Advice
    eyes: dict[str, EyeAdvised]
    ordered: tuple[Order, ...] | None = None
    turn: int = 1
    due: DueAtCamp | None = None


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

    A slip has none of that: there stands where they are to go now.
    """
    due = due_before(camp, person, Advised(camp), known=known, day=key)
    is_missed = due is not None and due[0] == "missed"
    return known.plan if is_missed else plan_at(camp, person, known, key)


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
    orders = None if chosen is None else chosen.orders
    turn = turn_of(visit.turns[0])
    return VisitAtCamp(visit.days, found.advice, eyes, orders, turn, due)
