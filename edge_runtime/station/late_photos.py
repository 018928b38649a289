"""Find the photographs that came late to a person: they may be of the next one."""

import datetime
from collections.abc import Iterator, Sequence

from edge_runtime.explain.landmarks import Eye
from edge_runtime.station.advice import EYES
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Told
from edge_runtime.station.camp_photo import CampPhoto

_LATE = datetime.timedelta(seconds=90)  # within which a person isn't changed for the next one
_PAUSE = datetime.timedelta(minutes=5)  # after which nobody sits there any more, unless told so


def late_photos(camp: Camp, photos: Sequence[Told]) -> Iterator[tuple[int, int | None]]:
    """Find what came late by the same call, and isn't told to be theirs.

    It did where there was a result of both eyes; one of an eye that isn't known counts for an eye
    that has none. After a pause it did however few there were, but where another one was asked for.

    Args:
        camp: Where they are.
        photos: A person's of a visit, in the order in which they came.

    Yields:
        The number of one, and that of the one before it after which there was a pause; None where
        both eyes had a result.
    """
    done: set[Eye | int] = set()
    for place, told in enumerate(photos):
        is_told = told.decision is not None or told.eye_is_told or told.photo.whose[0]
        before = photos[place - 1] if place else None
        if before and not is_told and _is_by_one_call(camp, before.photo, told.photo):
            after, is_done = _after(before.photo, told.photo), len(done) >= len(EYES)
            is_pause = after > _PAUSE and not _is_asked_for(told, photos[:place])
            if (is_done and after > _LATE) or is_pause:
                yield told.photo.number, None if is_done else before.photo.number
        if told.photo.class_name is not None and told.decision != "retake":
            done.add(told.eye or told.photo.number)


def _is_by_one_call(camp: Camp, one: CampPhoto, other: CampPhoto) -> bool:
    """Tell whether two photographs came on one day with nobody called in between."""
    days, two = camp.days, (one.number, other.number)
    return all(len({known.get(n) for n in two}) == 1 for known in (days.under, days.photos))


def _is_asked_for(told: Told, before: Sequence[Told]) -> bool:
    """Tell whether more photographs were to be taken again than came since that was said."""
    said = [each.by or 0 for each in before if each.decision == "retake"]
    said = [number for number in said if number < told.given]
    return len(said) > sum(each.given > min(said, default=0) for each in before)


def _after(before: CampPhoto, photo: CampPhoto) -> datetime.timedelta:
    """Say how long after another one a photograph was taken, by the one clock of both."""
    both = (before.taken, photo.taken)
    one, other = both if all(both) else (before.arrived, photo.arrived)
    read = datetime.datetime.fromisoformat
    return read(other or "") - read(one or "")
