"""Count what a run has come to so far."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct, field

from edge_runtime.predict.familiarity import STRANGE, UNFAMILIAR
from edge_runtime.predict.record import GradedRecord, Record, UngradableRecord

_FEWEST_STRANGE, _MOST_STRANGE = 5, 0.2  # photos, and their share, below which it may be chance


class Outcome(NamedTuple):
    """What a photo came to: its status, why it is ungradable, and whether it is referred.

    ``refer`` is None where the photo got no class, or the model has no referral thresholds.
    ``share`` is that of its familiarity, None where that isn't known.
    """

    path: str
    status: str
    reason: str | None
    refer: bool | None
    share: float | None

    @property
    def unlike(self) -> bool | None:
        """Whether it is less like the training photos than nearly all of validation, if known."""
        if self.reason == UNFAMILIAR:
            return True
        return None if self.share is None else self.share < STRANGE


class Tally(Struct):
    """How many photos have each status, reason to give no class, and referral."""

    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    refers: Counter[bool] = field(default_factory=Counter)
    unlike: Counter[bool] = field(default_factory=Counter)

    @property
    def strangeness(self) -> str | None:
        """Say that the photos don't look like those of training; None where they mostly do."""
        strange, compared = self.unlike[True], self.unlike.total()
        if strange < _FEWEST_STRANGE or strange <= _MOST_STRANGE * compared:
            return None
        return (
            f"{strange} of the {compared} photos that could be compared look less like the "
            f"photographs that the model was trained on than {1 - STRANGE:.0%} of its validation "
            "photographs do: another camera or other people than it knows, or no fundus "
            "photographs; how good its answers to such photos are is not known"
        )

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
            if outcome.unlike is not None:
                self.unlike[outcome.unlike] += 1


def outcome_of(record: Record) -> Outcome:
    """Take from a record what is counted."""
    graded = record if isinstance(record, GradedRecord) else None
    referral, familiarity = (graded.referral, graded.familiarity) if graded else (None, None)
    return Outcome(
        record.path,
        record.status,
        record.reason if isinstance(record, UngradableRecord) else None,
        None if referral is None else referral.refer,
        None if familiarity is None else familiarity.share,
    )
