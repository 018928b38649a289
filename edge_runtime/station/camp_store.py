"""The record of a camp that outlives a kill and a loss of power: photographs, and what happened.

Nothing in it is ever changed: photographs come in, and the history grows. A photograph's pictures
are files, on the disk before the row that names them.
"""

import os
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from edge_runtime.photo.find import Stamp
from edge_runtime.predict.record import Record, from_json, to_json
from edge_runtime.results.store_file import StoreFile
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_form import CAMP_PICTURES, FORM, SeenFile
from edge_runtime.station.camp_log import CampLog, event_row, keeping
from edge_runtime.station.camp_photo import CampPhoto
from edge_runtime.station.data_folder import check_not_lost, make_data_folder
from edge_runtime.station.events import Event
from edge_runtime.station.happened import Happened
from edge_runtime.station.moment import in_words, now
from edge_runtime.station.store_check import fault_of_camp, fault_of_file
from edge_runtime.system.codec import from_line, to_line
from edge_runtime.system.files import sync_folder, write_file
from edge_runtime.system.partial import remove

T = TypeVar("T")
_Ask = Callable[..., object]


class CampStore(StoreFile):
    """An open store of a camp, with the camp as it stands.

    Readers take ``lock`` while they look at ``camp``.
    """

    def __init__(self, path: Path) -> None:
        """Open a camp's store, or make an empty one.

        Raises:
            OutputExistsError: Another station has it open.
            StoreInvalidError: It is damaged, of another kind or version, or gone from its pictures.
            OSError: It can't be made or opened.
        """
        check_not_lost(path)
        make_data_folder(path)
        super().__init__(path, FORM)
        try:
            self._refuse(fault_of_file(self._ask, FORM.tables))
            if not self.is_fixed:
                (path / CAMP_PICTURES).mkdir(exist_ok=True, mode=0o700)
                sync_folder(path)
            self.lock, self.camp, self.folder = threading.RLock(), Camp(), path
            self.log: CampLog | None = None
            self._watchers: list[Callable[[], None]] = []
            self._may_have_strays = True
            photos = self._photos()
            self.camp.take(photos, self._happened())
            self._refuse(fault_of_camp(self.camp, len(photos)))
            for each in reversed(self.seen()):
                self._learn(each.path, each.stamp, each.photo, each.seen)
        except BaseException:
            self.close()
            raise

    def _refuse(self, fault: str | None) -> None:
        if fault is not None:
            raise self.invalid(fault)

    def watch(self, changed: Callable[[], None]) -> None:
        """Have something called, in whichever thread, after each change."""
        self._watchers.append(changed)

    def tell(self) -> None:
        """Call those who watch."""
        for changed in self._watchers:
            changed()

    def add(
        self,
        make: Callable[[int], tuple[Record, CampPhoto, dict[str, bytes]]],
        *,
        sha256: str,
        path: Path,
        stamp: Stamp,
        events: Callable[[int], Sequence[Event]],
    ) -> int:
        """Take a photograph in, with its pictures and what follows from it: all or nothing.

        Args:
            make: Makes of the number that it gets its record, the same in short, and its pictures:
                JPEGs by the name that is asked for, such as "photo".
            sha256: Of its content, as ``Arrived.content`` has it; of no photograph that is there.
            path: The file below the inbox.
            stamp: The file's.
            events: Makes of the number what happens with it, such as whose it is.

        Pictures are made and written while others read; one thread alone takes photographs in.

        Returns:
            Its number.

        Raises:
            OSError: It can't be written; nothing of it is kept.
        """
        number = self._next("SELECT coalesce(max(number), 0) FROM photos")
        record, photo, pictures = make(number)
        self._clear_strays(number)
        for name, jpeg in pictures.items():
            write_file(self.picture(number, name), jpeg, private=True)
        with self.lock:
            happened = self._numbered(events(number))
            row = number, sha256, photo.arrived, to_line(photo), to_json(record)
            with keeping(self.log, self.check_in_place, row, happened), self.at_once() as ask:
                ask("INSERT INTO photos VALUES (?, ?, ?, ?, ?)", row)
                self._insert_file(ask, path, stamp, number, None)
                self._insert(ask, happened)
            self._may_have_strays = False
            self.camp.take([photo], happened)
            self._learn(path, stamp, number, photo.arrived)
        self.tell()
        return number

    def _clear_strays(self, number: int) -> None:
        """Remove pictures of a photograph that was to have this number and didn't come in.

        Else one of them could pass for a picture of the one that gets it now.
        """
        if self._may_have_strays:
            for name in (f"{number:06}-*", f".{number:06}-*"):
                for stray in (self.folder / CAMP_PICTURES).glob(name):
                    remove(stray)
        self._may_have_strays = True  # until all that is written now is in

    def see(self, path: Path, stamp: Stamp, *, photo: int | None, fault: str | None) -> None:
        """Keep that a file was seen that is a photograph of before, or none."""
        with self.lock:
            with self.at_once() as ask:
                self._insert_file(ask, path, stamp, photo, fault)
            self._learn(path, stamp, photo, in_words(now()))
        self.tell()

    def _learn(self, path: Path, stamp: Stamp, photo: int | None, at: str) -> None:
        first = None if photo is None else self.camp.photos[photo]
        self.camp.files.see(path, at=at, photo=photo, stamp=stamp, first=first)

    def happen(self, *events: Event, by: str | None = None) -> tuple[Happened, ...]:
        """Add to the history, all of it or nothing, and give it with its numbers.

        Args:
            events: What happens.
            by: The name of who lets it happen; None is who takes the photographs.

        Raises:
            LookupError: One is about a photograph that isn't there; nothing of it is kept.
            OSError: It can't be written; likewise.
        """
        with self.lock:
            for event in events:
                photo = getattr(event, "photo", None)
                if photo is not None and photo not in self.camp.photos:
                    raise LookupError(f"there is no photograph {photo}")
            happened = self._numbered(events, self.camp.operator if by is None else by)
            with keeping(self.log, self.check_in_place, None, happened), self.at_once() as ask:
                self._insert(ask, happened)
            self.camp.take([], happened)
        self.tell()
        return happened

    def next_person(self) -> int:
        """Give the number that the next person gets; who takes it holds ``lock`` until then."""
        return self.camp.newest + 1

    def photo_of(self, sha256: str) -> int | None:
        """Find the photograph with this content."""
        found = self.rows(tuple[int], "SELECT number FROM photos WHERE sha256 = ?", sha256)
        return found[0][0] if found else None

    def record_of(self, photo: int) -> Record:
        """Read the whole record of a photograph.

        Raises:
            StoreInvalidError: There is none, or it isn't one.
        """
        found = self.rows(tuple[str], "SELECT record FROM photos WHERE number = ?", photo)
        if not found:
            raise self.invalid(f"it has no photograph {photo}")
        return self._read(partial(from_json, found[0][0]))

    def seen(self) -> list[SeenFile]:
        """List the files that were seen, the last first."""
        rows = self.rows(
            tuple[bytes, int, int, int | None, str | None, str, int],
            "SELECT path, size_bytes, modified_ns, photo, fault, seen, EXISTS "
            "(SELECT 1 FROM files AS f WHERE f.photo = files.photo AND f.number < files.number) "
            "FROM files ORDER BY number DESC",
        )
        return [
            SeenFile(Path(os.fsdecode(path)), Stamp(size, at), photo, fault, seen, bool(copy))
            for path, size, at, photo, fault, seen, copy in rows
        ]

    def picture(self, photo: int, name: str) -> Path:
        """Name the file of a photograph's picture."""
        return self.folder / CAMP_PICTURES / f"{photo:06}-{name}.jpg"

    def _photos(self) -> list[CampPhoto]:
        rows = self.rows(tuple[str], "SELECT short FROM photos ORDER BY number")
        return [self._read(partial(from_line, s, CampPhoto, named="a photograph")) for (s,) in rows]

    def _happened(self) -> list[Happened]:
        rows = self.rows(
            tuple[int, str, str, str], "SELECT number, at, event, by FROM history ORDER BY number"
        )
        read = partial(from_line, kind=Event, named="an event")
        return [
            Happened(number, at, self._read(partial(read, event)), by)
            for number, at, event, by in rows
        ]

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except ValueError as error:
            raise self.invalid(f"a row {error}") from error

    def _next(self, numbers: str) -> int:
        ((highest,),) = self.rows(tuple[int], numbers)
        return highest + 1

    def _numbered(self, events: Sequence[Event], by: str = "") -> tuple[Happened, ...]:
        first, at = self._next("SELECT coalesce(max(number), 0) FROM history"), in_words(now())
        return tuple(Happened(first + i, at, event, by) for i, event in enumerate(events))

    def _insert(self, ask: _Ask, happened: Sequence[Happened]) -> None:
        for each in happened:
            ask("INSERT INTO history VALUES (?, ?, ?, ?)", event_row(each))

    def _insert_file(
        self, ask: _Ask, path: Path, stamp: Stamp, photo: int | None, fault: str | None
    ) -> None:
        ask(
            "INSERT OR IGNORE INTO files (path, size_bytes, modified_ns, photo, fault, seen) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (os.fsencode(path), *stamp, photo, fault, in_words(now())),
        )
