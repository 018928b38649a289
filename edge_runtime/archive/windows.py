"""Cut a stream of photographs into what is committed and what is handed to Ray at once."""

import os
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from msgspec import Struct

from edge_runtime.archive.listing import Entry

#: Photographs whose records are one file: committed together, and at most lost together.
PARTITION = 1000

#: Photographs that a worker gets at once, at most.
_BATCH = 64

#: Partitions of the first window, and of the largest, for each worker.
_FIRST, _MOST = 2, 64


class Window(Struct, frozen=True):
    """Partitions that are handed to Ray at once, each with its number."""

    partitions: dict[int, list[Entry]]

    def count(self) -> int:
        """Count the photographs."""
        return sum(map(len, self.partitions.values()))

    def blocks(self, *, workers: int) -> list[Any]:
        """Make the tables of pyarrow that Ray takes: small enough that no worker waits long."""
        rows = max(1, min(_BATCH, -(-self.count() // (4 * workers))))
        return [
            _block(number, at, entries[at : at + rows])
            for number, entries in self.partitions.items()
            for at in range(0, len(entries), rows)
        ]


def windows(
    entries: Iterator[Entry], *, first_part: int, workers: int, partition: int = PARTITION
) -> Iterator[Window]:
    """Cut photographs into windows.

    The first is small, so that Ray begins while the rest is listed; each is twice the one before,
    up to a limit, so that few ends of windows make workers wait, and the paths in memory stay few.

    Args:
        entries: The photographs.
        first_part: The number of the first partition.
        workers: How many there are.
        partition: How many photographs each partition has.
    """
    number, size = first_part, _FIRST * workers
    while True:
        partitions: dict[int, list[Entry]] = {}
        for _ in range(size):
            taken = [entry for _, entry in zip(range(partition), entries, strict=False)]
            if not taken:
                break
            partitions[number] = taken
            number += 1
        if not partitions:
            return
        yield Window(partitions)
        size = min(2 * size, _MOST * workers)


def _block(number: int, at: int, entries: list[Entry]) -> Any:
    return pa.table(
        {
            "partition": pa.array([number] * len(entries), pa.int64()),
            "ordinal": pa.array(range(at, at + len(entries)), pa.int64()),
            "path": pa.array([os.fsencode(each.path) for each in entries], pa.binary()),
            "source": pa.array([each.source for each in entries], pa.string()),
            "date": pa.array([each.date for each in entries], pa.string()),
        }
    )
