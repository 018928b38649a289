"""Which days a person may be referred for: none before they were here, and none that is absurd."""

import datetime

from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import date_of
from edge_runtime.station.visits import last_day

_MOST = datetime.timedelta(days=731)  # two years, as they wait for no appointment longer


def referral_days(
    camp: Camp, person: int, today: datetime.date
) -> tuple[datetime.date, datetime.date]:
    """Name the first and the last day that may be told to a person.

    Args:
        camp: As it is.
        person: Whom it is about.
        today: By this computer's clock, which may be behind what is known.
    """
    first = datetime.date.fromisoformat(date_of(last_day(camp, person)))
    latest = max(first, today)
    return first, latest + min(_MOST, datetime.date.max - latest)
