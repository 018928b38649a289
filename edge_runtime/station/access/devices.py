"""Browsers from which somebody signed in before, so that others who guess don't keep them out."""

import hashlib
import secrets
import threading
from contextlib import suppress
from pathlib import Path

import msgspec

from edge_runtime.system.files import write_file

#: The file in the data folder.
DEVICES = "station.devices"

_MOST = 100  # devices; the one that wasn't used for longest is forgotten for one more
_LARGEST_FILE = 1 << 16  # bytes


class _Kept(msgspec.Struct, frozen=True):
    """The file: hashes of the tokens, and a mark of the password by which they came in."""

    password: str
    devices: tuple[str, ...]


class Devices:
    """The devices of one password; they outlive a restart. Being known opens nothing."""

    def __init__(self, folder: Path, password: bytes) -> None:
        """Read which are known; none is by another password.

        Args:
            folder: The data folder.
            password: The hash of the password.
        """
        self._file, self._lock = folder / DEVICES, threading.Lock()
        self._password = _hash(password)
        kept = _read(self._file)
        known = kept.devices[-_MOST:] if kept and kept.password == self._password else ()
        self._known = list(known)

    def name_of(self, token: str) -> str | None:
        """Name the device that has a token, by the token's hash; None where none is known."""
        name = _hash(token.encode("utf-8", "replace"))
        return name if token and name in self._known else None

    def know(self, token: str) -> str:
        """Know a device from now on, as somebody signed in from it by the right password.

        Args:
            token: What it has of before.

        Returns:
            The token that it gets: the same where it is known. Only its hash is kept.
        """
        with self._lock:
            name = self.name_of(token)
            if name is None:
                token = secrets.token_urlsafe(32)
                name = _hash(token.encode())
            self._known = [*(each for each in self._known if each != name), name][-_MOST:]
            with suppress(OSError):  # on a full disk it is known until the station's end
                kept = _Kept(self._password, tuple(self._known))
                write_file(self._file, msgspec.json.encode(kept), private=True)
        return token


def _hash(told: bytes) -> str:
    return hashlib.sha256(told).hexdigest()


def _read(file: Path) -> _Kept | None:
    """Read the file; one that can't be read or is damaged knows none."""
    try:
        with file.open("rb") as stream:
            return msgspec.json.decode(stream.read(_LARGEST_FILE), type=_Kept)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
