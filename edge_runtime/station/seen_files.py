"""What is to be known of files that were seen: photographs by further names, and broken ones."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from edge_runtime.photo.find import Stamp
from edge_runtime.photo.frames import file_in_name
from edge_runtime.station.camp_photo import CampPhoto
from edge_runtime.station.whose import whose


class BrokenFile(NamedTuple):
    """A file that can't be read, or of which photographs can't be: how many, and the last one."""

    file: str
    photos: int
    last: str


@dataclass
class SeenFiles:
    """Files of an inbox, by their paths below it as text.

    ``further`` has of each photograph the other files that are the same to the bit and whose names
    tell a person; ``broken`` those that can't be read, with when that was found out, ISO 8601, the
    last one last, until the file comes anew, or something that can be read by that name.
    """

    further: dict[int, list[str]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    _stamps: dict[str, Stamp] = field(default_factory=dict)  # of files with something broken

    def see(
        self,
        path: Path,
        *,
        at: str,
        photo: int | None,
        stamp: Stamp,
        first: CampPhoto | None = None,
    ) -> None:
        """Learn of a file, or of a photograph of a file that holds several.

        Args:
            path: It, below the inbox.
            at: When it was seen.
            photo: The photograph that it is, None where it can't be read.
            stamp: What the file had; with another one it came anew, and nothing of before counts.
            first: It, as it came in first.
        """
        told = str(path)
        file = file_in_name(told)
        if self._stamps.get(file, stamp) != stamp:
            self.broken = {each: since for each, since in self.broken.items()
                           if file_in_name(each) != file}  # fmt: skip
            del self._stamps[file]
        self.broken.pop(told, None)
        if photo is None:
            self.broken[told], self._stamps[file] = at, stamp
        elif first is not None and first.dicom is not None:
            return  # what it is called tells nothing
        elif told not in (first and first.path, *self.further.get(photo, ())) and whose(path)[0]:
            self.further.setdefault(photo, []).append(told)

    def broken_files(self, *, day: str = "") -> list[BrokenFile]:
        """List the files with something broken, the last one last; of a day alone, YYYY-MM-DD."""
        found: dict[str, BrokenFile] = {}
        for name, at in self.broken.items():
            if at.startswith(day):
                file = file_in_name(name)
                before = found.pop(file, None)
                found[file] = BrokenFile(file, 1 + (before.photos if before else 0), name)
        return [*found.values()]
