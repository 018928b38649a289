"""By which visit a person was told each of their referrals."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from edge_runtime.station.by_number import event_of
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import PersonReferred
from edge_runtime.station.follow_up import began
from edge_runtime.station.referral import Referral
from edge_runtime.station.visits import Visit, visits_of


def told_at(camp: Camp, person: int) -> list[tuple[Visit, Referral]]:
    """List a person's referrals, each with the visit at which, or after which, it was told.

    Of who was told nothing and said to have gone it is the one at which, or after which, it was.
    What was put right at another visit than it was told at, as somebody said that the one went on
    and took that back, is two.
    """
    visits = visits_of(camp, person)
    begun = [began(camp, person, each) for each in visits]
    return [
        (visits[place], part)
        for each in camp.people[person].referrals
        for place, part in _parted(camp, each, begun)
    ]


def _parted(camp: Camp, referral: Referral, begun: Sequence[int]) -> Iterator[tuple[int, Referral]]:
    """Part a referral by the visits at which it was told, each by its place."""
    said = referral.told or (referral.answered,)
    told = [(place, [*own]) for place, own in groupby(said, lambda number: _place(begun, number))]
    if len(told) == 1:
        yield told[0][0], referral
        return
    ends = [own[0] for _, own in told[1:]]
    for (place, own), end in zip(told, [*ends, referral.last + 1], strict=True):
        last = event_of(camp.history, own[-1])
        part = replace(referral, told=tuple(own))
        if last is not None and isinstance(last.event, PersonReferred):
            part = replace(part, referred=last.event)
        is_of_it = own[0] < referral.answered < end
        yield place, part if is_of_it else replace(part, answered=0, followed=None)


def _place(begun: Sequence[int], number: int) -> int:
    """Give the place of the last visit that had begun before an event; 0 where none had."""
    return max((place for place, at in enumerate(begun) if at <= number), default=0)
