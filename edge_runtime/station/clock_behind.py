"""Tell that this computer's clock may be wrong: behind what it said, or started anew."""

import datetime

from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import BY_LITTLE
from edge_runtime.station.moment import now

_READ = datetime.timedelta(hours=1)


def entries_ahead(camp: Camp) -> tuple[str, str] | None:
    """Say what the clock says, and of when the latest entry is, where that lies ahead of it.

    Returns:
        Both as "YYYY-MM-DD HH:MM". None where the clock is ahead of all entries, as it should be,
        and where more than an hour ago something happened after those that lie ahead: by then
        everybody has read it, and nobody can do any more about it.
    """
    moment = now()
    if not camp.latest or datetime.datetime.fromisoformat(camp.latest) <= moment + BY_LITTLE:
        return None
    for each in reversed(camp.history):
        at = datetime.datetime.fromisoformat(each.at)
        if at > moment + BY_LITTLE:
            break
        if at < moment - _READ:
            return None
    return f"{moment:%Y-%m-%d %H:%M}", camp.latest[:16].replace("T", " ")


def started_anew(camp: Camp) -> str | None:
    """Give what the clock says where the computer was started and nobody has done anything since.

    Returns:
        As "YYYY-MM-DD HH:MM", which somebody may look at before they go on; None otherwise.
    """
    return f"{now():%Y-%m-%d %H:%M}" if camp.days.started else None
