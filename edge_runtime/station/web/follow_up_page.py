"""Write the page of those who are to be referred: where they go, and whether they went."""

from collections import Counter
from collections.abc import Mapping

from edge_runtime.station.follow_up import STAGES, FollowUp
from edge_runtime.station.web.cards import title_of
from edge_runtime.station.web.frame import Station, write_page
from edge_runtime.station.web.plan import ShownPlan

_LISTED = 500  # persons on the page
_NO_DAY = "9999"  # behind every day


def follow_up_page(station: Station, asked: Mapping[str, str]) -> str:
    """List who is to be referred by where that stands, those first of whom something is due."""
    camp, show = station.store.camp, asked.get("show", "")
    stands: dict[int, tuple[FollowUp, str]] = {}
    for number in camp.people:
        plan = station.plan(number)
        if plan.stage is not None:
            stands[number] = plan.stage, plan.day or _NO_DAY

    def order(number: int) -> tuple[int, str, tuple[float, ...]]:
        stage, day = stands[number]
        return STAGES.index(stage), day, station.advised.of(number).urgency

    listed = [number for number in sorted(stands, key=order) if show in ("", stands[number][0])]
    counts = Counter(stage for stage, _ in stands.values())
    lines: list[tuple[int, str, ShownPlan]] = [
        (number, title_of(camp.people[number], station.texts), station.plan(number))
        for number in listed[:_LISTED]
    ]
    return write_page(
        station, "follow_up.html.jinja", asked,
        lines=lines, left_out=len(listed) - len(lines), people=len(stands), show=show,
        stages=[(stage, counts[stage]) for stage in STAGES if counts[stage]],
    )  # fmt: skip
