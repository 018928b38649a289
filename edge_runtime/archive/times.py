"""Count how long photographs took, by their records."""

import json
from bisect import bisect_left
from collections.abc import Iterable

from msgspec import Struct, field

#: The longest times of a histogram's buckets, in seconds; one more is for all that took longer.
BOUNDS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Times(Struct):
    """How many photographs took how long, by ``BOUNDS_S``, and all of it in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    sum_s: float = 0.0

    def add(self, records: Iterable[str]) -> None:
        """Count records of photographs; those without times, as errors are, aren't counted."""
        for line in records:
            # Not by msgspec: a path that isn't UTF-8 has escapes that it takes for damaged ones.
            if line and (times := json.loads(line).get("times_ms")):
                seconds = sum(times.values()) / 1000
                self.counts[bisect_left(BOUNDS_S, seconds)] += 1
                self.sum_s += seconds
