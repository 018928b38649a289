"""Tell that this computer's clock is behind what it said before."""

import datetime

from edge_runtime.station.camp import Camp
from edge_runtime.station.moment import now

_SOME = datetime.timedelta(minutes=5)  # by which a clock may be set without a word


def entries_ahead(camp: Camp) -> tuple[str, str] | None:
    """Say what the clock says, and of when the latest entry is, where that lies ahead of it.

    Returns:
        Both as "YYYY-MM-DD HH:MM", None where the clock is ahead of all entries, as it should be.
    """
    moment = now()
    if not camp.latest or datetime.datetime.fromisoformat(camp.latest) <= moment + _SOME:
        return None
    return f"{moment:%Y-%m-%d %H:%M}", camp.latest[:16].replace("T", " ")
