"""Which days a camp had, and who was there on each."""

import re

from edge_runtime.station.camp import Camp
from edge_runtime.station.only_called import only_called

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def is_day(text: str) -> bool:
    """Tell whether a text has the form YYYY-MM-DD."""
    return _DAY.fullmatch(text) is not None


def days_of(camp: Camp) -> list[str]:
    """List the days on which people came up, are at the camera or were photographed, last first.

    Of whom there are photographs was there when they came, whenever somebody told them apart.
    """
    days = {person.since[:10] for person in camp.people.values() if not person.photos}
    if camp.called is not None:
        days.add(camp.called_at[:10])
    return sorted(days | {told.photo.arrived[:10] for told in camp.told.values()}, reverse=True)


def chosen_day(camp: Camp, asked: str | None) -> str | None:
    """Say which of a camp's days a page shows, None for all.

    Where none is asked for it is the one on which something happened last, by the order of the
    history: a clock that was ahead once mustn't hide those who are there now.
    """
    days = days_of(camp)
    if asked is None:
        return next((each.at[:10] for each in reversed(camp.history) if each.at[:10] in days), None)
    return asked if asked in days else None


def people_of_day(camp: Camp, day: str | None) -> list[int]:
    """List the numbers of those who were photographed on a day; None is any day.

    Of whom there is no photograph was there when they came up. Who is at the camera is there too,
    though it was on another day that they came up. Who was only called, as by a mistyped number,
    isn't among them.
    """
    unseen = set(only_called(camp))
    at_camera = camp.called if camp.called_at[:10] == day else None
    return [
        number
        for number, person in camp.people.items()
        if (number not in unseen and (day is None or number == at_camera))
        or (not person.photos and person.since[:10] == day and number not in unseen)
        or any(told.photo.arrived[:10] == day for told in camp.of(number))
    ]
