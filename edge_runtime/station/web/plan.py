"""What the pages show of a person's referral: where to, when, and whether they went."""

import datetime
from dataclasses import dataclass

from edge_runtime.errors import printable
from edge_runtime.station.advice import Advice
from edge_runtime.station.camp_facts import Person
from edge_runtime.station.follow_up import FollowUp, follow_up


@dataclass(frozen=True)
class ShownPlan:
    """Where a referral stands, None for who isn't referred, and what was written down of it.

    ``may_call`` and ``came`` are None where nobody said; texts are empty likewise.
    """

    stage: FollowUp | None
    place: str
    day: str
    may_call: bool | None
    contact: str
    came: bool | None
    note: str


def plan_of(person: Person, advice: Advice, today: datetime.date) -> ShownPlan:
    """Show a person's referral; as ``follow_up.follow_up``."""
    plan = person.plan
    return ShownPlan(
        follow_up(person, advice, today),
        printable(plan.place),
        plan.day,
        plan.may_call,
        printable(plan.contact),
        plan.came,
        printable(plan.note),
    )
