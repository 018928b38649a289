"""Hold Ctrl-C back for a moment."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


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
