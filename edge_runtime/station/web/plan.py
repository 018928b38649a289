"""What the pages show of a person's referral: where to, when, and whether they went."""

import datetime
from dataclasses import dataclass

from edge_runtime.errors import printable
from edge_runtime.results.texts import Texts
from edge_runtime.station.advice import Advised
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Plan
from edge_runtime.station.follow_up import (
    FollowUp,
    due_before,
    follow_up,
    is_untold,
    without_round,
)
from edge_runtime.station.visits import visits_of


@dataclass(frozen=True)
class ShownPlan:
    """Where a referral stands, None for who isn't referred, and what was written down of it.

    ``may_call`` and ``came`` are None where nobody said; texts are empty likewise. ``before`` is
    what was said of the round that is over, where they are to be told anew.
    """

    stage: FollowUp | None
    place: str
    day: str
    may_call: bool | None
    contact: str
    came: bool | None
    note: str
    before: Plan | None = None


def plan_of(camp: Camp, number: int, advised: Advised, today: datetime.date) -> ShownPlan:
    """Show a person's referral; as ``follow_up.follow_up``.

    Where nobody said where to, it is due by any of the visits, as one that needs none doesn't heal
    an earlier one. Who went, or was told a day that is over, and is to be referred at a visit after
    that or by what was found since, is to be told anew, and nothing of the round of before stands
    there.
    """
    person, advice = camp.people[number], advised.of(number).advice
    plan, stage = person.plan, follow_up(person, advice, today)
    due = due_before(camp, number, advised)
    if stage in ("came", "missed", "due", "planned") and advice == "refer":
        refer = (e for e in visits_of(camp, number) if advised.of(number, e.key).advice == "refer")
        is_anew = any(is_untold(camp, person, each) for each in refer)
    else:
        is_anew = due is not None and due[0] == "untold"
    over = plan if is_anew and person.referrals else None
    if is_anew:
        stage, plan = "unplanned", without_round(plan)
    return ShownPlan(
        stage,
        printable(plan.place),
        plan.day,
        plan.may_call,
        printable(plan.contact),
        plan.came,
        printable(plan.note),
        over,
    )


def over_words(plan: ShownPlan, texts: Texts) -> str:
    """Say in a line what came of the round that is over; "" where none is."""
    over = plan.before
    if over is None:
        return ""
    went = "" if over.came is None else texts.say("plan.yes" if over.came else "plan.no")
    told = f"{texts.say('plan.came')}: {went or texts.say('plan.not_asked')}"
    return ", ".join(printable(each) for each in (over.place, over.day, told, over.note) if each)
