"""Watch whether a cluster still answers: without it Ray ends this process without a word."""

import os
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

#: Ray waits 60 seconds for its head to come back, and some for what of it is on this computer,
#: which never does, and then ends the process.
_EVERY_S, _PATIENCE_S, _NO_PATIENCE_S, _CONNECT_S = 2.0, 40.0, 4.0, 5.0

_HEAD = (
    "the head of the Ray cluster died or can't be reached any more; what is committed is kept: "
    "run the same command with --resume, once the cluster runs"
)
_OWN = (
    "what of the Ray cluster runs on this computer (its raylet) died, as where memory runs out; "
    "what is committed is kept: run the same command with --resume"
)


@dataclass
class _Part:
    """Something of a cluster that must answer: where, for how long not, and what to say then."""

    where: tuple[str, int]
    patience_s: float
    said: str
    silent_s: float = 0.0


@contextmanager
def watched(head: str, own: str) -> Iterator[None]:
    """Say why in a sentence on stderr, and end the process, if a cluster falls silent in the block.

    Nothing is lost by that: what is committed was written whole.

    Args:
        head: The head's address, HOST:PORT.
        own: That of what runs on this computer, the raylet's.
    """
    over = threading.Event()
    parts = _Part(_where(head), _PATIENCE_S, _HEAD), _Part(_where(own), _NO_PATIENCE_S, _OWN)
    thread = threading.Thread(target=_watch, args=(parts, over), daemon=True, name="head")
    thread.start()
    try:
        yield
    finally:
        over.set()


def _where(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _watch(parts: Sequence[_Part], over: threading.Event) -> None:
    while not over.wait(_EVERY_S):
        for part in parts:
            part.silent_s = 0.0 if _answers(part.where) else part.silent_s + _EVERY_S
            if part.silent_s >= part.patience_s and not over.is_set():
                _end(part.said)


def _end(why: str) -> None:
    with suppress(OSError, ValueError):
        print(f"\nError: {why}", file=sys.stderr, flush=True)  # noqa: T201 - the last words
    os._exit(1)


def _answers(where: tuple[str, int]) -> bool:
    try:
        socket.create_connection(where, timeout=_CONNECT_S).close()
    except OSError:
        return False
    return True
