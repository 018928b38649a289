"""Whether people went where they were referred to: who is to be asked, and when."""

import datetime
from bisect import bisect_left
from typing import Literal

from edge_runtime.station.advice import Advice
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Person, Plan
from edge_runtime.station.visits import visit_of

#: Where a referral stands, those first of whom something is to be done.
FollowUp = Literal["missed", "due", "unplanned", "planned", "came"]
STAGES: tuple[FollowUp, ...] = ("missed", "due", "unplanned", "planned", "came")


def follow_up(person: Person, advice: Advice, today: datetime.date) -> FollowUp | None:
    """Say where a person's referral stands.

    ``unplanned`` is a person who is to be referred and wasn't told where to, ``due`` one whose day
    is over and of whom nobody knows whether they went, ``missed`` one who didn't go. A day that
    was set after that begins a new round.

    Args:
        person: What is known of them.
        advice: What is to be done with them.
        today: The day by this computer's clock.

    Returns:
        None for who neither is to be referred nor was.
    """
    if person.followed is not None:
        return "came" if person.followed.came else "missed"
    if person.referred is None:
        return "unplanned" if advice == "refer" else None
    day = person.referred.day
    return "due" if day and datetime.date.fromisoformat(day) < today else "planned"


def is_of_before(camp: Camp, person: int, day: str | None = None) -> bool:
    """Tell whether a person was referred before a visit began, whenever they were asked after.

    The visit is that of a ``day``, None for the last one. Who went and was told nothing went
    before it where that was said before it.
    """
    known, history = camp.people[person], camp.history
    number = known.referred_by or known.planned
    at = bisect_left(history, number, key=lambda each: each.number)
    return number > 0 and history[at].at[:10] < visit_of(camp, person, day).days[0]


def plan_at(camp: Camp, person: int, day: str | None = None) -> Plan:
    """Give a person's referral as a visit has it, which is as in ``is_of_before``.

    One of before of which it is known whether they went is over, and none of the visit's.
    """
    plan = camp.people[person].plan
    is_over = plan.came is not None and is_of_before(camp, person, day)
    return without_round(plan) if is_over else plan


def without_round(plan: Plan) -> Plan:
    """Leave of a referral what holds for the next one too: whether they may be called, and how."""
    return Plan(may_call=plan.may_call, contact=plan.contact)
