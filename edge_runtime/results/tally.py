"""Count what a run has come to so far."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from edge_runtime.predict.record import GradedRecord, Record, UngradableRecord


class Outcome(NamedTuple):
    """What a photo came to: its status, why it is ungradable, and whether it is referred.

    ``refer`` is None where the photo got no class, or the model has no referral thresholds.
    """

    path: str
    status: str
    reason: str | None
    refer: bool | None


@dataclass
class Tally:
    """How many photos have each status, reason to give no class, and referral."""

    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    refers: Counter[bool] = field(default_factory=Counter)

    def count(self, record: Record) -> None:
        """Count one photo more."""
        self.count_all([outcome_of(record)])

    def count_all(self, outcomes: Iterable[Outcome]) -> None:
        """Count photos."""
        for outcome in outcomes:
            self.statuses[outcome.status] += 1
            if outcome.reason is not None:
                self.reasons[outcome.reason] += 1
            if outcome.refer is not None:
                self.refers[outcome.refer] += 1


def outcome_of(record: Record) -> Outcome:
    """Take from a record what is counted."""
    referral = record.referral if isinstance(record, GradedRecord) else None
    return Outcome(
        record.path,
        record.status,
        record.reason if isinstance(record, UngradableRecord) else None,
        None if referral is None else referral.refer,
    )
