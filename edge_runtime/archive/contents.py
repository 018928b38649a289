"""Know which contents have records, and where, in 24 bytes each."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from edge_runtime.archive.hashes import Digests, array_of, digest
from edge_runtime.explain.eye_side import side_in_name

#: Packed locations.
Locations = npt.NDArray[np.int64]

_ROWS = 20  # bits of a location that say which row; those before say which file


class Location(Struct, frozen=True):
    """A record: the number of its file, and of its row there."""

    part: int
    row: int

    @property
    def packed(self) -> int:
        """Both as one number."""
        return self.part << _ROWS | self.row


def unpack(packed: int) -> Location:
    """Give the location of ``Location.packed``."""
    return Location(packed >> _ROWS, packed & ((1 << _ROWS) - 1))


def content_key(sha256: str | None, path: str) -> bytes | None:
    """Give what tells apart the photographs whose records differ in more than their path.

    That is their content, and what the name says of the eye.

    Args:
        sha256: Of the file's content; None where it couldn't be read.
        path: As Parquet holds it.

    Returns:
        None where that isn't known: what has escapes is called otherwise on the disk.
    """
    if sha256 is None or "\\" in path:
        return None
    return digest(sha256, side_in_name(path))


class Contents:
    """The contents that have records: sorted keys, and a location beside each."""

    def __init__(self, keys: Sequence[Digests] = (), locations: Sequence[Locations] = ()) -> None:
        """Make it.

        Args:
            keys: Arrays of ``content_key``; of those alike the last counts.
            locations: An array for each of those: the locations, packed.
        """
        made = np.concatenate([array_of([]), *keys])[::-1]  # the last of those alike comes first
        order = np.argsort(made, kind="stable")
        self._keys: Digests = made[order]
        packed = np.concatenate([np.empty(0, np.int64), *locations])[::-1]
        self._locations: Locations = packed[order]

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def nbytes(self) -> int:
        """The bytes that it takes."""
        return self._keys.nbytes + self._locations.nbytes

    def find(self, key: bytes | None) -> int | None:
        """Give the packed location of the record of a content; None where there is none."""
        if key is None or not len(self._keys):
            return None
        asked = array_of([key])
        at = int(np.searchsorted(self._keys, asked)[0])
        if at == len(self._keys) or self._keys[at] != asked[0]:
            return None
        return int(self._locations[at])
