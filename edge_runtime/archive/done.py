"""Know which photographs a place has records of, in 40 bytes each."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from edge_runtime.archive.contents import Contents, Location, Locations, content_key
from edge_runtime.archive.errors import DestinationError
from edge_runtime.archive.hashes import Digests, Hashes, array_of, digest
from edge_runtime.archive.listing import Entry
from edge_runtime.archive.place import Place, cause_of, part_number, parts_in
from edge_runtime.archive.schema import check_version, plain_text
from edge_runtime.photo.find import stamp_of

_AT_ONCE = 1024  # photographs that are looked at together
_THREADS = 16  # a share on a network answers many at once as quickly as one

#: The columns by which a photograph is known again.
_KNOWN = ("path", "size", "modified", "status", "sha256")


class Done:
    """The photographs that have records, each as its file was then.

    ``contents`` has those that aren't errors by what is in them, ``photos`` is how many records
    there are, ``next_part`` the number of the file that comes next, ``passed`` how many photographs
    were passed over as they have one, and ``failed`` how many of those are errors.
    """

    def __init__(self, place: Place, *, retry_errors: bool = False) -> None:
        """Read what the committed files say of them, one file at a time.

        Args:
            place: Where they are.
            retry_errors: Whether those that were errors count as not done.

        Raises:
            DestinationError: One can't be read.
        """
        self._hashes, self._failed = Hashes(), set[bytes]()
        self.photos = self.next_part = self.passed = self.failed = 0
        keys: list[Digests] = []
        locations: list[Locations] = []
        for name in parts_in(place):
            table = _read(place, name)
            number = part_number(name)
            self.next_part = number + 1
            self.photos += table.num_rows
            rows = [*zip(*(table[each].to_pylist() for each in _KNOWN), strict=True)]
            marks = [digest(*row[:3]) for row in rows]
            failed = {mark for mark, row in zip(marks, rows, strict=True) if row[3] == "error"}
            self._failed = (self._failed - {*marks}) | failed if self._failed else failed
            done = (mark for mark in marks if mark not in failed) if retry_errors else marks
            self._hashes.add([*done])
            found = {
                Location(number, at).packed: key
                for at, (path, _, _, status, sha256) in enumerate(rows)
                if status != "error" and (key := content_key(sha256, path)) is not None
            }
            keys.append(array_of([*found.values()]))
            locations.append(np.array([*found], np.int64))
        self.contents = Contents(keys, locations)

    def has(self, path: str, size_bytes: int | None, modified_ns: int | None) -> bool:
        """Tell whether a photograph is done, and its file is still the same."""
        return self._hashes.has([digest(plain_text(path), size_bytes, modified_ns)])[0]

    def without(self, entries: Iterator[Entry], source: Place) -> Iterator[Entry]:
        """Give the photographs that aren't done, or whose file is another one now.

        Args:
            entries: All of them.
            source: Where they come from.
        """
        if not len(self._hashes):
            yield from entries
            return
        with ThreadPoolExecutor(_THREADS) as pool:
            while chunk := _take(entries, _AT_ONCE):
                stamps = _stamps(chunk, source, pool)
                marks = [
                    digest(plain_text(entry.path), *stamp)
                    for entry, stamp in zip(chunk, stamps, strict=True)
                ]
                known = self._hashes.has(marks)
                self.passed += sum(known)
                self.failed += sum(
                    is_known and mark in self._failed
                    for mark, is_known in zip(marks, known, strict=True)
                )
                for entry, is_known in zip(chunk, known, strict=True):
                    if not is_known:
                        yield entry


def _take(entries: Iterator[Entry], most: int) -> list[Entry]:
    return [entry for _, entry in zip(range(most), entries, strict=False)]


def _read(place: Place, name: str) -> Any:
    try:
        with place.system.open_input_file(place.inner(name)) as raw:
            file = parquet.ParquetFile(raw)
            check_version(file.schema_arrow)
            table = file.read(columns=[*_KNOWN])
        whole = table.schema.get_field_index("modified")
        return table.set_column(whole, "modified", table["modified"].cast(pa.int64()))
    except (OSError, ValueError) as error:
        raise DestinationError(
            place.text, f"{name} can't be used: {cause_of(error)}; choose another place"
        ) from error


def _stamps(
    chunk: Sequence[Entry], source: Place, pool: ThreadPoolExecutor
) -> list[tuple[int | None, int | None]]:
    """Find how large files are and when they were changed; None of those that aren't there."""

    def look(entry: Entry) -> tuple[int | None, int | None]:
        if entry.size_bytes is not None:
            return entry.size_bytes, entry.modified_ns
        if "://" not in entry.path:
            return stamp_of(Path(entry.path)) or (None, None)
        try:
            found = source.info_of(entry.path)
        except (OSError, ValueError):
            return None, None
        return (None, None) if found.size is None else (found.size, found.mtime_ns)

    return list(pool.map(look, chunk))
