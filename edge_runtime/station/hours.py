"""Sort photographs of a camp into hours."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from edge_runtime.station.camp_facts import Told


@dataclass(frozen=True)
class Hour:
    """An hour with its photographs: its day and its time, as ISO 8601 writes them."""

    day: str
    time: str
    photos: tuple[Told, ...]


def by_the_camera(photos: Sequence[Told]) -> bool:
    """Tell whether hours are those of the camera's clock: where each photograph tells its time.

    A card that is read at noon has a morning's photographs.
    """
    return bool(photos) and all(each.photo.taken for each in photos)


def hours_of(photos: Sequence[Told]) -> list[Hour]:
    """List the hours in which photographs were taken, or else came, in order.

    A computer's clock that is set doesn't mix what came before and after: the order in which they
    came counts, so that an hour may come twice.
    """
    told = sorted(photos, key=lambda each: each.photo.number)
    if by_the_camera(told):
        told.sort(key=lambda each: each.photo.taken or "")
        dated = [(each.photo.taken or "", each) for each in told]
    else:
        dated = [(each.photo.arrived, each) for each in told]
    return [
        Hour(hour[:10], f"{hour[11:]}:00", tuple(each for _, each in group))
        for hour, group in itertools.groupby(dated, key=lambda each: each[0][:13])
    ]
