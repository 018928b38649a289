"""What the profile says of each attribute: DICOM PS3.15, Table E.1-1, in the edition 2026c.

The table stands in ``profile.csv``: facts of the standard as the package dicom-anonymizer 2.1.0
extracted them, tag and action, with the names of PS3.6.
"""

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

#: The edition whose table this is, as files say it.
EDITION = "PS3.15 2026c"

_FILE = Path(__file__).with_name("profile.csv")
_CURVES, _OVERLAYS = range(0x5000, 0x5100), range(0x6000, 0x6100)


@lru_cache(maxsize=1)
def actions() -> Mapping[int, str]:
    """Give the action of each tag that is in the table by itself, such as "X/Z/D".

    Those of curves and overlays are repeated for many groups, see ``action_of``.
    """
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = [(row["tag"], row["action"]) for row in csv.DictReader(file)]
    return MappingProxyType({int(tag, 16): action for tag, action in rows if "x" not in tag})


def action_of(tag: int) -> str | None:
    """Give a tag's action; None for one that the table leaves to whoever writes.

    Private attributes (of odd groups), curves and overlays are "X".
    """
    group = tag >> 16
    if group % 2 or group in _CURVES or group in _OVERLAYS:
        return "X"
    return actions().get(tag)
