"""The moment by this computer's clock."""

import datetime


def now() -> datetime.datetime:
    """Give it with the offset from UTC."""
    return datetime.datetime.now().astimezone()


def in_words(moment: datetime.datetime) -> str:
    """Write a moment as ISO 8601, to the millisecond."""
    return moment.isoformat(timespec="milliseconds")
