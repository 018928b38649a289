"""Put a run's photos into the order in which a person should look at them."""

from dataclasses import dataclass
from typing import NamedTuple

from edge_runtime.predict.record import ErrorRecord, GradedRecord, Record, UngradableRecord

#: The class without a disease. Which needs no referral is known from thresholds alone.
HEALTHY = "normal"


@dataclass(frozen=True)
class Group:
    """Photos with which the same has to be done.

    ``key`` names it in links and styles, ``mark`` stands at each photo, ``title`` above them all,
    and ``order`` says what they are and how they are sorted.
    """

    key: str
    mark: str
    title: str
    order: str


#: The groups, the most urgent first. A run has photos of either the fourth or the fifth.
GROUPS = (
    Group("refer", "Refer", "to refer", "The furthest above the referral threshold comes first."),
    Group(
        "retake", "No result", "to retake or check",
        "These get no class; the reason says why. Photograph these eyes again; one that stays "
        "without a result, as behind a dense cataract, needs a doctor's look.",
    ),
    Group("unreadable", "Unreadable", "unreadable", "These files couldn't be read or classified."),
    Group(
        "no-referral", "No referral", "not to refer",
        "Those with a caution come first, then the closest to the referral threshold.",
    ),
    Group(
        "undecided", "Undecided", "without a decision",
        "This bundle has no referral thresholds, so nothing is decided. Those with a caution come "
        "first, then those with the most confidence in a disease.",
    ),
)  # fmt: skip

REFER, RETAKE, UNREADABLE, NOT_REFERRED, UNDECIDED = range(len(GROUPS))


class Place(NamedTuple):
    """Where a photo stands: of two places the smaller one comes first.

    ``group`` counts in ``GROUPS``; photos that nothing else tells apart stand as they were done.
    """

    group: int
    is_trusted: bool
    distance: float
    number: int


def place(record: Record, number: int) -> Place:
    """Say where a photo stands in the worklist.

    Args:
        record: What it came to.
        number: The photo's number in its run.
    """
    if isinstance(record, UngradableRecord):
        return Place(RETAKE, True, 0, number)
    if isinstance(record, ErrorRecord):
        return Place(UNREADABLE, True, 0, number)
    if record.referral is None:
        return Place(UNDECIDED, record.caution is None, -_disease(record), number)
    distance = record.referral.threshold - record.referral.score
    if record.referral.refer:  # a caution makes no referral less urgent, nor more
        return Place(REFER, True, distance, number)
    return Place(NOT_REFERRED, record.caution is None, distance, number)


def _disease(record: GradedRecord) -> float:
    """Give the probability of the likeliest disease."""
    shares = record.probabilities
    return max((share for name, share in shares.items() if name != HEALTHY), default=0.0)
