"""The record of a run that outlives a kill and a loss of power: an SQLite file, a photo a row.

Everything else in a result folder is made from it, or, as the overlays are, written before the row
that names it. SQLite's log with ``synchronous=FULL`` has a row on the disk when ``add`` returns.
"""

import datetime
import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from edge_runtime.errors import StoreInvalidError
from edge_runtime.photo.find import Stamp
from edge_runtime.predict.record import Record, from_json, to_json
from edge_runtime.results.store_file import StoreFile
from edge_runtime.results.store_form import FORM, DonePhoto, Picture, photo_content, place_of
from edge_runtime.results.tally import Outcome, outcome_of

_PAGE = 100  # records that are read at once


class Store(StoreFile):
    """An open store: what is kept of a run, and asked of it."""

    def __init__(self, path: Path) -> None:
        """Open a run's store, or make an empty one; as ``StoreFile`` does."""
        super().__init__(path, FORM)

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

    def add(
        self,
        record: Record,
        pictures: Sequence[Picture],
        *,
        sha256: str | None,
        stamp: Stamp | None = None,
        replaces: int | None = None,
        log: Callable[[bytes, bytes | None], None] | None = None,
    ) -> None:
        """Keep one photo's record with its pictures: all of it or nothing, and for good.

        Args:
            record: The record; its path must not be there yet but in the one that it replaces.
            pictures: Its pictures, whose files are on the disk.
            sha256: Of the photo's file; None where there was none to be had.
            stamp: The file's before it was read, likewise.
            replaces: The number of the photo's record of before, which goes as this one comes.
            log: Logs what ``photo_content`` gives of it, and of the record of before, just before
                the store has it for good.

        Raises:
            OSError: It can't be written; nothing of it is kept, and what was there stays.
        """
        reason = outcome_of(record).reason
        now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        path, place = os.fsencode(record.path), place_of(Path(record.path))
        number, stamped = self.next_number(), stamp or (None, None)
        text = to_json(record)
        row = (number, place, path, sha256, *stamped, record.status, reason, text, now)
        before = self.content(replaces) if log and replaces is not None else None
        with self.at_once() as ask:
            ask("DELETE FROM photos WHERE number = ?", (replaces,))
            ask("INSERT INTO photos VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            for picture in pictures:
                ask(
                    "INSERT INTO pictures VALUES (?, ?, ?, ?)",
                    (number, picture.class_name, picture.file, picture.jpeg),
                )
            if log:
                content = photo_content(
                    number, place=place, sha256=sha256, finished=now, record=text.encode()
                )
                log(content, before)

    def content(self, number: int) -> bytes:
        """Give what a log binds of a photo that is done."""
        ((place, sha256, finished, text),) = self.rows(
            tuple[str, str | None, str, bytes],
            "SELECT place, sha256, finished, CAST(record AS BLOB) FROM photos WHERE number = ?",
            number,
        )
        return photo_content(number, place=place, sha256=sha256, finished=finished, record=text)

    def contents(self) -> Iterator[bytes]:
        """Give it of all photos."""
        for number in self.rows(tuple[int], "SELECT number FROM photos ORDER BY number"):
            yield self.content(*number)

    def state(self) -> str:
        """Give a digest that is another one once a photo came in or was done again."""
        found = self.rows(tuple[int, str], "SELECT number, finished FROM photos ORDER BY number")
        return hashlib.sha256(repr(found).encode()).hexdigest()

    def outcomes(self, *, without: Collection[int] = ()) -> Iterator[Outcome]:
        """List what the photos that are done came to, but those of some numbers."""
        found = self.rows(
            tuple[int, bytes, str, str | None, int | None, float | None],
            "SELECT number, path, json_extract(record, '$.status'), "
            "json_extract(record, '$.reason'), json_extract(record, '$.referral.refer'), "
            "json_extract(record, '$.familiarity.share') FROM photos",
        )
        for number, path, status, reason, refer, share in found:
            refers = None if refer is None else bool(refer)
            if number not in without:
                yield Outcome(os.fsdecode(path), status, reason, refers, share)

    def done(self) -> Iterator[DonePhoto]:
        """List the photos that are done, and what their files were then."""
        found = self.rows(
            tuple[int, bytes, str, str | None, int | None, int | None],
            "SELECT number, path, place, sha256, size_bytes, modified_ns FROM photos",
        )
        for number, path, place, sha256, size, modified in found:
            stamp = None if size is None or modified is None else Stamp(size, modified)
            yield DonePhoto(number, os.fsdecode(path), place, sha256, stamp)

    def patients(self) -> dict[int, tuple[str, str]]:
        """Give of each photo of a DICOM file by its number the patient's ID and its issuer."""
        found = self.rows(
            tuple[int, str, str],
            "SELECT number, coalesce(json_extract(record, '$.dicom.patient_id'), ''), "
            "coalesce(json_extract(record, '$.dicom.issuer'), '') FROM photos "
            "WHERE json_extract(record, '$.dicom.sop_class_uid') IS NOT NULL",
        )
        return {number: (patient, issuer) for number, patient, issuer in found}

    def restamp(self, stamps: Mapping[int, Stamp]) -> None:
        """Keep other stamps of photos, by number: the files have the same content."""
        with self.at_once() as ask:
            for number, stamp in stamps.items():
                ask(
                    "UPDATE photos SET size_bytes = ?, modified_ns = ? WHERE number = ?",
                    (*stamp, number),
                )

    def finished(self, number: int) -> str:
        """Tell when a photo was done, in ISO 8601 with the offset from UTC."""
        ((when,),) = self.rows(tuple[str], "SELECT finished FROM photos WHERE number = ?", number)
        return when

    def record_of(self, number: int) -> Record:
        """Read the record of a photo that is done.

        Raises:
            StoreInvalidError: It isn't a record.
        """
        ((text,),) = self.rows(tuple[str], "SELECT record FROM photos WHERE number = ?", number)
        return self._record(number, text)

    def next_number(self) -> int:
        """Give the number that the next photo gets."""
        ((highest,),) = self.rows(tuple[int], "SELECT coalesce(max(number), 0) FROM photos")
        return highest + 1

    def count(self) -> int:
        """Count the photos that are done."""
        ((number,),) = self.rows(tuple[int], "SELECT count(*) FROM photos")
        return number

    def pictured(self) -> list[int]:
        """List the numbers of the photos that are kept as taken."""
        found = self.rows(tuple[int], "SELECT photo FROM pictures WHERE class = ''")
        return [number for (number,) in found]

    def overlays(self) -> list[tuple[int, str]]:
        """List the overlays' files, each behind the number of its photo."""
        return self.rows(tuple[int, str], "SELECT photo, file FROM pictures WHERE file IS NOT NULL")

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
