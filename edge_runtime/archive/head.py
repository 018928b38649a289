"""Watch whether a cluster's head still answers: without it Ray ends this process without a word."""

import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

#: Ray waits 60 seconds for its head to come back, and then ends the process.
_EVERY_S, _PATIENCE_S, _CONNECT_S = 2.0, 40.0, 5.0

_SAID = (
    "Error: the head of the Ray cluster died or can't be reached any more; what is committed is "
    "kept: run the same command with --resume, once the cluster runs"
)


@contextmanager
def watched(address: str) -> Iterator[None]:
    """Say why in a sentence on stderr, and end the process, if a head falls silent in the block.

    Nothing is lost by that: what is committed was written whole.

    Args:
        address: The head's, HOST:PORT.
    """
    over = threading.Event()
    host, _, port = address.rpartition(":")
    head = host.strip("[]"), int(port)
    thread = threading.Thread(target=_watch, args=(head, over), daemon=True, name="head")
    thread.start()
    try:
        yield
    finally:
        over.set()


def _watch(head: tuple[str, int], over: threading.Event) -> None:
    silent_s = 0.0
    while not over.wait(_EVERY_S):
        silent_s = 0.0 if _answers(head) else silent_s + _EVERY_S
        if silent_s >= _PATIENCE_S and not over.is_set():
            with suppress(OSError, ValueError):
                print(f"\n{_SAID}", file=sys.stderr, flush=True)  # noqa: T201 - the last words
            os._exit(1)


def _answers(head: tuple[str, int]) -> bool:
    try:
        socket.create_connection(head, timeout=_CONNECT_S).close()
    except OSError:
        return False
    return True
