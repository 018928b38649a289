"""A referral is for a day after the person was here, and within two years."""

from datetime import date

import pytest

from edge_runtime.station.events import PersonOpened
from edge_runtime.station.happened import Happened
from edge_runtime.station.referral_day import referral_days
from tests.edge_runtime.station.camps import Camp


@pytest.mark.parametrize(
    ("came", "today", "days"),
    [
        ("2024-02-29", date(2024, 2, 29), (date(2024, 2, 29), date(2026, 3, 1))),
        ("2024-02-29", date(2026, 5, 1), (date(2024, 2, 29), date(2028, 5, 1))),
        ("2026-05-02", date(2001, 1, 1), (date(2026, 5, 2), date(2028, 5, 2))),  # clock set back
        ("9999-12-30", date(2026, 1, 1), (date(9999, 12, 30), date.max)),
    ],
)
def test_the_days_are_counted_from_the_last_day_here_and_two_years_from_now(came, today, days):
    camp = Camp()
    camp.take([], [Happened(1, f"{came}T09:30+00:00", PersonOpened(1, "A"))])
    assert referral_days(camp, 1, today) == days
