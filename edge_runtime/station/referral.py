"""The referrals of a person: where they were told to go, and what is known to have come of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge_runtime.station.events import FollowedUp, PersonReferred


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral of a person.

    ``key`` is the number of the event by which it was told first, though that may be undone by now;
    0 is what was said of somebody's going who wasn't told where to. ``told`` are the numbers of the
    events that tell it, and that put it right since; ``referred`` is the last of these,
    ``followed`` what was said last of whether they went, and ``answered`` the number of that event,
    None and 0 where nobody said it.
    """

    key: int = 0
    told: tuple[int, ...] = ()
    referred: PersonReferred | None = None
    answered: int = 0
    followed: FollowedUp | None = None

    @property
    def is_undone(self) -> bool:
        """Whether nothing tells it any more."""
        return self.key != 0 and not self.told

    @property
    def first(self) -> int:
        """The number of the event with which it began."""
        return self.told[0] if self.told else self.answered

    @property
    def last(self) -> int:
        """The number of the event by which something was said of it last."""
        return max(*self.told[-1:], self.answered, 0)


_Referrals = tuple[Referral, ...]


def told_where(
    known: Sequence[Referral], event: PersonReferred, number: int
) -> tuple[Referral, ...]:
    """Give a person's referrals once they were told where to go by the event of a number."""
    key = event.corrects or number
    if event.corrects is True:
        key = next((each.key for each in reversed(known) if each.told), number)
    before = _of_key(known, key)
    return _with(known, replace(before, told=(*before.told, number), referred=event))


def followed_up(known: Sequence[Referral], event: FollowedUp, number: int) -> tuple[Referral, ...]:
    """Give a person's referrals once it was said by the event of a number whether they went."""
    key = event.referral
    if key is None:
        key = next((each.key for each in reversed(known) if each.told), 0)
    before = _of_key(known, key)
    return _with(known, replace(before, answered=number, followed=event))


def answers_undone(known: Sequence[Referral], event: object) -> bool:
    """Tell whether an event says whether somebody went where nothing tells them to any more."""
    return isinstance(event, FollowedUp) and any(
        each.is_undone and each.key == event.referral for each in known
    )


def of_one(referrals: Sequence[Referral], others: Sequence[Referral]) -> tuple[Referral, ...]:
    """Give the referrals of two persons who are one, in the order in which they were told.

    Who was told where to go as one of the two and was said, later, to have gone as the other one,
    who hadn't been told anything by then, went there. What was said before they were told, or
    before it was said of that referral too, is of none that is known.
    """
    one, other = tuple(referrals), tuple(others)
    one, other = _went_there(one, other)
    other, one = _went_there(other, one)
    both = one
    for each in other:
        both = _with(both, _joined(_of_key(both, each.key), each))
    return both


def _went_there(known: _Referrals, others: _Referrals) -> tuple[_Referrals, _Referrals]:
    """Take for an answer to a person's referral what was said of who is one with them, if it is."""
    said = _of_key(others, 0)
    before = [each for each in known if each.told and each.first < said.answered]
    if not before or before[-1].last > said.answered:
        return known, others
    went = replace(before[-1], answered=said.answered, followed=said.followed)
    return _with(known, went), tuple(each for each in others if each.key)


def _of_key(known: Sequence[Referral], key: int) -> Referral:
    return next((each for each in known if each.key == key), Referral(key))


def _with(known: Sequence[Referral], referral: Referral) -> tuple[Referral, ...]:
    """Put a referral among others in its order, which is that of when they were told first."""
    others = (each for each in known if each.key != referral.key)
    return tuple(sorted((*others, referral), key=lambda each: each.told[:1] or (0,)))


def _joined(one: Referral, other: Referral) -> Referral:
    """Give what two persons have of one referral: it was put right while they were one before."""
    teller = max(one, other, key=lambda each: each.told[-1:])
    answer = max(one, other, key=lambda each: each.answered)
    told = tuple(sorted((*one.told, *other.told)))
    return Referral(one.key, told, teller.referred, answer.answered, answer.followed)
