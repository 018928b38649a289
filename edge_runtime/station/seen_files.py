"""What is to be known of files that were seen: photographs by further names, and broken ones."""

from dataclasses import dataclass, field
from pathlib import Path

from edge_runtime.station.camp_photo import CampPhoto
from edge_runtime.station.whose import whose


@dataclass
class SeenFiles:
    """Files of an inbox, by their paths below it as text.

    ``further`` has of each photograph the other files that are the same to the bit and whose names
    tell a person; ``broken`` those that can't be read, with when that was found out, ISO 8601, the
    last one last, until something that can be read comes by that name.
    """

    further: dict[int, list[str]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def see(
        self, path: Path, *, at: str, photo: int | None, first: CampPhoto | None = None
    ) -> None:
        """Learn of a file.

        Args:
            path: It, below the inbox.
            at: When it was seen.
            photo: The photograph that it is, None where it can't be read.
            first: It, as it came in first.
        """
        told = str(path)
        self.broken.pop(told, None)
        if photo is None:
            self.broken[told] = at
        elif first is not None and first.dicom is not None:
            return  # what it is called tells nothing
        elif told not in (first and first.path, *self.further.get(photo, ())) and whose(path)[0]:
            self.further.setdefault(photo, []).append(told)
