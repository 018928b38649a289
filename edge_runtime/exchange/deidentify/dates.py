"""Move dates of DICOM back by days; what is no date doesn't stay."""

import datetime
import re

_DATE = re.compile(r"(\d{4})\.?(\d\d)\.?(\d\d)")
_TIME = re.compile(r"\d\d(?:\d\d(?:\d\d(?:\.\d{1,6})?)?)?")
_MOMENT = re.compile(rf"(\d{{8}})({_TIME.pattern})?(?:[+-]\d{{4}})?")


def moved_date(text: str, days: int) -> str:
    """Move a date, YYYYMMDD; empty where it is none.

    Source: DICOM PS3.5, 6.2, DA.
    """
    found = _DATE.fullmatch(text.strip())
    try:
        day = datetime.date(*map(int, found.groups())) if found else None
        return f"{day - datetime.timedelta(days):%Y%m%d}".rjust(8, "0") if day else ""
    except (ValueError, OverflowError):
        return ""


def kept_time(text: str) -> str:
    """Keep a time of the day, HHMMSS without parts of a second; empty where it is none.

    Source: DICOM PS3.5, 6.2, TM.
    """
    text = text.strip()
    return text[:6] if _TIME.fullmatch(text) else ""


def moved_moment(text: str, days: int) -> str:
    """Move a date with a time, which stays, without its offset from UTC; likewise.

    Source: DICOM PS3.5, 6.2, DT.
    """
    found = _MOMENT.fullmatch(text.strip())
    day = moved_date(found[1], days) if found else ""
    return day + (found[2] or "")[:6] if found and day else ""


def moved_iso(text: str, days: int) -> str:
    """Move a date or a moment in ISO 8601; empty where it is none.

    A moment comes without parts of a second, and in UTC where it has an offset, as that tells a
    place.
    """
    try:
        if len(text) == 10:
            return str(datetime.date.fromisoformat(text) - datetime.timedelta(days))
        moment = datetime.datetime.fromisoformat(text) - datetime.timedelta(days)
    except (ValueError, OverflowError):
        return ""
    if moment.tzinfo is not None:
        moment = moment.astimezone(datetime.timezone.utc)
    return moment.replace(microsecond=0).isoformat()
