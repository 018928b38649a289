"""Say when nothing has come for long, as where a network or a disk is gone and nobody says so."""

import threading
import time
from collections.abc import Callable
from types import TracebackType


class Silence:
    """Watches in the block, and says once in each silence for how long nothing was heard."""

    def __init__(self, say: Callable[[float], None], *, after_s: float = 60.0) -> None:
        """Make it.

        Args:
            say: Called in a thread of its own, with the seconds.
            after_s: From how many seconds on it is called.
        """
        self._say, self._after_s = say, after_s
        self._last, self._is_said = time.monotonic(), False
        self._over = threading.Event()

    def heard(self) -> None:
        """Begin to count anew."""
        self._last, self._is_said = time.monotonic(), False

    def __enter__(self) -> "Silence":
        """Begin to watch."""
        self.heard()
        threading.Thread(target=self._watch, daemon=True, name="silence").start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Watch no longer."""
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(min(1.0, self._after_s / 4)):
            silent_s = time.monotonic() - self._last
            if silent_s >= self._after_s and not self._is_said:
                self._is_said = True
                self._say(silent_s)
