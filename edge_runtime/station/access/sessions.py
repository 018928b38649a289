"""Who is signed in: random tokens in browsers, and their hashes in the station's folder."""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from edge_runtime.system.files import sync_folder, write_file

#: Seconds after which somebody has to sign in again.
LASTS = 12 * 3600

_FILE = "station.sessions"
_MOST = 100  # sessions; the oldest ends when one more begins
_LARGEST_FILE = 1 << 20  # bytes


class Session(msgspec.Struct, frozen=True):
    """Somebody who is signed in.

    ``id`` is the hash of the token that their browser has, ``name`` what they said that they are
    called, ``began`` seconds since 1970 by this computer's clock.
    """

    id: str
    name: str
    began: float


class _Kept(msgspec.Struct, frozen=True):
    """The file: sessions, and a mark of the password by which they began."""

    password: str
    sessions: tuple[Session, ...]


class Sessions:
    """The sessions of one password; they outlive a restart."""

    def __init__(
        self, folder: Path, password: bytes, clock: Callable[[], float] = time.time
    ) -> None:
        """Read who is signed in; sessions of another password have ended.

        Args:
            folder: The data folder.
            password: The hash of the password.
            clock: Gives seconds since 1970.
        """
        self._file, self._clock, self._lock = folder / _FILE, clock, threading.Lock()
        self._password = hashlib.sha256(password).hexdigest()
        kept = _read(self._file)
        told = kept.sessions if kept and kept.password == self._password else ()
        self._by_id = {each.id: each for each in told[-_MOST:]}

    def begin(self, name: str) -> str:
        """Let somebody be signed in.

        Returns:
            The token that their browser gets; only its hash is kept.
        """
        token = secrets.token_urlsafe(32)
        session = Session(_id(token), name, self._clock())
        with self._lock:
            self._by_id = {each.id: each for each in [*self._alive(), session][-_MOST:]}
            with suppress(OSError):  # on a full disk it lasts until the station's end
                self._write()
        return token

    def find(self, token: str) -> Session | None:
        """Find the session of a browser's token; None where there is none, or it has ended."""
        found = self._by_id.get(_id(token)) if token else None
        return found if found is not None and self.lasts(found) else None

    def lasts(self, session: Session) -> bool:
        """Tell whether a session goes on.

        A clock that is set back by more than a session lasts ends it too.
        """
        since = abs(self._clock() - session.began)
        return session.id in self._by_id and since < LASTS

    def end(self, session: Session) -> None:
        """Sign somebody out.

        Raises:
            OSError: It has ended, and would begin again with the station, as nothing can be written
                or removed.
        """
        with self._lock:
            self._by_id = {each.id: each for each in self._alive() if each.id != session.id}
            try:
                self._write()
            except OSError:  # a full disk; all have to sign in again after the next start then
                self._file.unlink(missing_ok=True)
                sync_folder(self._file.parent)

    def _alive(self) -> list[Session]:
        return [each for each in self._by_id.values() if self.lasts(each)]

    def _write(self) -> None:
        kept = _Kept(self._password, tuple(self._by_id.values()))
        write_file(self._file, msgspec.json.encode(kept), private=True)


def _id(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _read(file: Path) -> _Kept | None:
    """Read the file; one that can't be read or is damaged has signed everybody out."""
    try:
        with file.open("rb") as stream:
            return msgspec.json.decode(stream.read(_LARGEST_FILE), type=_Kept)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
