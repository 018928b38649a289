"""Station and owner of a data folder show each other that they know its key, and don't tell it."""

import hashlib
import hmac
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from edge_runtime.station.access.hosts import plain_address

#: Where a command has the station show that it is this folder's.
MEETING = "/owner"

#: The header by which a request shows that it is the owner's: what it answers, and its proof.
OWNER = "x-station-owner"

_NONCE = re.compile(r"[A-Za-z0-9_-]{22,64}")
_LASTS = 30.0  # seconds


def new_nonce() -> str:
    """Make what no answer of before fits."""
    return secrets.token_urlsafe(24)


def station_proof(key: str, nonce: str, at: tuple[str, int]) -> str:
    """Make what only a station with this key, reached at this host and port, answers to a nonce.

    The address is in it, so that nobody who listens elsewhere can have the station answer for them.
    """
    host, port = at
    return _proof(key, "station", f"{plain_address(host) or host} {port}", nonce)


def owner_proof(key: str, method: str, target: str, nonce: str) -> str:
    """Make what only the owner sends with this request, once.

    Args:
        key: The folder's.
        method: Of the request.
        target: What it asks for, from the slash on, with what stands behind a question mark.
        nonce: What the station gave.
    """
    return _proof(key, "owner", f"{method} {target}", nonce)


def _proof(key: str, *parts: str) -> str:
    said = "\n".join(parts).encode("utf-8", "replace")
    return hmac.new(key.encode(), said, hashlib.sha256).hexdigest()


@dataclass
class Meeting:
    """The station's side: it shows that it has the key, and knows the owner by a proof.

    ``key`` gives the key as it is now, ``clock`` seconds. The station keeps nothing of those that
    only ask, so that nobody can fill it: what it gives says itself until when it counts. Proofs
    that were taken are kept until then, as none counts twice.
    """

    key: Callable[[], str]
    clock: Callable[[], float] = time.monotonic
    _taken: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, nonce: str, at: tuple[str, int]) -> str | None:
        """Give the station's proof and a nonce of its own; None where the asker's is none.

        Args:
            nonce: The asker's.
            at: The host and the port at which the station was reached.
        """
        if not _NONCE.fullmatch(nonce):
            return None
        key, own = self.key(), f"{new_nonce()}.{int(self.clock() + _LASTS)}"
        return f"{station_proof(key, nonce, at)} {own}.{_proof(key, 'until', own)}"

    def is_owner(self, method: str, target: str, told: str) -> bool:
        """Tell whether a request's header shows that it is the owner's; one counts once.

        Args:
            method: As for ``owner_proof``.
            target: Likewise.
            told: The header.
        """
        nonce, _, proof = told.partition(" ")
        given, _, mark = nonce.rpartition(".")
        key = self.key()
        if not _is(mark, _proof(key, "until", given)):
            return False
        if not _is(proof, owner_proof(key, method, target, nonce)):
            return False
        end, now = int(given.rpartition(".")[2]), self.clock()
        with self._lock:
            self._taken = {each: until for each, until in self._taken.items() if until > now}
            if now >= end or nonce in self._taken:
                return False
            self._taken[nonce] = end
        return True


def _is(told: str, expected: str) -> bool:
    return hmac.compare_digest(told.encode("utf-8", "replace"), expected.encode())
