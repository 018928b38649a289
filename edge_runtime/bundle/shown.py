"""What reports show of a manifest's figures; the file has more of each."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

_Interval = Annotated[tuple[float, float], Meta(description="null or two numbers")]


class MeanWithinSources(Struct, frozen=True):
    """How well a disease is told from other eyes of the same source: AUROC, its mean over sources.

    ``interval`` is None where the photos don't allow one.
    """

    value: float
    sources: int
    interval: _Interval | None = None


class WithinSources(Struct, frozen=True):
    """The means by disease."""

    mean_within_sources: dict[str, MeanWithinSources]


class ShownMetrics(Struct, frozen=True):
    """What a model reached on one split; ``recall`` is None of a class without a photo."""

    accuracy: float
    photos: int
    recall: dict[str, float | None]
    by_source: WithinSources | UnsetType = UNSET
    by_source_with_gate: WithinSources | UnsetType = UNSET


class GateVerdict(Struct, frozen=True):
    """What a gate said; ``judged`` is false where the photos weren't enough to judge by."""

    name: str
    holds: bool
    judged: bool = True


class Verdict(Struct, frozen=True):
    """What a validation said of a model, against which reference and on how many photos."""

    passed: bool
    reference: str
    photos: int
    gates: tuple[GateVerdict, ...]


class TrainedOn(Struct, frozen=True):
    """The dataset that a model was trained and measured on: its photos by split."""

    name: str
    photos: dict[str, int]
