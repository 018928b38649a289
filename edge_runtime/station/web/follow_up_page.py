"""Write the page of those who are to be referred: where they go, and whether they went."""

from collections.abc import Mapping

from edge_runtime.station.follow_up import STAGES
from edge_runtime.station.web.cards import title_of
from edge_runtime.station.web.frame import Station, write_page
from edge_runtime.station.web.plan import ShownPlan

_LISTED = 500  # persons on the page
_NO_DAY = "9999"  # behind every day


def follow_up_page(station: Station, asked: Mapping[str, str]) -> str:
    """List who is to be referred by where that stands, those first of whom something is due."""
    camp, show = station.store.camp, asked.get("show", "")
    plans = {number: station.plan(number) for number in camp.people}

    def order(number: int) -> tuple[int, str, tuple[float, ...]]:
        plan = plans[number]
        stage = STAGES.index(plan.stage) if plan.stage else len(STAGES)
        return stage, plan.day or _NO_DAY, station.advised.of(number).urgency

    referred = [number for number, plan in plans.items() if plan.stage is not None]
    listed = [number for number in sorted(referred, key=order) if show in ("", plans[number].stage)]
    counts = {stage: sum(plan.stage == stage for plan in plans.values()) for stage in STAGES}
    lines: list[tuple[int, str, ShownPlan]] = [
        (number, title_of(camp.people[number], station.texts), plans[number])
        for number in listed[:_LISTED]
    ]
    return write_page(
        station, "follow_up.html.jinja", asked,
        lines=lines, left_out=len(listed) - len(lines), people=len(referred), show=show,
        stages=[(stage, count) for stage, count in counts.items() if count],
    )  # fmt: skip
