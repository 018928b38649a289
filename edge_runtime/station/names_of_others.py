"""Find photographs of whoever was called whose files are named as somebody else at the camp."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Told
from edge_runtime.station.visits import numbered, of_last_day
from edge_runtime.station.whose import numbers_alone


class NamedAsOther(NamedTuple):
    """A photograph, and the number of the person by whose number its file is called."""

    told: Told
    other: int


def names_of_others(camp: Camp, person: int) -> Iterator[NamedAsOther]:
    """Give a person's photographs whose names are the number of somebody else alone, as P45.jpg.

    They name no eye, so they may be anything, and went to who was called. Where several have the
    number it is who had it last. What was set aside asks nothing.
    """
    for told in camp.of(person):
        if told.photo.dicom is not None or told.decision == "retake":
            continue
        numbers = numbers_alone(Path(told.photo.path))
        people = next(filter(None, (numbered(camp, each) for each in numbers)), [])
        if people and person not in people and not told.photo.whose[0]:
            yield NamedAsOther(told, of_last_day(camp, people)[0])
