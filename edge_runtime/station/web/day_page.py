"""Write the page of the day: what the camp came to, hour by hour, and how the camera was."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge_runtime.errors import printable
from edge_runtime.results.shown import percent
from edge_runtime.station.advice import ORDER, Advice
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Told
from edge_runtime.station.days import chosen_day, days_of, people_of_day
from edge_runtime.station.drift import Drift, Values, drifts, first_of, spread_of, values_of
from edge_runtime.station.follow_up import may_be_due
from edge_runtime.station.hours import Hour, by_the_camera, hours_of
from edge_runtime.station.web.expected_list import expected_list
from edge_runtime.station.web.frame import Station, write_page
from edge_runtime.station.web.marks import SETTLED, due_mark, mark

#: What a line is drawn of, and its number among the measures; colours are told in words.
_DRAWN = (("sharpness", 0), ("brightness", 1), ("red", 2))

_WIDE, _HIGH = 100.0, 30.0  # of a drawing, in its own units


@dataclass(frozen=True)
class Line:
    """A measure of the day's hours, drawn: ``points`` are x and y, ``top`` and ``height`` the band.

    The band is where the middle of an hour of the first hour's people would lie.
    """

    measure: str
    points: list[tuple[float, float]]
    top: float
    height: float


def day_page(station: Station, asked: Mapping[str, str]) -> str:
    """Count what a day of the camp, or all of it, came to, and say how the camera was."""
    camp, words = station.store.camp, station.texts
    day = chosen_day(camp, asked.get("day"))
    people = people_of_day(camp, day)
    counts, due = _counts(station, people, day)
    photos = [told for told in camp.told.values() if day in (None, told.photo.arrived[:10])]
    hours = hours_of(photos)
    looked_at = [hour for hour in hours if hour.day == hours[-1].day]
    measured = [values_of(hour.photos) for hour in looked_at]
    found = drifts(measured)
    return write_page(
        station, "day.html.jinja", asked,
        marks=[
            (each, count, percent(count / len(people), 0))
            for each, count in (
                *((mark(advice, words), counts[advice]) for advice in ORDER[:1]),
                (due_mark("no-referral", words), due),
                *((mark(advice, words), counts[advice]) for advice in ORDER[1:]),
            )
            if count
        ],
        people=len(people), photos=len(photos), day=day or "", days=days_of(camp),
        hours=[(f"{hour.day} {hour.time}", *_share(hour.photos)) for hour in hours],
        by_camera=by_the_camera(photos), operators=_operators(camp, photos),
        drifts=_sentences(station, found, looked_at), compared=found is not None,
        lines=_lines(measured),
        absent=expected_list(station.heard, camp, words, typed="", day=day or ""),
    )  # fmt: skip


def _counts(
    station: Station, people: Iterable[int], day: str | None
) -> tuple[Counter[Advice], int]:
    """Count people by what is to be done, and those of whom an earlier referral is due instead."""
    camp, counts, due = station.store.camp, Counter[Advice](), 0
    for number in people:
        found, key = station.advised.on(number, day)
        is_due = found.advice in SETTLED and may_be_due(camp, camp.people[number])
        if is_due and station.due(number, key) is not None:
            due += 1
        else:
            counts[found.advice] += 1
    return counts, due


def _share(photos: Sequence[Told]) -> tuple[int, int, str]:
    """Count photographs, those without a result, and their share."""
    ungraded = sum(each.photo.class_name is None for each in photos)
    return len(photos), ungraded, percent(ungraded / len(photos), 0)


def _operators(camp: Camp, photos: Iterable[Told]) -> list[tuple[str, int, int, str]]:
    """Count each operator's photographs, "" where nobody said who it was; nothing without any."""
    taken: dict[str, list[Told]] = {}
    for told in photos:
        taken.setdefault(camp.taken_by.get(told.photo.number, ""), []).append(told)
    if not any(taken):
        return []
    return [(printable(name), *_share(photos)) for name, photos in sorted(taken.items())]


def _sentences(station: Station, found: Iterable[Drift] | None, today: Sequence[Hour]) -> list[str]:
    """Say in a sentence each what went away, and what to do; the two colours are one."""
    say = station.texts.say
    told: dict[str, str] = {}
    for each in found or ():
        is_colour = each.measure in ("red", "blue")
        way = "colour" if is_colour else f"{each.measure}.{'more' if each.is_more else 'less'}"
        told.setdefault(way, say(f"drift.{way}", hour=today[each.since].time))
    return [*told.values()]


def _lines(hours: Sequence[Values]) -> list[Line]:
    """Draw the hours' middles, where there are some to be compared."""
    measured = [each for each in hours if len(each)]
    if len(measured) < 2:
        return []
    first, _ = first_of(measured)
    middle, spread = np.median(first, axis=0), spread_of(first)
    middles = np.array([np.median(each, axis=0) for each in measured])
    step = _WIDE / len(middles)
    lines = []
    for name, at in _DRAWN:
        scale = max(float(np.abs(middles[:, at] - middle[at]).max()), 2 * float(spread[at]), 1e-6)
        level = (middles[:, at] - middle[at]) / scale
        half = min(1.0, float(spread[at]) / scale) * 0.4 * _HIGH
        points = [
            (round((hour + 0.5) * step, 1), round(_HIGH / 2 - 0.4 * _HIGH * float(each), 1))
            for hour, each in enumerate(level)
        ]
        lines.append(Line(name, points, round(_HIGH / 2 - half, 1), round(2 * half, 1)))
    return lines
