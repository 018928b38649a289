"""What the pages show of a person's referral: where to, when, and whether they went."""

import datetime
from dataclasses import dataclass

from edge_runtime.errors import printable
from edge_runtime.station.advice import Advised
from edge_runtime.station.camp import Camp
from edge_runtime.station.follow_up import FollowUp, follow_up, is_of_before, without_round
from edge_runtime.station.visits import visits_of


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


def plan_of(camp: Camp, number: int, advised: Advised, today: datetime.date) -> ShownPlan:
    """Show a person's referral; as ``follow_up.follow_up``.

    Where nobody said where to, it is due by any of the visits, as one that needs none doesn't heal
    an earlier one. Who went, and is to be referred at a visit after that, is to be told anew, and
    nothing of the round of before stands there.
    """
    person, advice = camp.people[number], advised.of(number).advice
    plan = person.plan
    if not person.planned and advice != "refer":
        days = {camp.days.photos[photo] for photo in person.photos}
        if len(days) > 1 or number == camp.called:
            found = {advised.of(number, each.key).advice for each in visits_of(camp, number)}
            advice = "refer" if "refer" in found else advice
    stage = follow_up(person, advice, today)
    if stage == "came" and advice == "refer" and is_of_before(camp, number):
        stage, plan = "unplanned", without_round(plan)
    return ShownPlan(
        stage,
        printable(plan.place),
        plan.day,
        plan.may_call,
        printable(plan.contact),
        plan.came,
        printable(plan.note),
    )
