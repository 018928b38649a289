"""What may be wrong with whose a photograph is, or which eye it is of, and who should say so."""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Literal

from edge_runtime.explain.landmarks import Eye
from edge_runtime.station.advice import EYES
from edge_runtime.station.camera_look import bits_apart
from edge_runtime.station.camp import Camp, Told
from edge_runtime.station.camp_photo import CampPhoto
from edge_runtime.station.events import again_key, number_key
from edge_runtime.station.spelling import same_number
from edge_runtime.station.visits import return_of
from edge_runtime.station.whose import whose

#: Somebody was here on an earlier day, or somebody else has the same number; a photo looks like
#: another one's copy; the disc lies as in the other eye; a photo came late, though both eyes had a
#: result.
HintKind = Literal["again", "number", "copy", "side", "further"]

_ALIKE = 10  # bits of 255 that prints of two files of one picture differ by at most
_COPIES = 3  # of one picture that are named at most
_LATE = datetime.timedelta(seconds=90)  # within which a person isn't changed for the next one


@dataclass(frozen=True)
class Hint:
    """Something that an operator should look at.

    ``photo`` is what it is about, None where it is about the person; ``other`` is the other person,
    ``first`` the photo that was there before, ``seen`` the eye that the disc tells, ``before`` the
    earlier day. ``key`` names it: whoever answered it isn't asked again.
    """

    kind: HintKind
    key: str
    photo: int | None = None
    other: int | None = None
    first: int | None = None
    seen: Eye | None = None
    before: str = ""


class Hints:
    """The hints of a camp as it stands."""

    def __init__(self, camp: Camp) -> None:
        self._camp = camp

    def of(self, person: int) -> list[Hint]:
        """List the hints about a person, without those that were answered."""
        photos = self._camp.of(person)
        about_person = *self._again(person), *self._numbers(person)
        found = [*about_person, *self._copies(photos), *_sides(photos), *_further(photos)]
        return [each for each in found if each.key not in self._camp.answered]

    @cached_property
    def _called(self) -> dict[str, list[int]]:
        called: dict[str, list[int]] = defaultdict(list)
        for number, each in self._camp.people.items():
            if each.given_id:
                called[same_number(each.given_id)].append(number)
        return called

    def _again(self, person: int) -> Iterator[Hint]:
        """Find who was here on an earlier day: camps number from 1 each day."""
        if back := return_of(self._camp, person):
            yield Hint("again", again_key(person, back.day), before=back.before)

    def _numbers(self, person: int) -> Iterator[Hint]:
        """Find who has the same number; folders may number their people alike."""
        given = self._camp.people[person].given_id
        for other in self._called[same_number(given)] if given else ():
            if other != person:
                yield Hint("number", number_key(person, other), other=other)

    def _copies(self, photos: tuple[Told, ...]) -> Iterator[Hint]:
        """Find what looks like a picture of somebody else, or of the other eye."""
        for told in photos:
            for number in told.photo.copies if told.decision != "retake" else ():
                first = self._camp.told[number]
                is_elsewhere = (first.person, first.eye) != (told.person, told.eye)
                if is_elsewhere and first.decision != "retake":
                    key = f"copy:{told.photo.number}:{number}"
                    yield Hint("copy", key, told.photo.number, first.person, number)


def copies_in(camp: Camp, own: str) -> tuple[int, ...]:
    """Number the first photographs of a camp that a new one looks like a copy of, by its print.

    Where there are many, a few say it: each has the others itself.
    """
    found = (
        number
        for number, each in camp.photos.items()
        if each.camera is not None and bits_apart(each.camera.print, own) <= _ALIKE
    )
    return tuple(islice(found, _COPIES))


def _sides(photos: tuple[Told, ...]) -> Iterator[Hint]:
    """Find photographs whose disc lies as in the other eye than the name or the operator says."""
    for told in photos:
        seen, number = told.photo.eye_by_disc, told.photo.number
        said = told.eye if told.eye_is_told else told.photo.eye_in_name
        is_settled = told.eye_is_told and told.eye == told.photo.eye_in_name  # two against the disc
        if seen and said and seen != said and not is_settled and told.decision != "retake":
            yield Hint("side", f"side:{number}:{said}", number, seen=seen)


def _further(photos: tuple[Told, ...]) -> Iterator[Hint]:
    """Find what came late to a person who had a result of both eyes: the next one's, perhaps."""
    done: set[Eye | None] = set()
    for before, told in zip((None, *photos), photos, strict=False):
        is_told = told.decision is not None or told.eye_is_told or whose(Path(told.photo.path))[0]
        if before and done.issuperset(EYES) and not is_told and _is_late(before.photo, told.photo):
            yield Hint("further", f"further:{told.photo.number}", told.photo.number)
        if told.photo.class_name is not None and told.decision != "retake":
            done.add(told.eye)


def _is_late(before: CampPhoto, photo: CampPhoto) -> bool:
    """Tell whether a photograph was taken long after another one, by the one clock of both."""
    both = (before.taken, photo.taken)
    one, other = both if all(both) else (before.arrived, photo.arrived)
    read = datetime.datetime.fromisoformat
    return read(other or "") - read(one or "") > _LATE
