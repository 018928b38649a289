"""Keep a moment in words as one number, which takes a third of the memory."""

import datetime
from functools import lru_cache

from edge_runtime.station.moment import in_words

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_MILLISECOND = datetime.timedelta(milliseconds=1)
_MINUTE = datetime.timedelta(minutes=1)
_OFFSETS = 4096  # minutes: those of clocks lie within a day of 0


@lru_cache(maxsize=4)  # what happens together has one
def packed(told: str) -> int | str:
    """Pack a moment as ``in_words`` writes it, so that ``unpacked`` gives the same letters again.

    Returns:
        Milliseconds since 1970 and the offset from UTC in one; the text itself where it is written
        otherwise, as by another program.
    """
    try:
        moment = datetime.datetime.fromisoformat(told)
        offset = moment.utcoffset()
    except ValueError:
        return told
    if offset is None:
        return told
    since, minutes = (moment - _EPOCH) // _MILLISECOND, offset // _MINUTE
    number = since * _OFFSETS + minutes + _OFFSETS // 2
    return number if unpacked(number) == told else told


def unpacked(kept: int | str) -> str:
    """Give a moment in words again."""
    if isinstance(kept, str):
        return kept
    since, minutes = divmod(kept, _OFFSETS)
    zone = datetime.timezone(datetime.timedelta(minutes=minutes - _OFFSETS // 2))
    return in_words((_EPOCH + since * _MILLISECOND).astimezone(zone))
