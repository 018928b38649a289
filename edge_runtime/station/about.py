"""All that happened to a person of a camp, and to the photographs that were ever theirs."""

import datetime
from collections import defaultdict
from dataclasses import replace
from functools import reduce
from itertools import chain

from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Happened, Person, completed, looked_after
from edge_runtime.station.events import (
    AnotherCame,
    ConsentTold,
    Event,
    FollowedUp,
    HintAnswered,
    PeopleMerged,
    PersonCalled,
    PersonReferred,
    PhotoAssigned,
    Undone,
    VisitGoesOn,
)
from edge_runtime.station.first_called import FirstCalled
from edge_runtime.station.visits import Visit

#: What changes nothing that is said of a person on slips and in reports.
_UNSAID = PersonCalled | ConsentTold | FollowedUp | HintAnswered


class Past:
    """A camp's history by whom it is about, walked through once: an export asks of each person."""

    def __init__(self, camp: Camp) -> None:
        """Look; whoever asks holds the store's lock, or has a copy of the camp."""
        self._camp, self.called = camp, FirstCalled(camp)
        self._merged: list[PeopleMerged] = []
        self._given: dict[int, set[int]] = defaultdict(set)  # photographs that ever were somebody's
        self._of_person: dict[int, set[int]] = defaultdict(set)  # places in the history
        self._of_photo: dict[int, set[int]] = defaultdict(set)
        self._undone: dict[int, list[Happened]] = defaultdict(list)  # by the event's number
        for place, each in enumerate(camp.history):
            self._learn(place, each)

    def of(self, person: int) -> list[Happened]:
        """List what happened to a person and to their photographs, in its order.

        What was given to them and then to another one is of both, and so is what came by a merging.
        """
        own = self._own(person)
        photos = {*self._camp.people[person].photos}
        photos.update(*(self._given.get(each, ()) for each in own))
        found = {*self._of_person.get(person, ())}
        found.update(*(self._of_photo.get(each, ()) for each in photos))
        return [self._camp.history[place] for place in sorted(found)]

    def looked_after(self, person: int, until: int) -> Person:
        """Give a person with what was said of their referral before an event of a number.

        What was said of who became one with them is of them.
        """
        found = reduce(completed, self._referral(person, until)[0].values(), Person(person, ""))
        return replace(
            self._camp.people[person],
            referred=found.referred,
            consent=found.consent,
            followed=found.followed,
            referred_by=found.referred_by,
            planned=found.planned,
            asked=found.asked,
        )

    def answer(self, person: int, referral: int) -> FollowedUp | None:
        """Give what was said last of whether a person went where they were told to.

        Args:
            person: Who.
            referral: The number of the event by which they were told.

        Returns:
            None where nobody said it, or it was undone. When it was said doesn't matter.
        """
        return self._referral(person, None)[1].get(referral)

    def _referral(
        self, person: int, until: int | None
    ) -> tuple[dict[int, Person], dict[int, FollowedUp]]:
        """Give what was said of a person's referral before an event, of each who is one with them.

        None is no event. With it, what came of each referral, by the number of its event.
        """
        camp, gone = self._camp, self._camp.undone()
        of_own = (self._of_person.get(each, ()) for each in self._own(person))
        known: dict[int, Person] = {}
        answers: dict[int, FollowedUp] = {}
        for each in (camp.history[place] for place in sorted({*chain(*of_own)})):
            event, number = each.event, each.number
            if (until is not None and number >= until) or number in gone:
                continue
            if isinstance(event, PersonReferred | ConsentTold | FollowedUp):
                if camp.now_of(event.person) == person:
                    before = known.get(event.person) or Person(event.person, "")
                    after = known[event.person] = looked_after(before, event, number)
                    if isinstance(event, FollowedUp):
                        answers[after.referred_by] = event
            elif isinstance(event, PeopleMerged) and event.person in known:
                two = known.get(event.into) or Person(event.into, ""), known.pop(event.person)
                known[event.into] = completed(*two)
        return known, answers

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
            case PeopleMerged():
                self._merged.append(event)
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
