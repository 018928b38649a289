"""Tell a referral that is put right from one that is told besides."""

import datetime

from edge_runtime.station.advice import Advised
from edge_runtime.station.camp import Camp
from edge_runtime.station.follow_up import began
from edge_runtime.station.visits import visit_of
from edge_runtime.station.web.plan import plan_of


def put_right(camp: Camp, person: int, day: str, today: datetime.date) -> int:
    """Give the key of the referral that another place or day puts right.

    It does where that stands on the page, was said at the same visit, and either the day stays or
    nobody said yet whether they went and the day isn't over: else they are told to go once more.

    Args:
        camp: As it is.
        person: Who is told where to go.
        day: ISO 8601, "" where none is set.
        today: By this computer's clock.

    Returns:
        0 where it is another referral.
    """
    last, shown = camp.people[person].referral, plan_of(camp, person, Advised(camp), today)
    is_shown = shown.before is None and bool(last.told)
    if not is_shown or last.told[-1] < began(camp, person, visit_of(camp, person)):
        return 0
    is_to_come = shown.day == "" or datetime.date.fromisoformat(shown.day) >= today
    is_open = shown.came is None and is_to_come
    return last.key if is_open or (day != "" and day == shown.day) else 0
