"""A log as it lies on the disk: its whole bundles, and behind them the tail that grows.

The tail's file is named after its bundle, ``tail-<N>``, and has its form. All that was acknowledged
is in it; behind that a kill may have left a piece of an entry.
"""

import re
from functools import lru_cache
from pathlib import Path

from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.tiles import (
    LARGEST_ENTRY,
    WIDTH,
    from_bundle,
    hashes_of,
    read_bounded,
    read_bundle,
    read_tile,
    tile_path,
)
from edge_runtime.tlog.tree import fold

TAIL = "tail-"

_TRIES = 5  # a writer may take the tail away as it is read
_LARGEST_TAIL = 2 * WIDTH * (2 + LARGEST_ENTRY)


def tail_file(folder: Path, bundle: int) -> Path:
    """Name the file of the tail that becomes a bundle."""
    return folder / f"{TAIL}{bundle}"


def tails(folder: Path) -> list[int]:
    """List the bundles of which there is a tail, the last of which counts."""
    names = (re.fullmatch(rf"{TAIL}(\d{{1,9}})", each.name) for each in folder.glob(f"{TAIL}*"))
    return sorted(int(name[1]) for name in names if name)


def _check_tails(folder: Path, found: list[int]) -> None:
    """Refuse tails that no writer leaves: it begins the next one once a bundle is whole.

    Raises:
        LogInvalidError: There are such.
    """
    *before, last = found
    for each in before:
        if not (folder / tile_path("entries", each)).is_file():
            cause = (
                f"{TAIL}{each} lies there too, whose entries aren't in a whole bundle yet: one of "
                "the two was put there, or that bundle is gone; look at two copies of the log, "
                "each without one of them"
            )
            raise LogInvalidError(tail_file(folder, last), cause)


class StoredLog:
    """What a log's folder holds, asked as a tree.

    ``bundles`` counts the whole bundles, ``tail`` has the entries behind them, and ``torn`` the
    bytes behind the last whole one.
    """

    def __init__(self, folder: Path, before: "StoredLog | None" = None) -> None:
        """Look at a log; one that is being written to as it stands at this moment.

        Args:
            folder: It.
            before: What was looked at of it before: whole tiles stay as they are.

        Raises:
            LogInvalidError: There is none, or what is there isn't one.
        """
        self.folder = folder
        for left in reversed(range(_TRIES)):
            found = tails(folder)
            if not found:
                cause = "no log is here: its tail is gone, or another folder was meant"
                for below in sorted(folder.glob(f"*/{TAIL}*"))[:1]:
                    cause = f"no log is here, but one lies in it: {below.parent}"
                raise LogInvalidError(folder, cause)
            self.bundles = found[-1]
            try:
                _check_tails(folder, found)
                data = read_bounded(tail_file(folder, self.bundles), _LARGEST_TAIL)
                break
            except LogInvalidError:
                if not left:
                    raise
        self.tail, taken = from_bundle(data)
        self.torn = data[taken:]
        self._leaves = hashes_of(self.tail)
        self._tile = lru_cache(maxsize=64)(lambda level, index: read_tile(folder, level, index))
        self._roots: dict[tuple[int, int], bytes] = before._roots if before else {}

    @property
    def size(self) -> int:
        """How many entries there are."""
        return self.bundles * WIDTH + len(self.tail)

    def entries_of(self, bundle: int) -> list[bytes]:
        """Read the entries of a bundle, or those of the tail.

        Raises:
            LogInvalidError: They aren't as they were written.
        """
        return self.tail if bundle == self.bundles else read_bundle(self.folder, bundle)

    def entry(self, index: int) -> bytes:
        """Read an entry; ``index`` is below ``size``."""
        return self.entries_of(index // WIDTH)[index % WIDTH]

    def subtree(self, level: int, index: int) -> bytes:
        """Give the hash of a whole subtree, as ``tree.Subtree`` has it, from the tiles.

        Raises:
            LogInvalidError: A tile isn't as it was written.
        """
        height, within = divmod(level, 8)
        start = index << within
        return fold(self.row(height, start, 1 << within))

    def row(self, height: int, start: int, count: int) -> list[bytes]:
        """Give hashes of a level of tiles; all are of one tile, and of whole subtrees."""
        tile, at = divmod(start, WIDTH)
        if height == 0 and tile == self.bundles:
            return self._leaves[at : at + count]
        if (tile + 1) << (8 * height) <= self.bundles:  # it is whole
            hashes: list[bytes] = self._tile(height, tile)
            return hashes[at : at + count]
        return [self._root(height - 1, start + i) for i in range(count)]

    def _root(self, height: int, tile: int) -> bytes:
        """Give the root of a whole tile."""
        if (height, tile) not in self._roots:
            self._roots[height, tile] = fold(self.row(height, tile * WIDTH, WIDTH))
        return self._roots[height, tile]

    def learn(self, entries: list[bytes]) -> None:
        """Have further entries in the tail, which the disk has."""
        self.tail += entries
        self._leaves += hashes_of(entries)
