"""The state of a camp, folded from its photographs and its history."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from edge_runtime.station.camp_days import CampDays
from edge_runtime.station.camp_facts import (
    Decided,
    LookedAfter,
    Person,
    Told,
    completed,
    decided,
    expected,
    kept_as_known,
    looked_after,
)
from edge_runtime.station.camp_photo import CampPhoto
from edge_runtime.station.events import (
    AnotherCame,
    EyeTold,
    HintAnswered,
    OperatorAtCamera,
    OrdersChosen,
    PeopleMerged,
    PersonCalled,
    PersonDescribed,
    PersonExpected,
    PersonOpened,
    PhotoAssigned,
    Undone,
    VisitGoesOn,
    again_key,
    number_key,
)
from edge_runtime.station.happened import Happened
from edge_runtime.station.joined_days import without_day, without_photo
from edge_runtime.station.returns import told_by_merger
from edge_runtime.station.seen_files import SeenFiles
from edge_runtime.station.spelling import same_number
from edge_runtime.station.tell_apart import tell_alone, tell_apart
from edge_runtime.station.undoing import Gone, undone_in


@dataclass
class Camp:
    """Photographs, people, and who sits before the camera: what the history comes to.

    ``people`` are those that weren't merged into others, ``called`` is the one before the camera,
    ``called_at`` since when, and ``called_after`` after which photograph; ``operator`` takes the
    photographs, and ``taken_by`` says who took each where that was known. ``answered`` are the
    hints that somebody found nothing wrong with. ``call`` is the number of the event by which
    somebody was called or nobody, None where there is none. ``keys`` lead to the person from what
    tells who it is: names of files, IDs of DICOM files, studies and entries of a worklist; by the
    number that they had before any merger, and ``merged`` leads from that to the other one's;
    ``numbered`` lists who is called by a number, as ``spelling.same_number`` writes it; ``newest``
    is the last number that a person got, ``files`` what else is known of those that were seen.
    ``days`` tells on which day each thing was, ``latest`` is the greatest time in the history,
    which a clock that was set back hasn't reached.
    """

    photos: dict[int, CampPhoto] = field(default_factory=dict)
    history: list[Happened] = field(default_factory=list)
    people: dict[int, Person] = field(default_factory=dict)
    told: dict[int, Told] = field(default_factory=dict)
    called: int | None = None
    call: int | None = None
    merged: dict[int, int] = field(default_factory=dict)
    called_at: str = ""
    called_after: int = 0
    operator: str = ""
    taken_by: dict[int, str] = field(default_factory=dict)
    keys: dict[tuple[str, ...], int] = field(default_factory=dict)
    numbered: dict[str, tuple[int, ...]] = field(default_factory=dict)
    newest: int = 0
    days: CampDays = field(default_factory=CampDays)
    latest: str = ""
    answered: set[str] = field(default_factory=set)
    files: SeenFiles = field(default_factory=SeenFiles, compare=False)
    _undone: Gone = field(default=Gone(), repr=False, compare=False)

    def take(self, photos: Iterable[CampPhoto], happened: Iterable[Happened]) -> None:
        """Learn of further photographs, and of what happened after all that is known."""
        self.photos |= {photo.number: photo for photo in photos}
        self.history += (added := [*happened])
        times = [*filter(None, (self.latest,)), *(each.at for each in added)]
        self.latest = max(times, key=datetime.fromisoformat, default="")
        opened = (each.event.person for each in added if isinstance(each.event, PersonOpened))
        self.newest = max(self.newest, *opened, 0)  # also those that are undone: it may be undone
        for each in added:
            self.days.learn(each, self.photos)
        if not any(isinstance(each.event, Undone) for each in added):
            for each in added:
                self._apply(each)
            return
        gone, anew = self.undone(), Camp(self.photos, self.history, files=self.files)
        anew.newest, anew.latest, anew.days = self.newest, self.latest, self.days
        anew._undone = self._undone
        for each in (each for each in self.history if each.number not in gone):
            anew._apply(each)
        kept_as_known(anew.people, self.people)
        kept_as_known(anew.told, self.told)
        vars(self).update(vars(anew))  # at once: nobody sees half of it

    def undone(self) -> frozenset[int]:
        """Name the events that don't count: what undid one may be undone itself.

        By whom a photograph was first of it stays, and that this person came up: else it would be
        in no list. It may be assigned to another, and the person be merged into another.
        """
        if self._undone.length != len(self.history):
            self._undone = undone_in(self.history, self._undone)
        return self._undone.numbers

    def as_it_is(self) -> "Camp":
        """Copy it, so that what happens from now on isn't in the copy."""
        return Camp(**{each.name: copy(getattr(self, each.name)) for each in fields(self)})

    def of(self, person: int) -> tuple[Told, ...]:
        """List a person's photographs in the order in which they came."""
        return tuple(self.told[number] for number in self.people[person].photos)

    def now_of(self, person: int) -> int | None:
        """Say who a person is by now: themselves, or the one with whom they became one.

        Returns:
            None where that they came up was undone.
        """
        while person not in self.people:
            if person not in self.merged:
                return None
            person = self.merged[person]
        return person

    def call_of(self, person: int) -> int | None:
        """Number the call by which a person is at the camera now; None for who isn't."""
        return self.call if self.called == person else None

    def _apply(self, happened: Happened) -> None:
        """Let one event count; what it is about may be gone by an undoing, and then it doesn't."""
        if hasattr(happened.event, "photo"):
            self._apply_to_photo(happened)
        elif hasattr(happened.event, "into"):
            self._apply_to_two(happened)
        else:
            self._apply_to_person(happened)

    def _apply_to_person(self, happened: Happened) -> None:
        people = self.people
        match happened.event:
            case PersonOpened(person, given_id, key):
                self._put(Person(person, happened.at, given_id))
                if key:
                    self.keys[key] = person
            case PersonDescribed(person, given_id, name, year) if person in people:
                self._put(replace(people[person], given_id=given_id, name=name, birth_year=year))
            case PersonExpected(person) as event if person in people:
                self._put(expected(people[person], event))
                tell_apart(event, people, self.keys, self.numbered, self.now_of)
            case PersonCalled(person):
                if person in people and person != self.called:  # an earlier call came to nothing?
                    day = self.days.calls[happened.number]
                    self._part(people[person], without_day(people[person], day, self.days.photos))
                self.called = person if person in people else None
                self.call = happened.number
                self.called_at, self.called_after = happened.at, max(self.told, default=0)
            case OperatorAtCamera(name):
                self.operator = name
            case event if isinstance(event, LookedAfter) and event.person in people:
                self._put(looked_after(people[event.person], event, happened.number))
            case HintAnswered(_, key):
                self.answered.add(key)
            case VisitGoesOn(person, before, day) if person in people:
                known = people[person]
                if not {before, day} <= self.days.of(known.photos, self.call_of(person)):
                    return  # a day of which nothing is theirs any more
                people[person] = replace(known, goes_on=(*known.goes_on, (before, day)))
                self.answered.add(again_key(person, day))
            case OrdersChosen(person) as event if person in people:
                people[person] = replace(people[person], chosen=(*people[person].chosen, event))

    def _apply_to_two(self, happened: Happened) -> None:
        people = self.people
        match happened.event:
            case PeopleMerged(person, into) if {person, into} <= people.keys() and person != into:
                other = people[person]
                both = [(people[each], self.call_of(each)) for each in (into, person)]
                days = {self.days.people[into], *told_by_merger(both, self.days, self.answered)}
                self.answered |= {again_key(into, day) for day in days}
                for photo in other.photos:
                    self._assign(photo, into, happened.number)
                self._unlist(people.pop(person))
                two = people[into], other  # as they were: with what they had of visits
                self._put(completed(*two))
                tell_alone(two, people, self.keys)
                self.merged[person] = into
                self.called = into if self.called == person else self.called
            case AnotherCame(person, into, photos, keys) if {person, into} <= people.keys():
                for photo in photos:
                    if photo in self.told:
                        self._assign(photo, into, happened.number)
                self.keys |= dict.fromkeys(keys, into)
                self.answered.add(number_key(person, into))
                if self.called == person and not self.days.is_later(self.call or 0, photos):
                    self.called = into

    def _apply_to_photo(self, happened: Happened) -> None:
        match happened.event:
            case PhotoAssigned(photo, of) if photo in self.photos and (
                (person := self.now_of(of)) is not None
            ):
                self.taken_by.setdefault(photo, self.operator)
                self._assign(photo, person, happened.number)
            case EyeTold(photo, eye) if photo in self.told:
                told = replace(self.told[photo], eye=eye, eye_is_told=True)
                self.told[photo] = replace(told, placed=happened.number)
            case event if isinstance(event, Decided) and event.photo in self.told:
                self.told[event.photo] = decided(self.told[event.photo], event, happened.number)

    def _put(self, person: Person) -> None:
        """Keep a person, in the place of what was known of them."""
        self._unlist(self.people.get(person.number))
        self.people[person.number] = person
        if person.given_id:
            spelt = same_number(person.given_id)
            self.numbered[spelt] = tuple(sorted((*self.numbered.get(spelt, ()), person.number)))

    def _unlist(self, person: Person | None) -> None:
        if person is not None and person.given_id:
            spelt = same_number(person.given_id)
            self.numbered[spelt] = tuple(n for n in self.numbered[spelt] if n != person.number)

    def _part(self, before: Person, now: Person) -> None:
        """Keep a person who may have lost days of visits, and have those asked about again."""
        self.people[now.number] = now
        lost = {day for _, day in before.goes_on} - {day for _, day in now.goes_on}
        self.answered -= {again_key(now.number, day) for day in lost}

    def _assign(self, number: int, person: int, placed: int) -> None:
        photo, known = self.photos[number], self.told.get(number)
        if known is not None and known.person in self.people and known.person != person:
            before = self.people[known.person]
            self._part(before, without_photo(before, number, self.days.photos))
        told = known or Told(photo, person, photo.eye, given=placed)
        self.told[number] = replace(told, person=person, placed=placed)
        now = self.people[person]
        self.people[person] = replace(now, photos=tuple(sorted({*now.photos, number})))
