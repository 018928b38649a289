"""Cut a stream of photographs into what is committed and what is handed to Ray at once."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
from msgspec import Struct

from edge_runtime.archive.listing import Entry

#: Photographs whose records are one file: committed together, and at most lost together.
PARTITION = 1000

#: Photographs that a worker gets at once, at most.
_BATCH = 64

#: Partitions of the smallest window and of the largest for each worker, and of any window.
_LEAST, _MOST, _MOST_OF_ALL = 2, 64, 1000

#: Seconds for which the first window is listed where listing is slow; for each next one twice as
#: long.
_PATIENCE_S = 5.0


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
    entries: Iterator[Entry], *, first_part: int, workers: int, partition: int = PARTITION,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Window]:  # fmt: skip
    """Cut photographs into windows.

    At the end of each, workers wait for each other and models are opened anew, some seconds: so
    they are as large as may be. Where listing is slow the first is small, so that Ray begins while
    the rest is listed, and each may take twice as long to list as the one before.

    Args:
        entries: The photographs.
        first_part: The number of the first partition.
        workers: How many there are.
        partition: How many photographs each partition has.
        clock: Tells the time, in seconds.
    """
    number, patience = first_part, _PATIENCE_S
    least, most = _LEAST * workers, min(_MOST * workers, _MOST_OF_ALL)
    while True:
        partitions: dict[int, list[Entry]] = {}
        begun = clock()
        while len(partitions) < most:
            taken = [entry for _, entry in zip(range(partition), entries, strict=False)]
            if not taken:
                break
            partitions[number] = taken
            number += 1
            if len(partitions) >= least and clock() - begun > patience:
                break
        if not partitions:
            return
        yield Window(partitions)
        patience *= 2


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
