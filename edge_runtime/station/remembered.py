"""What a station remembers of bundles and keys, in its data folder and in backups of it.

Which releases ran and what was revoked. Neither is secret; rotations of keys are checked anew at
each start, so that who forges a backup makes nobody trusted.
"""

from collections.abc import Iterator
from pathlib import Path

from edge_runtime.errors import StoreInvalidError
from edge_runtime.station.parcel import Entry
from edge_runtime.trust.releases import RELEASES, highest_releases
from edge_runtime.trust.remembered import KEYS, recall_standing

#: How the names of both files begin.
PREFIX = "station."

#: Bytes up to which either is read at once, as it may change meanwhile; a larger one is damaged.
_LARGEST = 1 << 24

#: Both files.
REMEMBERED = (f"{PREFIX}{RELEASES}", f"{PREFIX}{KEYS}")


def remembered_entries(folder: Path) -> Iterator[Entry]:
    """Give those of the files that are there, as they are at this moment, for a backup.

    Raises:
        OSError: One can't be read.
    """
    for name in REMEMBERED:
        file = folder / name
        if file.is_file():
            yield Entry(name, file.read_bytes() if file.stat().st_size <= _LARGEST else file)


def remembered_faults(folder: Path) -> list[str]:
    """Say which of the files can't be read; a station that is given keys won't begin with those."""
    faults = []
    try:
        highest_releases(folder / REMEMBERED[0])
    except StoreInvalidError as error:
        faults.append(str(error))
    try:
        recall_standing((), (), folder / REMEMBERED[1])
    except StoreInvalidError as error:
        faults.append(str(error))
    return faults
