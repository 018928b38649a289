"""Write times as people read them."""

import datetime


def clock(time: str, *, is_dated: bool = False) -> str:
    """Write a time as people read it, of another day or where ``is_dated`` with its date."""
    read = datetime.datetime.fromisoformat(time)
    today = datetime.datetime.now(read.tzinfo).date() == read.date()
    return read.strftime("%H:%M" if today and not is_dated else "%Y-%m-%d %H:%M")
