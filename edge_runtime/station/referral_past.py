"""Fold what was said of a person's referrals, also as somebody who is one with them now."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Happened, Person, completed, looked_after
from edge_runtime.station.events import (
    ConsentTold,
    FollowedUp,
    PeopleMerged,
    PersonOpened,
    PersonReferred,
)


@dataclass
class ToldRound:
    """A referral: by which events it was told first and last, and what came of it by the last word.

    None of the former is of who was said to have gone, or not, and wasn't told where to.
    """

    first: Happened | None = None
    told: Happened | None = None
    answered: Happened | None = None


def referral_past(
    camp: Camp, person: int, happened: Iterable[Happened], until: int | None
) -> tuple[Person, dict[int, ToldRound]]:
    """Say what was said of a person's referral before an event, and of each before that one.

    Args:
        camp: Where they are.
        person: Who.
        happened: What happened to them and to whoever became one with them, in its order.
        until: The event's number; None for all that is known.

    Returns:
        The person, of whom what was said is known and nothing else, and each referral by the
        number of the event that told it; one whose place was corrected has two.
    """
    gone = camp.undone()
    known: dict[int, Person] = {}
    rounds: dict[int, ToldRound] = {}
    for each in happened:
        event, number = each.event, each.number
        if (until is not None and number >= until) or number in gone:
            continue
        whom = getattr(event, "person", None)
        if whom is None or camp.now_of(whom) != person:
            continue
        match event:
            case PersonOpened():
                known[whom] = Person(whom, "")
            case PersonReferred() | ConsentTold() | FollowedUp() if whom in known:
                before = known[whom]
                known[whom] = looked_after(before, event, number)
                if isinstance(event, PersonReferred):
                    is_same = event.corrects and before.referred is not None
                    rounds[number] = rounds[before.referred_by] if is_same else ToldRound(each)
                    rounds[number].told = each
                elif isinstance(event, FollowedUp):
                    key = before.referred_by or -whom  # nobody told them
                    rounds.setdefault(key, ToldRound()).answered = each
            case PeopleMerged(_, into) if whom != into and {whom, into} <= known.keys():
                known[into] = completed(known[into], known.pop(whom))
                for one in (whom, into):
                    _join(rounds, -one, known[into].referred_by or -into)
    return reduce(completed, known.values(), Person(person, "")), rounds


def _join(rounds: dict[int, ToldRound], untold: int, referral: int) -> None:
    """Take for an answer to a referral what was said of who wasn't told, and became one with them.

    It is one where it was said after the referral was told, and after what was said of that; where
    nobody told the other one either, it is of both.
    """
    said, told = rounds.get(untold), rounds.get(referral)
    if said is None or said.answered is None or said is told:
        return
    if told is None:
        rounds[referral] = rounds.pop(untold)
        return
    last = max(each.number for each in (told.told, told.answered) if each is not None)
    if said.answered.number > last:
        told.answered = said.answered
        del rounds[untold]
