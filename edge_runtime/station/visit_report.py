"""What a report of a camp says of each visit of a person."""

from msgspec import Struct

from edge_runtime.station.advice import Advice, PersonAdvice
from edge_runtime.station.events import OrdersChosen
from edge_runtime.station.orders import Order
from edge_runtime.station.visits import Visit


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
    where they are for none of several, None where nobody said.
    """

    days: tuple[str, ...]
    advice: Advice
    eyes: dict[str, EyeAdvised]
    ordered: tuple[Order, ...] | None = None


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
    return VisitAtCamp(visit.days, found.advice, eyes, None if chosen is None else chosen.orders)
