"""All that happened to a person of a camp, and to the photographs that were ever theirs."""

import datetime
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from itertools import chain

from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Person
from edge_runtime.station.events import (
    AnotherCame,
    ConsentTold,
    Event,
    PeopleMerged,
    PersonCalled,
    PhotoAssigned,
    Undone,
    VisitGoesOn,
)
from edge_runtime.station.first_called import FirstCalled
from edge_runtime.station.happened import Happened
from edge_runtime.station.referral_past import referral_past
from edge_runtime.station.visits import Visit

#: What changes nothing that is said of a person on slips and in reports.
_UNSAID = PersonCalled | ConsentTold


class Past:
    """A camp's history by whom it is about, walked through once: an export asks of each person."""

    def __init__(self, camp: Camp, person: int | None = None) -> None:
        """Look; whoever asks holds the store's lock, or has a copy of the camp.

        Args:
            camp: Where they are.
            person: Who alone is asked about, which takes little room; None for whoever.
        """
        self._camp, self._person = camp, person
        events = (each.event for each in camp.history)
        self._merged = [each for each in events if isinstance(each, PeopleMerged)]
        self._given: dict[int, set[int]] = defaultdict(set)  # photographs that ever were somebody's
        self._of_person: dict[int, set[int]] = defaultdict(set)  # places in the history
        self._of_photo: dict[int, set[int]] = defaultdict(set)
        self._undone: dict[int, list[Happened]] = defaultdict(list)  # by the event's number
        is_asked: Callable[[Happened], bool] = (
            _always if person is None else _About(camp, frozenset(self._own(person)), person)
        )
        for place, each in enumerate(camp.history):
            if is_asked(each):
                self._learn(place, each)

    @cached_property
    def called(self) -> FirstCalled:
        """Who had which ID first."""
        return FirstCalled(self._camp, self._person)

    def of(self, person: int) -> list[Happened]:
        """List what happened to a person and to their photographs, in its order.

        What was given to them and then to another one is of both, and so is what came by a merging.
        What happened to who is one with them now is of them.
        """
        own, camp = self._own(person), self._camp
        photos = {*camp.people[person].photos}
        photos.update(*(self._given.get(each, ()) for each in own))
        is_one = (each for each in own if camp.now_of(each) == person)
        found = {*chain(*(self._of_person.get(each, ()) for each in is_one))}
        found.update(*(self._of_photo.get(each, ()) for each in photos))
        return [self._camp.history[place] for place in sorted(found)]

    def looked_after(self, person: int, until: int) -> Person:
        """Give a person with what was said of their referrals before an event of a number.

        What was said of who became one with them is of them.
        """
        of_own = (self._of_person.get(each, ()) for each in self._own(person))
        happened = (self._camp.history[place] for place in sorted({*chain(*of_own)}))
        found = referral_past(self._camp, person, happened, until)
        return replace(
            self._camp.people[person],
            known_referrals=found.known_referrals,
            consent=found.consent,
            asked=found.asked,
        )

    def _own(self, person: int) -> set[int]:
        """Number a person, and who ever became one with them."""
        own: set[int] = {person}
        for event in reversed(self._merged):  # who became one with them, and who had with those
            if event.into in own:
                own.add(event.person)
        return own

    def said_last(self, person: int, visit: Visit | None = None) -> str:
        """Say when something was last said of a person that stands on slips and in reports.

        Of a ``visit`` these are those of it: what is said of another one's photographs is none.

        It may have been undone since, and then the undoing counts: of two reports that contradict
        one another the later one holds.

        Returns:
            ISO 8601 with the offset from UTC; when they came up, where nothing was said since.
        """
        times = [
            self._camp.people[person].since,
            *(each.at for each in self.said_of(person, visit)),
        ]
        return max(times, key=datetime.datetime.fromisoformat)

    def said_of(self, person: int, visit: Visit | None = None) -> list[Happened]:
        """List what changes what stands on slips and in reports of a person, and what undid it."""
        found = [each for each in self.of(person) if not isinstance(each.event, _UNSAID)]
        if visit is not None:
            found = [each for each in found if self._is_of(each.event, person, visit)]
        for each in found:
            found += self._undone.get(each.number, ())  # which may be undone itself
        return found

    def _is_of(self, event: Event, person: int, visit: Visit) -> bool:
        """Tell whether what is said is of a visit's days or photographs, or of the whole person."""
        match event:
            case AnotherCame(photos=photos):
                return any(self._was_in(each, person, visit) for each in photos)
            case VisitGoesOn(_, before, day):
                return not {before[:10], day[:10]}.isdisjoint(visit.days)
        photo: int | None = getattr(event, "photo", None)
        return photo is None or self._was_in(photo, person, visit)

    def _was_in(self, photo: int, person: int, visit: Visit) -> bool:
        """Tell whether a photograph is of a visit, or is another person's by now and was of it."""
        if any(each.photo.number == photo for each in visit.photos):
            return True
        is_theirs = photo in self._camp.people[person].photos
        known = self._camp.photos.get(photo)
        return not is_theirs and known is not None and known.arrived[:10] in visit.days

    def _learn(self, place: int, happened: Happened) -> None:
        event = happened.event
        match event:
            case PhotoAssigned(photo, person):
                self._given[person].add(photo)
            case AnotherCame(_, into, photos):
                self._given[into].update(photos)
            case Undone(number) if number < happened.number:
                self._undone[number].append(happened)
        for name in ("person", "into"):
            if (whom := getattr(event, name, None)) is not None:
                self._of_person[whom].add(place)
        if (about := getattr(event, "photo", None)) is not None:
            self._of_photo[about].add(place)


class _About:
    """Tell what happened to a person and to the photographs that were ever theirs, in its order."""

    def __init__(self, camp: Camp, own: frozenset[int], person: int) -> None:
        """``own`` are the numbers of the person and of who became one with them."""
        self._own, self._photos = own, {*camp.people[person].photos}
        self._undoable: set[int] = set()
        for each in camp.history:
            match each.event:
                case PhotoAssigned(photo, whose) if whose in own:
                    self._photos.add(photo)
                case AnotherCame(_, into, photos) if into in own:
                    self._photos.update(photos)

    def __call__(self, happened: Happened) -> bool:
        """Tell it of what happened next."""
        event = happened.event
        found = (
            event.event in self._undoable
            if isinstance(event, Undone)
            else getattr(event, "photo", None) in self._photos
            or not self._own.isdisjoint((getattr(event, "person", 0), getattr(event, "into", 0)))
        )
        if found:
            self._undoable.add(happened.number)
        return found


def _always(_: Happened) -> bool:
    return True
