"""Whether the computer was started anew since a station was last at work on a data folder.

A computer whose clock doesn't run without power wakes in the morning and takes it for last night.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from edge_runtime.system.files import write_file

#: The file in the data folder that names the computer's start since which somebody may be called.
BOOT = "station.boot"

_SYSTEM = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """Name this start of the computer; "" where the system doesn't.

    Source: random(4), /proc/sys/kernel/random/boot_id.
    """
    return _read(_SYSTEM)


class Boot:
    """What is known of a data folder's last station: ``is_other`` where that was before a start.

    Where the system or the folder names none nothing is known, and ``is_other`` is false.
    """

    def __init__(self, folder: Path, named: Callable[[], str] = boot_id) -> None:
        self._file, self._now = folder / BOOT, named()
        before = _read(self._file)
        self.is_other = bool(before and self._now and before != self._now)
        self._is_kept = not self._now or before == self._now

    def keep(self) -> None:
        """Keep that a station is at work since this start, and that what was before is seen to.

        Where there is no room for that the station works all the same, and at its next start nobody
        is called.
        """
        self.is_other = False
        if not self._is_kept:
            self._is_kept = True
            with suppress(OSError):
                write_file(self._file, f"{self._now}\n".encode(), private=True)


def _read(file: Path) -> str:
    try:
        return file.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
