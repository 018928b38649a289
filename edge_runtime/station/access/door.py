"""The door to the pages: who has to sign in, who has, and who is kept out."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from edge_runtime.station.access.attempts import Attempts
from edge_runtime.station.access.devices import Devices
from edge_runtime.station.access.hosts import is_loopback, own_names, plain_address
from edge_runtime.station.access.key import form_token, key_of
from edge_runtime.station.access.owner import Meeting
from edge_runtime.station.access.password import (
    Password,
    PasswordInvalidError,
    read_password,
    stamp_of_password,
)
from edge_runtime.station.access.sessions import Session, Sessions


@dataclass(frozen=True)
class Reach:
    """How far a station reaches.

    ``is_network`` says that other computers reach its address, ``names`` are what else it is called
    by, and ``is_secret`` that nobody on the way can read along (TLS).
    """

    is_network: bool = False
    names: frozenset[str] = frozenset()
    is_secret: bool = False


@dataclass
class Door:
    """Who may come in.

    The password's file is looked at before each answer, so that a new one counts at once. A station
    that had one goes on asking for it when the file is gone: a card that is pulled out opens
    nothing.
    """

    folder: Path
    reach: Reach = Reach()
    attempts: Attempts = field(default_factory=Attempts)
    open_sessions: Callable[[Path, bytes], Sessions] = Sessions

    def __post_init__(self) -> None:
        """Read the password, if there is one.

        Raises:
            PasswordInvalidError: It can't be used.
            OSError: The key can't be read or written.
        """
        self._key = key_of(self.folder)
        self.meeting = Meeting(lambda: self._key)
        self._lock = threading.Lock()
        self._stamp: tuple[int, ...] | None = None
        self._password: Password | None = None
        self._sessions: Sessions | None = None
        self._devices: Devices | None = None
        self._fault: PasswordInvalidError | None = None
        self.look()

    @property
    def password(self) -> Password | None:
        """The password; None where nobody needs one."""
        return self._password

    @property
    def sessions(self) -> Sessions:
        """Who is signed in; only where there is a password."""
        assert self._sessions is not None  # noqa: S101 - that is the only order
        return self._sessions

    @property
    def devices(self) -> Devices:
        """From where somebody signed in before; only where there is a password."""
        assert self._devices is not None  # noqa: S101 - that is the only order
        return self._devices

    def look(self) -> None:
        """Look whether the password is another now.

        Raises:
            PasswordInvalidError: It can't be used, so that nobody comes in.
        """
        with self._lock:
            try:
                stamp = stamp_of_password(self.folder)
            except OSError as error:
                raise PasswordInvalidError(self.folder, str(error.strerror).lower()) from error
            if stamp is not None and stamp != self._stamp:
                self._stamp, self._fault = stamp, None
                try:
                    self._take(read_password(self.folder))
                except PasswordInvalidError as error:
                    self._fault = error
            if self._fault is not None:
                raise PasswordInvalidError(self._fault.file, self._fault.cause)

    def _take(self, found: Password | None) -> None:
        if found is not None and found != self._password:
            self._key = key_of(self.folder)
            self._sessions = self.open_sessions(self.folder, found.digest)
            self._devices = Devices(self.folder, found.digest)
            self._password = found

    def lets_stay(self, session: Session | None) -> bool:
        """Tell whether whoever came in by this session, or by none, may still be here."""
        try:
            self.look()
        except PasswordInvalidError:
            return False
        if session is None:
            return self._password is None
        return self.sessions.lasts(session)

    def knows(self, host: str, reached_at: str | None) -> bool:
        """Tell whether a request's Host is this station.

        Another page may have a name that leads here: it has a name of its own, so only those that
        are known, and the very address at which the request came in, are let through.

        Args:
            host: As ``named_in`` gives it.
            reached_at: This computer's address of the connection.
        """
        if is_loopback(host):
            return True
        if not self.reach.is_network:
            return host in self.reach.names
        address = plain_address(host)
        if address is not None and address == plain_address(reached_at or ""):
            return True
        return host in own_names() or host in self.reach.names

    def token_of(self, session: Session | None) -> str:
        """Give what the forms of whoever is signed in carry."""
        return form_token(self._key, session.id if session else "")
