"""Tell how far a run is in the text form of Prometheus, in a file that is written anew each time.

Whoever watches has ``node_exporter`` read the file (its textfile collector). Nothing listens, and
what is told is what is committed: Ray does tasks again, so what its workers count is more.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from edge_runtime.archive.commit import Totals
from edge_runtime.archive.schema import plain_text
from edge_runtime.archive.times import BOUNDS_S, Times
from edge_runtime.system.files import one_sentence, write_file

_STATUSES = ("ok", "ungradable", "error")

#: A sample: what its name has behind the metric's, its labels, its value.
_Sample = tuple[str, dict[str, str], float]


class MetricsFile:
    """A file of metrics of one run."""

    def __init__(
        self, path: Path, *, out: str, totals: Totals, clock: Callable[[], float] = time.time
    ) -> None:
        """Write what there is before the first photograph.

        Args:
            path: The file; its folder must be there.
            out: Where the records go; the label by which runs are told apart.
            totals: What the run came to so far; read at each writing.
            clock: Tells the time, in seconds since 1970.

        Raises:
            OutputFailedError: It can't be written.
        """
        self._path, self._totals, self._clock = path, totals, clock
        self._out = plain_text(out)
        self._begun, self._committed, self._partitions = clock(), 0.0, 0
        self._before: int | None = None
        self._expected: int | None = None
        self._running, self._complete = True, False
        self.failure: str | None = None
        with one_sentence(path):
            self._write()

    def tell(self, *, before: int, expected: int | None, complete: bool = False) -> None:
        """Write how far the run is; a disk that is full ends no run, and is kept in ``failure``.

        Args:
            before: How many photographs had records before it.
            expected: How many the archive has, None while nobody knows.
            complete: Whether it has come to its end.
        """
        self._before, self._expected, self._complete = before, expected, complete
        self._try()

    def end(self) -> None:
        """Write what the run came to, as one that ended, complete or not."""
        self._running = False
        self._try()

    def _try(self) -> None:
        try:
            self._write()
            self.failure = None
        except OSError as error:
            self.failure = (error.strerror or str(error)).lower()

    def _write(self) -> None:
        if self._totals.partitions > self._partitions:
            self._partitions, self._committed = self._totals.partitions, self._clock()
        text = "\n".join(self._lines()) + "\n"
        write_file(self._path, text.encode(), sync=False)

    def _lines(self) -> Iterator[str]:
        totals = self._totals
        yield from self._metric(
            "photos_total", "counter", "Photographs whose records this run committed.",
            *(("", {"status": each}, totals.statuses[each]) for each in _STATUSES),
        )  # fmt: skip
        yield from self._metric(
            "referrals_total", "counter", "Photographs by whether they are to be referred.",
            *(("", {"refer": word}, totals.refers[is_so]) for word, is_so in
              (("yes", True), ("no", False))),
        )  # fmt: skip
        yield from self._metric(
            "taken_over_total", "counter", "Photographs that got the record of another's content.",
            ("", {}, totals.taken_over),
        )  # fmt: skip
        yield from self._metric(
            "partitions_total", "counter", "Files of records that this run committed.",
            ("", {}, totals.partitions),
        )  # fmt: skip
        yield from self._metric(
            "photo_seconds", "histogram",
            "Seconds that a photograph which got a class took, from decoding to heatmap.",
            *_samples(totals.times),
        )  # fmt: skip
        for name, told, value in (
            ("photos_before", "Photographs that had records before this run.", self._before),
            ("photos_expected", "Photographs that the archive has.", self._expected),
            ("begun_timestamp_seconds", "When this run began.", self._begun),
            ("last_commit_timestamp_seconds", "When it last committed.", self._committed or None),
            ("running", "1 while it runs, 0 once it ended and could say so.", self._running),
            ("complete", "1 once it did all that it was to do, else 0.", self._complete),
        ):
            if value is not None:
                yield from self._metric(name, "gauge", told, ("", {}, value))

    def _metric(self, name: str, kind: str, told: str, *samples: _Sample) -> Iterator[str]:
        full = f"fundus_edge_archive_{name}"
        yield f"# HELP {full} {told}"
        yield f"# TYPE {full} {kind}"
        for ending, labels, value in samples:
            pairs = {"out": self._out} | labels
            inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in pairs.items())
            yield f"{full}{ending}{{{inner}}} {float(value)!r}"


def _samples(times: Times) -> Iterator[_Sample]:
    """Give a histogram's samples; each bucket counts those below it too."""
    below = 0
    for bound, count in zip((*BOUNDS_S, None), times.counts, strict=True):
        below += count
        yield "_bucket", {"le": "+Inf" if bound is None else repr(bound)}, below
    yield "_sum", {}, times.sum_s
    yield "_count", {}, below


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
