"""The referrals of a person: where they were told to go, and what is known to have come of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge_runtime.station.events import FollowedUp, PersonReferred


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral of a person.

    ``told`` are the numbers of the events by which they were told where to go: the first one, and
    those that put it right since. None are of who was said to have gone, or not, and wasn't told.
    ``referred`` is the last of these, ``followed`` what was said last of whether they went, and
    ``answered`` the number of that event; None and 0 where nobody did.
    """

    told: tuple[int, ...] = ()
    referred: PersonReferred | None = None
    answered: int = 0
    followed: FollowedUp | None = None

    @property
    def first(self) -> int:
        """The number of the event with which it began."""
        return self.told[0] if self.told else self.answered

    @property
    def last(self) -> int:
        """The number of the event by which something was said of it last."""
        return max(*self.told[-1:], self.answered, 0)


def told_where(
    known: Sequence[Referral], event: PersonReferred, number: int
) -> tuple[Referral, ...]:
    """Give a person's referrals once they were told where to go by the event of a number.

    What puts right one that was undone since is one of its own.
    """
    if not any(event.corrects in each.told for each in known):
        return (*known, Referral((number,), event))
    return tuple(
        replace(each, told=(*each.told, number), referred=event)
        if event.corrects in each.told
        else each
        for each in known
    )


def followed_up(known: Sequence[Referral], event: FollowedUp, number: int) -> tuple[Referral, ...]:
    """Give a person's referrals once it was said whether they went where they were told last."""
    *before, last = known or (Referral(),)
    return (*before, replace(last, answered=number, followed=event))


def of_one(referrals: Sequence[Referral], others: Sequence[Referral]) -> tuple[Referral, ...]:
    """Give the referrals of two persons who are one, in the order in which they were told.

    Who was told where to go as one of the two and was said, later, to have gone as the other one,
    who hadn't been told anything by then, went there. What was said before they were told, or
    before it was said of that referral too, is of none that is known, and comes first.
    """
    both = sorted((*referrals, *others), key=lambda each: each.first)
    told = [each for each in both if each.told]
    untold = None
    for said in (each for each in both if not each.told):
        place = next((n for n, one in enumerate(told) if one.first > said.answered), len(told)) - 1
        if place >= 0 and told[place].last < said.answered:
            told[place] = replace(told[place], answered=said.answered, followed=said.followed)
        else:
            untold = said  # the later one of two
    return (*filter(None, (untold,)), *told)
