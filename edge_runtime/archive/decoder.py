"""Ask the process that decodes, look ahead in it, and outlive its death."""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import BinaryIO, cast

import msgspec

from edge_runtime.archive.decoding import Answer, Ask, Rules, receive, send
from edge_runtime.errors import printable

#: How the process is started.
COMMAND = (sys.executable, "-m", "edge_runtime.archive.decoding")

_AT_MOST_S = 120.0  # for one photo, however large: a hundred times what the slowest takes
_TRIES = 2


class Decoder:
    """One such process, started when it is first asked and again when it died."""

    def __init__(
        self, rules: Rules, *, command: Sequence[str] = COMMAND, at_most_s: float = _AT_MOST_S
    ) -> None:
        """Make it.

        Args:
            rules: What it is told first.
            command: What starts it.
            at_most_s: Seconds after which one that doesn't answer is ended.
        """
        self._rules, self._command, self._at_most_s = rules, tuple(command), at_most_s
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes | None] = queue.Queue()

    def begin(self, ask: Ask) -> None:
        """Give it a photo; one at a time is given, and ``finish`` gets its answer."""
        try:
            process = self._process or self._start()
            send(cast("BinaryIO", process.stdin), ask)
        except OSError:  # it died of what came before; ``finish`` finds that out
            pass

    def finish(self, ask: Ask) -> Answer:
        """Wait for the answer about the photo that was begun.

        Where the process dies of it or says nothing, it is asked once more in a new one, and then
        given up with a sentence.
        """
        for attempt in range(_TRIES):
            if attempt:
                self.begin(ask)
            said = self._wait()
            if said is not None:
                try:
                    return msgspec.msgpack.decode(said, type=Answer)
                except msgspec.DecodeError:
                    pass
            how = self._end()
        return Answer(
            f"{printable(os.fsdecode(ask.path))}: what decodes it {how}, twice; the file is "
            "damaged or made to do so: take it out of the archive, and report it"
        )

    def close(self) -> None:
        """End the process."""
        self._end()

    def _start(self) -> "subprocess.Popen[bytes]":
        self._answers = queue.Queue()
        process = subprocess.Popen(  # noqa: S603 - our own words alone
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        threading.Thread(target=_read, args=(process, self._answers), daemon=True).start()
        self._process = process
        send(cast("BinaryIO", process.stdin), self._rules)
        return process

    def _wait(self) -> bytes | None:
        try:
            return self._answers.get(timeout=self._at_most_s) if self._process else None
        except queue.Empty:
            return None

    def _end(self) -> str:
        """End the process, and say how it came to that."""
        process, self._process = self._process, None
        if process is None:
            return "can't be started"
        try:
            status = process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            status = None
            process.kill()
            process.wait()
        with suppress(OSError):
            cast("BinaryIO", process.stdin).close()
        if status is None:
            return f"gave no answer within {self._at_most_s:.0f} seconds"
        if status < 0:
            return f"was ended by {signal.Signals(-status).name}"
        return f"ended with the status {status}"


def _read(process: "subprocess.Popen[bytes]", answers: "queue.Queue[bytes | None]") -> None:
    """Pass on what a process answers, until it says no more."""
    with suppress(OSError, ValueError), cast("BinaryIO", process.stdout) as stream:
        while (said := receive(stream)) is not None:
            answers.put(said)
    answers.put(None)
