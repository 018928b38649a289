"""What may be wrong with whose a photograph is, or which eye it is of, and who should say so."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Literal

from edge_runtime.explain.landmarks import Eye
from edge_runtime.station.camera_look import bits_apart
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Told
from edge_runtime.station.events import again_key, number_key
from edge_runtime.station.late_photos import late_photos
from edge_runtime.station.names_of_others import names_of_others
from edge_runtime.station.ordered import open_questions
from edge_runtime.station.other_names import other_names
from edge_runtime.station.spelling import same_number
from edge_runtime.station.visits import numbered, returns_of, visits_of
from edge_runtime.station.whose import whose

#: Somebody was here on an earlier day, or somebody else has the same number; a photo's file came by
#: somebody else's name too, or is named by somebody else's number alone; it looks like another
#: one's copy; the operator said the other eye of one of two; the disc lies as in the other eye; a
#: photo came late, though both eyes had a result; a DICOM file doesn't tell the eye, or something
#: speaks against what it tells; a worklist has the ID with another name, or several orders that the
#: photographs of a visit may be for; a DICOM file has another name than the person.
HintKind = Literal[
    "again",
    "number",
    "named",
    "named_as",
    "copy",
    "swapped",
    "side",
    "further",
    "untold",
    "listed",
    "orders",
    "other_name",
]

_ALIKE = 10  # bits of 255 that prints of two files of one picture differ by at most
_COPIES = 3  # of one picture that are named at most


@dataclass(frozen=True)
class Hint:
    """Something that an operator should look at.

    ``photo`` is what it is about, None where it is about the person; ``other`` is the other person,
    ``first`` the photo that was there before, ``seen`` the eye that the disc tells, ``before`` the
    day before the one of which it asks, ``file`` the path of another file. ``key`` names it:
    whoever answered it isn't asked again.
    """

    kind: HintKind
    key: str
    photo: int | None = None
    other: int | None = None
    first: int | None = None
    seen: Eye | None = None
    before: str = ""
    file: str = ""


class Hints:
    """The hints of a camp as it stands."""

    def __init__(self, camp: Camp) -> None:
        self._camp = camp

    def of(self, person: int) -> list[Hint]:
        """List the hints about a person, without those that were answered.

        What tells of several photographs at once is sought among those of a visit.
        """
        photos = self._camp.of(person)
        about_person = *self._again(person), *self._numbers(person)
        visits = [visit.photos for visit in visits_of(self._camp, person)]
        copies = (hint for each in visits for hint in self._copies(each))
        others = (
            Hint("other_name", f"other_name:{person}:{each.photo.number}", each.photo.number)
            for each in other_names(self._camp, person)
        )
        named = (
            Hint(
                "named_as", f"named_as:{told.photo.number}:{other}", told.photo.number, other=other
            )
            for told, other in names_of_others(self._camp, person)
        )
        of_files = *others, *self._named(person, photos), *named, *copies
        swapped = (hint for each in visits for hint in _swapped(each))
        further = (
            Hint("further", f"further:{number}", number, first=before)
            for each in visits
            for number, before in late_photos(self._camp, each)
        )
        of_eyes = *_untold(photos), *_sides(photos), *swapped
        found = [*about_person, *self._orders(person), *of_files, *of_eyes, *further]
        return [each for each in found if each.key not in self._camp.answered]

    def _again(self, person: int) -> Iterator[Hint]:
        """Find who was here on an earlier day: camps number from 1 each day.

        It is asked of each day on which they were here again, the last first.
        """
        for back in reversed(returns_of(self._camp, person)):
            yield Hint("again", again_key(person, back.day), before=back.before)

    def _numbers(self, person: int) -> Iterator[Hint]:
        """Find who has the same number; folders may number their people alike."""
        for other in numbered(self._camp, self._camp.people[person].given_id):
            if other != person:
                yield Hint("number", number_key(person, other), other=other)

    def _orders(self, person: int) -> Iterator[Hint]:
        """Find the visits of which nobody said for which of several orders they are."""
        for each in open_questions(self._camp, person):
            key = f"orders:{person}:{each.day}:{len(each.places)}"
            yield Hint("orders", key, each.photo, before=each.key)

    def _named(self, person: int, photos: tuple[Told, ...]) -> Iterator[Hint]:
        """Find the photographs whose file came by the name of somebody else too."""
        keys, given = self._camp.keys, same_number(self._camp.people[person].given_id)
        asked: set[str] = set()
        for told in photos:
            for file in self._camp.files.further.get(told.photo.number, ()):
                key, name = whose(Path(file))
                hint = f"named:{told.photo.number}:{same_number(name)}"
                is_theirs = (
                    self._camp.now_of(keys.get(key, 0)) == person or same_number(name) == given
                )
                if not (is_theirs or hint in asked or key in self._copied_folders):
                    asked.add(hint)
                    yield Hint("named", hint, told.photo.number, file=file)

    @cached_property
    def _copied_folders(self) -> set[tuple[str, ...]]:
        """Name the folders with photographs of several people: a whole card was copied there."""
        people: dict[tuple[str, ...], set[int]] = defaultdict(set)
        for photo, files in self._camp.files.further.items():
            for file in files:
                people[whose(Path(file))[0]].add(self._camp.told[photo].person)
        return {key for key, found in people.items() if len(key) == 1 and len(found) > 1}

    def _copies(self, photos: tuple[Told, ...]) -> Iterator[Hint]:
        """Find in a visit what looks like a picture of somebody else, the other eye, or before."""
        own = {told.photo.number for told in photos}
        for told in photos:
            for number in told.photo.copies if told.decision != "retake" else ():
                first = self._camp.told[number]
                is_elsewhere = number not in own or first.eye != told.eye
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


def _swapped(photos: tuple[Told, ...]) -> Iterator[Hint]:
    """Find what is named as the eye that the operator said of a photograph named as the other."""
    moved = {
        told.photo.eye_said: told
        for told in photos
        if told.eye_is_told and told.eye and told.photo.eye_said not in (None, told.eye)
    }
    for told in photos:
        named, number = told.photo.eye_said, told.photo.number
        first = next((each for eye, each in moved.items() if named and eye != named), None)
        is_open = not told.eye_is_told and told.decision != "retake" and not _is_doubted(told)
        if first and is_open:
            seen = first.photo.eye_said
            yield Hint("swapped", f"swapped:{number}", number, first=first.photo.number, seen=seen)


def _sides(photos: tuple[Told, ...]) -> Iterator[Hint]:
    """Find photographs whose disc lies as in the other eye than the name or the operator says."""
    for told in photos:
        if _is_doubted(told) and not _is_untold(told):
            seen, number = told.photo.eye_by_disc, told.photo.number
            said = told.eye if told.eye_is_told else told.photo.eye_said
            yield Hint("side", f"side:{number}:{said}", number, seen=seen)


def _untold(photos: tuple[Told, ...]) -> Iterator[Hint]:
    """Find photographs of DICOM files of which nobody knows the eye."""
    for told in photos:
        if _is_untold(told) and told.decision != "retake":
            yield Hint("untold", f"untold:{told.photo.number}", told.photo.number)


def _is_untold(told: Told) -> bool:
    dicom = told.photo.dicom
    return dicom is not None and dicom.doubt is not None and not told.eye_is_told


def _is_doubted(told: Told) -> bool:
    """Tell whether the disc lies as in the other eye, and name and operator don't both say this."""
    seen, said = told.photo.eye_by_disc, told.eye if told.eye_is_told else told.photo.eye_said
    is_settled = told.eye_is_told and told.eye == told.photo.eye_said  # two against the disc
    return bool(seen and said) and seen != said and not is_settled and told.decision != "retake"
