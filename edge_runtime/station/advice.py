"""What is to be done with a person: the worse eye decides, and no result means a doctor's look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from edge_runtime.explain.landmarks import Eye
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Told
from edge_runtime.station.visits import visit_of, visits_on

#: What is to be done, the most urgent first.
Advice = Literal["refer", "retake", "incomplete", "undecided", "no-referral", "waiting"]
ORDER: tuple[Advice, ...] = (
    "refer", "retake", "incomplete", "undecided", "no-referral", "waiting"
)  # fmt: skip

_RANKS = {advice: rank for rank, advice in enumerate(ORDER)}

EYES: tuple[Eye, ...] = ("right", "left")


@dataclass(frozen=True, slots=True)
class EyeAdvice:
    """What an eye's photographs come to together.

    ``photo`` is the number of the one that decides, None without any. ``why`` names a sentence of
    the catalogue: a result refers ("result"), the operator did ("operator"), none of the
    photographs that were let stand has a result ("no-result"), and so on.
    """

    advice: Advice
    why: str
    photo: int | None = None


_NONE = EyeAdvice("waiting", "none")  # what most people's unknown eye comes to


@dataclass(frozen=True, slots=True)
class PersonAdvice:
    """What is to be done with a person, and by which eye.

    ``unknown`` are the photographs of which the eye isn't known, ``of_unknown`` what they come to,
    ``score`` is the highest of a referral, 0..1.
    """

    person: int
    advice: Advice
    right: EyeAdvice
    left: EyeAdvice
    unknown: tuple[int, ...]
    of_unknown: EyeAdvice
    score: float

    @property
    def eyes(self) -> dict[Eye, EyeAdvice]:
        """What each eye comes to."""
        return {"right": self.right, "left": self.left}

    @property
    def counting(self) -> dict[Eye | None, EyeAdvice]:
        """What counts for the person: both eyes, and what is of neither (None) where it does."""
        return _counting(self.eyes, self.of_unknown)

    @property
    def urgency(self) -> tuple[float, ...]:
        """What sorts people, the smaller first."""
        return _RANKS[self.advice], -self.score, self.person

    @property
    def states(self) -> frozenset[Advice]:
        """What is to be done, and what lacks besides though it decides nothing."""
        of_eyes = [self.right.advice, self.left.advice]
        states: set[Advice] = {self.advice}
        if of_eyes.count("waiting") == 1:
            states.add("incomplete")
        is_unknown = self.of_unknown.advice == "retake" and None in self.counting
        if is_unknown or "retake" in of_eyes:
            states.add("retake")
        return frozenset(states)


def advise(camp: Camp, person: int, day: str | None = None) -> PersonAdvice:
    """Say what is to be done with a person of a camp, by the photographs of one visit alone.

    It is that of a ``day``, None for the last one, as ``visits.visit_of`` has it: an eye may have
    become ill since an earlier one, or been treated.

    Refer where either eye is referred. A retake is due where an eye has photographs but no result
    and the operator hasn't let that stand; where they have, the person is referred, as whatever
    hides the retina from the camera may be the disease. One eye only is incomplete. Photographs of
    which the eye isn't known count for the person, and for no eye; those without a result don't
    count once both eyes have one, or an operator's word.
    """
    photos = visit_of(camp, person, day).photos
    eyes, unknown = _eyes(photos), _unknown(photos)
    of_unknown = _eye(unknown)
    seen = [each for each in _counting(eyes, of_unknown).values() if each.advice != "waiting"]
    if not seen:  # all that there is was set aside, of an eye that nobody knows
        advice: Advice = "retake" if photos else "waiting"
    else:
        advice = min((each.advice for each in seen), key=ORDER.index)
        lacks_an_eye = any(each.advice == "waiting" for each in eyes.values())
        if lacks_an_eye and ORDER.index(advice) > ORDER.index("incomplete"):
            advice = "incomplete"
    scores = [camp.told[each.photo].photo.score or 0.0 for each in seen if each.photo is not None]
    return PersonAdvice(
        person,
        advice,
        eyes["right"],
        eyes["left"],
        tuple(each.photo.number for each in unknown),
        of_unknown,
        max(scores, default=0.0),
    )


def referring(photos: Sequence[Told]) -> set[Eye | None]:
    """Name the eyes for which a person is to be referred by a visit's photographs.

    None is an eye that nobody knows.
    """
    found = _counting(_eyes(photos), _eye(_unknown(photos)))
    return {eye for eye, each in found.items() if each.advice == "refer"}


def says_refer(told: Told) -> bool:
    """Tell whether a photograph that isn't set aside says refer, by its result or the operator."""
    return told.decision != "retake" and "refer" in (told.photo.group, told.decision)


_Known = tuple[tuple[Told, ...], tuple[tuple[str, str], ...], PersonAdvice]


class Advised:
    """What is to be done with each person of a camp, worked out once for as long as it holds."""

    def __init__(self, camp: Camp) -> None:
        self._camp = camp
        self._known: dict[str | None, dict[int, _Known]] = {}

    def of(self, person: int, day: str | None = None) -> PersonAdvice:
        """As ``advise``; it hangs on the person's photographs and what was said of them alone.

        Of who is at the camera now it hangs on when they were called too, and isn't kept. Of most
        people the last visit is today's: the two are kept once.
        """
        camp = self._camp
        if person == camp.called:
            return advise(camp, person, day)
        photos, goes_on = camp.of(person), camp.people[person].goes_on
        of_day = self._known.setdefault(day, {})
        known = of_day.get(person)
        if known is None or known[0] != photos or known[1] != goes_on:
            made = photos, goes_on, advise(camp, person, day)
            of_days = (each.get(person) for each in self._known.values())
            of_day[person] = known = next((each for each in of_days if each == made), made)
        return known[2]

    def on(self, person: int, day: str | None) -> tuple[PersonAdvice, str | None]:
        """Say what to show of a person on a page of a day, and what leads to that visit.

        Where the date came again and they were here several times, it is the last visit at which
        they are to be referred, else the last: a referral mustn't be hidden by a new start of the
        computer.

        Args:
            person: Who.
            day: YYYY-MM-DD; None for the last visit of all.
        """
        if day is None or not self._camp.days.came_again(day):
            return self.of(person, day), day
        keys = [each.key for each in visits_on(self._camp, person, day)]
        found = [(self.of(person, key), key) for key in keys]
        refers = [each for each in found if each[0].advice == "refer"]
        return (refers or found)[-1]


def _eyes(photos: Sequence[Told]) -> dict[Eye, EyeAdvice]:
    return {eye: _eye([each for each in photos if each.eye == eye]) for eye in EYES}


def _unknown(photos: Sequence[Told]) -> list[Told]:
    return [each for each in photos if each.eye is None and each.decision != "retake"]


def _counting(eyes: Mapping[Eye, EyeAdvice], of_unknown: EyeAdvice) -> dict[Eye | None, EyeAdvice]:
    """Give what counts for the person: both eyes, and what is of neither (None) if it does."""
    found: dict[Eye | None, EyeAdvice] = dict(eyes.items())
    has_both = all(each.why in ("result", "operator") for each in eyes.values())
    if not (has_both and of_unknown.why == "no-result"):
        found[None] = of_unknown
    return found


def _eye(photos: list[Told]) -> EyeAdvice:
    """Say what one eye's photographs come to; those that were set aside count as not taken."""
    kept = [each for each in photos if each.decision != "retake"]
    if not kept:
        return EyeAdvice("retake", "set-aside") if photos else _NONE
    overridden = [each for each in kept if each.decision in ("refer", "no-referral")]
    if overridden:  # the operator's last word on this eye, but not on what came to it afterwards
        last = max(overridden, key=lambda each: each.by or 0)
        if last.decision == "refer":
            return EyeAdvice("refer", "operator", last.photo.number)
        later = _eye([each for each in kept if each is not last and not _covers(last, each)])
        return (
            later
            if later.advice == "refer"
            else EyeAdvice("no-referral", "operator", last.photo.number)
        )
    graded = [each for each in kept if each.photo.class_name is not None]
    if not graded:
        last = kept[-1]
        stands = any(each.decision == "accepted" for each in kept)
        return EyeAdvice("refer" if stands else "retake", "no-result", last.photo.number)
    worst = max(graded, key=lambda each: (each.photo.group == "refer", each.photo.score or 0.0))
    group = worst.photo.group
    if group == "refer":
        return EyeAdvice("refer", "result", worst.photo.number)
    return EyeAdvice("no-referral" if group == "no-referral" else "undecided", "result",
                     worst.photo.number)  # fmt: skip


def _covers(word: Told, told: Told) -> bool:
    """Tell whether the operator's word on one photograph was said of another one of the eye too.

    It was where both were of this person and eye by then, and nothing was decided afterwards.
    """
    said = word.by or 0
    return max(word.placed, told.placed) < said and (told.by or 0) < said
