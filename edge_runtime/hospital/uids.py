"""Tell UIDs from other texts."""

import re

_UID = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+")


def is_uid(text: str) -> bool:
    """Tell whether a text is a UID.

    Source: DICOM PS3.5, 9.
    """
    return len(text) <= 64 and _UID.fullmatch(text) is not None
