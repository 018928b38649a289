"""The record of a run that outlives a kill and a loss of power: an SQLite file, a photo a row.

Everything else in a result folder is made from it, or, as the overlays are, written before the row
that names it. SQLite's log with ``synchronous=FULL`` has a row on the disk when ``add`` returns.
"""

import datetime
import os
from collections.abc import Iterator, Mapping, Sequence

from edge_runtime.errors import StoreInvalidError
from edge_runtime.predict.record import Record, from_json, to_json
from edge_runtime.results.store_file import StoreFile
from edge_runtime.results.store_form import Picture
from edge_runtime.results.tally import Outcome, outcome_of

_PAGE = 100  # records that are read at once


class Store(StoreFile):
    """An open store: what is kept of a run, and asked of it."""

    def note(self, key: str, value: str) -> None:
        """Keep something of the run as a whole, or put it in the place of what was kept."""
        with self.at_once() as ask:
            ask("INSERT OR REPLACE INTO run VALUES (?, ?)", (key, value))

    def noted(self, key: str) -> str | None:
        """Give what was kept of the run; None if nothing was."""
        found = self.rows(tuple[str], "SELECT value FROM run WHERE key = ?", key)
        return found[0][0] if found else None

    def drop(self, key: str) -> None:
        """Keep something of the run no more."""
        with self.at_once() as ask:
            ask("DELETE FROM run WHERE key = ?", (key,))

    def add(self, record: Record, pictures: Sequence[Picture], *, sha256: str | None) -> None:
        """Keep one photo's record with its pictures: all of it or nothing, and for good.

        Args:
            record: The record; its path must not be there yet.
            pictures: Its pictures, whose files are on the disk.
            sha256: Of the photo's file; None where there was none to be had.

        Raises:
            OSError: It can't be written; nothing of it is kept.
        """
        reason = outcome_of(record).reason
        now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        path = os.fsencode(record.path)
        with self.at_once() as ask:
            number = ask(
                "INSERT INTO photos (path, sha256, status, reason, record, finished) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (path, sha256, record.status, reason, to_json(record), now),
            ).lastrowid
            for picture in pictures:
                ask(
                    "INSERT INTO pictures VALUES (?, ?, ?, ?)",
                    (number, picture.class_name, picture.file, picture.jpeg),
                )

    def forget(self, number: int) -> None:
        """Take a photo back, that it be done again."""
        with self.at_once() as ask:
            ask("DELETE FROM photos WHERE number = ?", (number,))

    def outcomes(self) -> Iterator[Outcome]:
        """List what the photos that are done came to."""
        found = self.rows(
            tuple[bytes, str, str | None, int | None],
            "SELECT path, status, reason, json_extract(record, '$.referral.refer') FROM photos",
        )
        for path, status, reason, refer in found:
            yield Outcome(os.fsdecode(path), status, reason, None if refer is None else bool(refer))

    def failed(self) -> Iterator[tuple[int, str, str | None]]:
        """List the photos that couldn't be read: number, path, and SHA-256 of the file then."""
        found = self.rows(
            tuple[int, bytes, str | None],
            "SELECT number, path, sha256 FROM photos WHERE status = 'error'",
        )
        for number, path, sha256 in found:
            yield number, os.fsdecode(path), sha256

    def finished(self, number: int) -> str:
        """Tell when a photo was done, in ISO 8601 with the offset from UTC."""
        ((when,),) = self.rows(tuple[str], "SELECT finished FROM photos WHERE number = ?", number)
        return when

    def record_of(self, path: str) -> Record:
        """Read the record of a photo that is done.

        Raises:
            StoreInvalidError: It isn't a record.
        """
        ((number, text),) = self.rows(
            tuple[int, str], "SELECT number, record FROM photos WHERE path = ?", os.fsencode(path)
        )
        return self._record(number, text)

    def record(self, number: int) -> Record:
        """Read the record of a photo by its number.

        Raises:
            StoreInvalidError: It isn't a record.
        """
        ((text,),) = self.rows(tuple[str], "SELECT record FROM photos WHERE number = ?", number)
        return self._record(number, text)

    def next_number(self) -> int:
        """Give the number that the next photo gets."""
        ((highest,),) = self.rows(tuple[int], "SELECT coalesce(max(number), 0) FROM photos")
        return highest + 1

    def overlays(self) -> Mapping[str, tuple[int, str]]:
        """List the overlays' files, each with the number and the path of its photo."""
        found = self.rows(
            tuple[str, int, bytes],
            "SELECT file, number, path FROM pictures JOIN photos ON number = photo "
            "WHERE file IS NOT NULL",
        )
        return {file: (number, os.fsdecode(path)) for file, number, path in found}

    def records(self) -> Iterator[tuple[int, Record]]:
        """Read the photos' numbers and records in the order in which they were done.

        Raises:
            StoreInvalidError: One isn't a record.
        """
        last = 0
        while rows := self.rows(
            tuple[int, str],
            "SELECT number, record FROM photos WHERE number > ? ORDER BY number LIMIT ?",
            last,
            _PAGE,
        ):
            for last, text in rows:
                yield last, self._record(last, text)

    def pictures(self, number: int) -> tuple[Picture, ...]:
        """Read a photo's pictures, the photo as taken first."""
        found = self.rows(
            tuple[str, str | None, bytes],
            "SELECT class, file, jpeg FROM pictures WHERE photo = ? ORDER BY class",
            number,
        )
        return tuple(Picture(*row) for row in found)

    def _record(self, number: int, text: str) -> Record:
        try:
            return from_json(text)
        except ValueError as error:
            raise StoreInvalidError(self.file, f"photo {number} {error}") from error
