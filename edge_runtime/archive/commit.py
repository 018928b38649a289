"""Keep records a partition at a time: that a partition's file is there is its commit."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec import Struct, field
from pyarrow import parquet

from edge_runtime.archive.place import Place, part_name
from edge_runtime.archive.schema import OF_THE_RUN, schema
from edge_runtime.archive.takeover import Takeover
from edge_runtime.archive.times import Times


class Totals(Struct):
    """What a run came to so far: photographs by status and by referral.

    ``taken_over`` are those of them that have the record of another one with the same content;
    ``times`` is how long the others took. ``failed_before`` are photographs that were passed over
    and are errors.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    refers: Counter[bool] = field(default_factory=Counter)
    times: Times = field(default_factory=Times)
    partitions: int = 0
    taken_over: int = 0
    failed_before: int = 0

    @property
    def photos(self) -> int:
        """How many are done."""
        return self.statuses.total()


class Committer:
    """Gathers the rows of partitions, and writes each once all of it is there."""

    def __init__(self, place: Place, sizes: Mapping[int, int], totals: Totals) -> None:
        """Make it.

        Args:
            place: Where the files go.
            sizes: How many photographs each partition has, by its number.
            totals: Counts what is committed.
        """
        self._place, self._sizes, self._totals = place, dict(sizes), totals
        self._takeover = Takeover(place)
        self._rows: dict[int, list[Any]] = {}
        self._seen: dict[int, set[int]] = {}

    @property
    def missing(self) -> int:
        """How many photographs aren't committed yet."""
        return sum(self._sizes.values())

    @property
    def gathered(self) -> int:
        """How many photographs are done and not committed yet."""
        return sum(map(len, self._seen.values()))

    def add(self, table: Any) -> int:
        """Take rows of a worker in, from any partitions, and some again: Ray repeats tasks.

        Returns:
            How many partitions were committed by that.

        Raises:
            DestinationError: One can't be written.
        """
        committed = 0
        numbers = table["partition"].to_numpy()
        for number in map(int, np.unique(numbers)):
            if number not in self._sizes:  # committed before
                continue
            rows = table.filter(numbers == number) if len(np.unique(numbers)) > 1 else table
            self._rows.setdefault(number, []).append(rows)
            seen = self._seen.setdefault(number, set())
            seen.update(rows["ordinal"].to_pylist())
            if len(seen) == self._sizes[number]:
                self._commit(number)
                committed += 1
        return committed

    def _commit(self, number: int) -> None:
        table = self._takeover.fill(pa.concat_tables(self._rows.pop(number)))
        _, first = np.unique(table["ordinal"].to_numpy(), return_index=True)  # in order, each once
        table = table.take(first)
        screened = table.filter(table["known"].is_null())["record"]
        table = table.drop_columns([*OF_THE_RUN])
        self._place.write(part_name(number), to_parquet(table))
        del self._sizes[number], self._seen[number]
        self._totals.partitions += 1
        self._totals.statuses.update(table["status"].to_pylist())
        self._totals.taken_over += len(table) - len(screened)
        self._totals.times.add(screened.to_pylist())
        self._totals.refers.update(each for each in table["refer"].to_pylist() if each is not None)


def to_parquet(table: Any) -> bytes:
    """Write a table of records as a Parquet file of the schema."""
    sink = pa.BufferOutputStream()
    parquet.write_table(table.cast(schema()), sink, compression="zstd")
    return bytes(sink.getvalue())
