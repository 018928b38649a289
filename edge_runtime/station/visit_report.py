"""What a report of a camp says of each visit of a person."""

from msgspec import Struct

from edge_runtime.station.advice import Advice, PersonAdvice
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import turn_of
from edge_runtime.station.events import OrdersChosen
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


class VisitAtCamp(Struct, frozen=True):
    """A visit: its days, YYYY-MM-DD, and what it comes to by its own photographs alone.

    ``eyes`` are "right", "left", and "unknown" for photographs of which the eye isn't known.
    ``ordered`` are the orders of a worklist that its photographs are for, as somebody said: none
    where they are for none of several, None where nobody said. ``turn`` counts from 1 the days of
    the date of its first one, which comes again where the clock was set back or stood still.
    """

    days: tuple[str, ...]
    advice: Advice
    eyes: dict[str, EyeAdvised]
    ordered: tuple[Order, ...] | None = None
    turn: int = 1


def visits_told(camp: Camp, person: int, day: str | None = None) -> list[Visit]:
    """List the visits that papers tell of: that of a day, or all of which there are photographs.

    Who came again and isn't photographed yet has what was found before; of whom there is no
    photograph there is the visit for which they came up.
    """
    if day is not None:
        return [visit_of(camp, person, day)]
    visits = visits_of(camp, person)
    return [each for each in visits if each.photos] or visits


def visit_at_camp(
    visit: Visit, found: PersonAdvice, *, chosen: OrdersChosen | None = None
) -> VisitAtCamp:
    """Write a visit, of which ``found`` says what is to be done, and ``chosen`` what it was for."""
    eyes: dict[str, EyeAdvised] = {
        eye: EyeAdvised(each.advice, each.why, each.photo) for eye, each in found.eyes.items()
    }
    if found.unknown:
        last = found.of_unknown
        eyes["unknown"] = EyeAdvised(last.advice, last.why, last.photo)
    orders = None if chosen is None else chosen.orders
    return VisitAtCamp(visit.days, found.advice, eyes, orders, turn_of(visit.turns[0]))
