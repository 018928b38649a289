"""Find the DICOM files of an inbox, whatever they are called, and the photographs in them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from edge_runtime.hospital.installed import is_installed
from edge_runtime.photo.beside import begins_as_dicom
from edge_runtime.photo.find import Stamp, stamp_of
from edge_runtime.station.arrived import Arrived
from edge_runtime.station.inbox_files import Kind


@dataclass
class DicomFiles:
    """What is known of the DICOM files of an inbox.

    ``unread`` are those that can't be read, as what reads them isn't installed. ``passed_over``
    names of each file by its path that holds no photograph what it holds.
    """

    can_read: bool = field(default_factory=is_installed)
    unread: frozenset[Path] = frozenset()
    passed_over: dict[Path, str] = field(default_factory=dict)
    _known: dict[Path, tuple[Stamp | None, bool]] = field(default_factory=dict)

    def among(
        self, inbox: Path, listed: Iterable[tuple[Path, Kind]]
    ) -> Iterator[tuple[Path, Kind]]:
        """Tell DICOM files among those that by their names are no photographs.

        A file is opened once for as long as it stays as it is.

        Args:
            inbox: Where they are.
            listed: Paths below it, and what each is by its name.
        """
        known: dict[Path, tuple[Stamp | None, bool]] = {}
        for path, kind in listed:
            if kind == "other" and self._is_one(inbox, path, known) and self.can_read:
                yield path, "photo"
            else:
                yield path, kind
        self._known = known
        found = {path for path, (_, is_one) in known.items() if is_one}
        self.unread = frozenset() if self.can_read else frozenset(found)
        for gone in self.passed_over.keys() - found:
            self.passed_over.pop(gone, None)

    def _is_one(
        self, inbox: Path, path: Path, known: dict[Path, tuple[Stamp | None, bool]]
    ) -> bool:
        stamp = stamp_of(inbox / path)
        before = self._known.get(path)
        is_same = before is not None and before[0] == stamp
        known[path] = before if before and is_same else (stamp, begins_as_dicom(inbox / path))
        return known[path][1]

    def kinds_passed_over(self) -> Counter[str]:
        """Count the files that hold no photograph by what they hold."""
        return Counter([*self.passed_over.values()])

    def photos_of(self, inbox: Path, arrived: Arrived) -> tuple[Arrived, ...] | None:
        """List the photographs that a file holds: itself, or each frame of a DICOM file.

        Returns:
            None where more of them are still to come; nothing where it is no photograph.
        """
        file = inbox / arrived.path
        if not self.can_read or not begins_as_dicom(file):
            return (arrived,)
        from edge_runtime.hospital.look import held_in  # noqa: PLC0415 - few files need it

        held = held_in(file)
        if held.other:
            self.passed_over[arrived.path] = held.other
        if not held.photos:
            return ()
        if not held.is_whole and not arrived.is_last_try:
            return None
        if held.photos == 1:
            return (arrived,)
        return tuple(replace(arrived, frame=frame) for frame in range(1, held.photos + 1))
