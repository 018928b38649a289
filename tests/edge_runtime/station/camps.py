"""Photographs, camps and clocks for the tests of the station, without a model."""

import hashlib
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import cv2
import numpy as np
from make_fundus import draw_fundus
from msgspec.structs import replace

from edge_runtime.photo.find import Stamp
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_photo import CampPhoto, camp_photo
from edge_runtime.station.events import PersonOpened, PhotoAssigned
from edge_runtime.station.happened import Happened
from tests.edge_runtime.results.records import graded, ungradable

WHEN = datetime(2024, 5, 17, 9, 30, tzinfo=timezone.utc)

#: A gradable photograph is referred from so much on, as records.graded has it.
LIMIT = 0.25


class Clock:
    """A clock that stands still until somebody turns it."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds

    def wait(self, seconds):
        """Turn it on by so many seconds, and by what sums of floats may lose."""
        self.seconds += seconds + 1e-6


def jpeg(seed=0, kind="normal", *, size=(240, 320)):
    """Draw a small photograph as a camera's file."""
    photo = draw_fundus(kind, seed=seed, size=size)
    return cv2.imencode(".jpg", np.ascontiguousarray(photo[..., ::-1]))[1].tobytes()


def made(number, path="1_OD.jpg", score=0.1, *, record=None, pictures=("photo", "small"), at=WHEN):
    """Make what a store asks for of a number: record, the same in short, and pictures.

    Without a score it is ungradable.
    """
    if record is None:
        record = ungradable(path) if score is None else graded(str(path), score)
    short = camp_photo(record, number=number, path=Path(path), arrived=at, taken=None)
    return record, short, {name: os.fsencode(f"{name} {number} {path}") for name in pictures}


def photo(number, path="1_OD.jpg", score=0.1, *, record=None, at=WHEN) -> CampPhoto:
    """Describe a photograph in short, as ``made`` does, that came at a time."""
    return replace(made(number, path, score, record=record)[1], arrived=at.isoformat())


def content(path, score):
    """Name what a photograph's file holds, as its hash does."""
    return hashlib.sha256(os.fsencode(f"{path} {score}")).hexdigest()


def added_now(store, path="1_OD.jpg", score=0.1, *, person=None):
    """Put a photograph into a store that came just now, in the visit of who is called now."""
    return added(store, path, score, person=person, at=datetime.now(timezone.utc))


def added(
    store, path="1_OD.jpg", score=0.1, *, person=None, record=None, pictures=("photo",), at=None
):
    """Put a photograph into a store, of a new person or of one that is there.

    It came at a time, by default at ``WHEN``, which a test may turn.
    """
    new, at = store.next_person(), at or WHEN
    opened = [PersonOpened(new)] if person is None else []
    return store.add(
        lambda number: made(number, path, score, record=record, pictures=pictures, at=at),
        sha256=content(path, score),
        path=Path(path),
        stamp=Stamp(10, 20),
        events=lambda number: [*opened, PhotoAssigned(number, person or new)],
    )


class Told:
    """A camp that is told things one after the other, ``at`` a time that stands still."""

    def __init__(self):
        self.camp, self.at = Camp(), WHEN

    def turn(self, days=1):
        """Turn the clock on by so many days."""
        self.at += timedelta(days=days)

    def happen(self, *events, photos=()):
        """Let events happen together, after photographs that came with them."""
        first = len(self.camp.history) + 1
        at = self.at.isoformat()
        happened = [Happened(first + i, at, event) for i, event in enumerate(events)]
        self.camp.take(photos, happened)
        return happened[-1].number

    def take(self, path="1_OD.jpg", score=0.1, *, person=1, record=None):
        """Let a photograph come, of a person who comes up if need be; give its number."""
        number = len(self.camp.photos) + 1
        opened = [] if person in self.camp.people else [PersonOpened(person)]
        photos = [photo(number, path, score, record=record, at=self.at)]
        self.happen(*opened, PhotoAssigned(number, person), photos=photos)
        return number
