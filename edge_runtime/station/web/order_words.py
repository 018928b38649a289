"""Write the orders that a worklist has of a person in words."""

from collections.abc import Iterable

from edge_runtime.errors import printable
from edge_runtime.station.ordered import Place, places_of
from edge_runtime.station.orders import Order


def order_words(place: Place, orders: Iterable[Order]) -> str:
    """Name the orders of a place: when they are, what they are, by which device, their number."""
    own = tuple(orders)
    told = (
        (each.time[11:16] for each in own),
        (each.what for each in own),
        (each.modality for each in own),
    )
    joined = (", ".join(dict.fromkeys(filter(None, each))) for each in told)
    return printable(" · ".join(filter(None, (*joined, place.accession or place.study_uid))))


def all_order_words(orders: Iterable[Order]) -> str:
    """Name orders of several places likewise."""
    return "; ".join(order_words(place, own) for place, own in places_of(orders).items())
