"""Take over the record of a photograph for another one that has the same content."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from edge_runtime.archive.contents import unpack
from edge_runtime.archive.place import Place, part_name
from edge_runtime.archive.schema import OF_THE_RUN
from edge_runtime.predict.record import path_of

#: What is a photograph's own, and not its content's.
_OWN = ("path", "source", "date", "size", "modified")

_FILES = 4  # of records that are kept open: those that were beside each other still are


class Takeover:
    """Fills in the rows of photographs whose content has a record in a place."""

    def __init__(self, place: Place) -> None:
        """Make it."""
        self._read = lru_cache(maxsize=_FILES)(lambda part: _read(place, part))

    def fill(self, table: Any) -> Any:
        """Fill in those rows that have a location in ``known``.

        Args:
            table: Rows of a worker.

        Returns:
            All rows, in another order.
        """
        own = table.filter(table["known"].is_valid())
        if not len(own):
            return table
        made = [table.filter(table["known"].is_null())]
        locations = [unpack(each) for each in own["known"].to_pylist()]
        parts = np.array([each.part for each in locations])
        rows = np.array([each.row for each in locations])
        for part in map(int, np.unique(parts)):
            here = parts == part
            made.append(_renamed(own.filter(here), self._read(part).take(rows[here])))
        return pa.concat_tables(made)


def _read(place: Place, part: int) -> Any:
    with place.in_one_sentence(), place.system.open_input_file(place.inner(part_name(part))) as raw:
        return parquet.ParquetFile(raw).read()


def _renamed(own: Any, records: Any) -> Any:
    """Give records, a table, to the photographs of another, row by row."""
    told = zip(own["path"].to_pylist(), records["record"].to_pylist(), strict=True)
    lines = pa.array([_line(path, line) for path, line in told], pa.string())
    columns = {name: records[name] for name in records.column_names}
    columns |= {name: own[name] for name in (*OF_THE_RUN, *_OWN)} | {"record": lines}
    return pa.table([columns[name] for name in own.column_names], schema=own.schema)


def _line(path: str, line: str) -> str:
    """Write a record of a photograph's path, as ``record.to_json`` does."""
    record = json.loads(line)
    record["path"] = path if "://" in path else path_of(Path(path))
    return json.dumps(record, allow_nan=False)
