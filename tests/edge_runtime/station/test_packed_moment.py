"""A moment that is kept as a number is written again as it was, letter by letter."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.station.moment import in_words, now
from edge_runtime.station.packed_moment import packed, unpacked

ZONES = st.integers(-1439, 1439).map(
    lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes))
)
MOMENTS = st.datetimes(datetime.datetime(2, 1, 1), datetime.datetime(9998, 12, 31), timezones=ZONES)


@given(MOMENTS)
def test_each_moment_of_a_station_is_a_number(moment):
    kept = packed(in_words(moment))
    assert isinstance(kept, int)
    assert unpacked(kept) == in_words(moment)


@pytest.mark.parametrize(
    "told",
    [
        "", "soon", "2026-11-29", "2026-11-29T10:00:00.000", "2026-11-29T10:00:00.123456+00:00",
        "2026-11-29T10:00:00Z", "2026-11-29 10:00:00.000+01:00", "2026-11-29T10:00:00+00:00",
        "2026-11-29T10:00:00.000+00:00:30", "20261129T100000.000+0000",
    ],
)  # fmt: skip
def test_what_is_written_otherwise_stays_as_it_is(told):
    assert unpacked(packed(told)) == told


def test_it_takes_no_more_than_a_small_number_does():
    kept = packed(in_words(now()))
    assert isinstance(kept, int)
    assert kept.bit_length() < 60  # two of Python's digits
