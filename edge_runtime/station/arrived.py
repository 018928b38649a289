"""A file of an inbox that has been as it is for a while, or a photograph of it."""

from dataclasses import dataclass
from pathlib import Path

from edge_runtime.photo.find import Stamp
from edge_runtime.photo.frames import frame_path


@dataclass(frozen=True)
class Arrived:
    """A file that has been as it is for a while: its path below the inbox, its stamp, its SHA-256.

    ``sha256`` is no hash where the file is too large for a photograph: nobody reads it then.
    ``is_last_try`` says that it has been so for so long that what can't be read of it won't come,
    ``call`` which call was in force when it was first seen, however it is renamed from now on.
    ``frame`` is the number of the photograph in a file of several, from 1.
    """

    path: Path
    stamp: Stamp
    sha256: str
    is_last_try: bool
    call: int | None = None
    frame: int | None = None

    @property
    def photo(self) -> Path:
        """The photograph's path below the inbox."""
        return self.path if self.frame is None else frame_path(self.path, self.frame)

    @property
    def content(self) -> str:
        """What tells the photograph from all of another content."""
        return self.sha256 if self.frame is None else f"{self.sha256}#{self.frame}"
