"""Hold Ctrl-C back for a moment, and let what asks a process to end be like it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Terminated(KeyboardInterrupt):
    """A system that shuts down, or a script, asked the process to end (SIGTERM)."""


def stop_status(stopped: BaseException) -> int:
    """Give the exit status of what was stopped: 128 and the number of the signal, as shells do.

    Args:
        stopped: A ``KeyboardInterrupt``, ``Terminated``, or the error of a pipe whose reader left.
    """
    if isinstance(stopped, OSError):
        return 128 + 13  # SIGPIPE, which Windows has no name for
    return 128 + (signal.SIGTERM if isinstance(stopped, Terminated) else signal.SIGINT)


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Raise ``Terminated`` in the block when the process is asked to end.

    Not outside of the main thread, nor where that has another handler.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def end(*_: object) -> None:
        raise Terminated

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def held_back() -> Iterator[None]:
    """Let a Ctrl-C wait until the end of the block, and raise ``KeyboardInterrupt`` there.

    For work that would turn it into something else: ONNX Runtime's import makes an ``ImportError``
    of it. Nothing is held back outside of the main thread, nor where Ctrl-C has another handler.
    """
    before = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    if not main or before is not signal.default_int_handler:
        yield
        return
    came: list[Any] = []
    signal.signal(signal.SIGINT, lambda *_: came.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


@contextmanager
def noticed() -> Iterator[list[int]]:
    """Give a list that holds the signal once Ctrl-C came, which raises as ever.

    For work that may turn it into an error of its own, as Ray does. Nothing is noticed outside of
    the main thread, nor where Ctrl-C has another handler.
    """
    came: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    if not main or before is not signal.default_int_handler:
        yield came
        return

    def note(number: int, _: object) -> None:
        came.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, before)
