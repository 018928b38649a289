"""The days of a person that are one visit, as long as something of each of them is theirs."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from edge_runtime.station.camp_facts import Person


def without_photo(person: Person, number: int, days: Mapping[int, str]) -> Person:
    """Take a photograph from a person, and its day from a visit if it was the last of that day.

    Args:
        person: Whose it was.
        number: The photograph's.
        days: The day of each photograph, as ``CampDays`` has it.
    """
    rest = tuple(each for each in person.photos if each != number)
    return without_day(replace(person, photos=rest), days[number], days)


def without_day(person: Person, day: str, days: Mapping[int, str]) -> Person:
    """Take a day of which a person has no photograph from their visits; ``days`` as above.

    The days between which it stood go on being one visit.
    """
    if any(days[each] == day for each in person.photos):
        return person
    left = tuple(pair for pair in person.goes_on if day not in pair)
    beside = dict.fromkeys(n for pair in person.goes_on if day in pair for n in pair if n != day)
    return replace(person, goes_on=(*left, *pairwise(beside)))
