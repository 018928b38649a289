"""Count what a run has come to so far."""

from collections import Counter
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
        self.done.add(record.path)
        self.statuses[record.status] += 1
        if isinstance(record, UngradableRecord):
            self.reasons[record.reason] += 1
