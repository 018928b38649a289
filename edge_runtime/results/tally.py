"""Count what a run has come to so far."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from edge_runtime.predict.record import Record, UngradableRecord


@dataclass
class Tally:
    """Which photos are done, and how many of each status and of each reason to give no class."""

    done: set[str] = field(default_factory=set)
    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def count(self, record: Record) -> None:
        """Count one photo more."""
        reason = record.reason if isinstance(record, UngradableRecord) else None
        self.count_all([(record.path, record.status, reason)])

    def count_all(self, outcomes: Iterable[tuple[str, str, str | None]]) -> None:
        """Count photos by path, status, and why one is ungradable."""
        for path, status, reason in outcomes:
            self.done.add(path)
            self.statuses[status] += 1
            if reason is not None:
                self.reasons[reason] += 1
