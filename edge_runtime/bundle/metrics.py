"""What a classifier reaches on photos: the types of a manifest's and a run's figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

Interval = Annotated[tuple[float, float], Meta(description="two numbers")]
MaybeInterval = Annotated[tuple[float, float] | None, Meta(description="null or two numbers")]


class Figure(Struct, frozen=True):
    """A figure and its 95 % interval; each is None where the photos don't give one."""

    value: float | None
    interval: MaybeInterval = None


class MeanFigure(Struct, frozen=True):
    """A disease's AUROC, its mean over the ``sources`` that have one."""

    value: float
    sources: int
    interval: MaybeInterval = None


class AtThreshold(Struct, frozen=True):
    """What the referral score does at a disease's own threshold."""

    threshold: float
    sensitivity: Figure
    specificity: Figure


class DiseaseFigures(Struct, frozen=True):
    """How a disease is told from other eyes of the same source.

    ``against`` is what it is told from, see ``train.data.contrasts``. ``auroc`` is that of its
    probability; ``sensitivity`` the share of its photos that are given its name, ``specificity``
    the share of the others that are what ``specificity_is`` says.
    """

    photos: int
    against: str
    photos_against: int
    auroc: Figure
    sensitivity: Figure
    specificity: Figure
    specificity_is: str
    at_threshold: AtThreshold | UnsetType = UNSET


class SourceFigures(Struct, frozen=True):
    """What there is of one source, and what is told within it.

    ``by_class`` counts photos by label; ``!glaucoma`` is any class but that.
    ``healthy_named_healthy`` is None without healthy eyes.
    """

    photos: int
    groups: int
    by_class: Mapping[str, int]
    healthy_named_healthy: Figure | None
    diseases: Mapping[str, DiseaseFigures]


class BySource(Struct, frozen=True):
    """How each disease is told from healthy eyes of the same source, where no camera helps.

    ``healthy`` is the class of healthy eyes; where it is None each class is told from the rest of
    its source. ``sources`` are by name, that of photos without one is "". ``notes`` say by a
    figure's name why it has no interval or a doubtful one.
    """

    healthy: str | None
    confidence: float
    method: str
    resamples: int
    seed: int
    sources: Mapping[str, SourceFigures]
    mean_within_sources: Mapping[str, MeanFigure]
    notes: Mapping[str, str]


class Refused(Struct, frozen=True):
    """How many of some photos the quality gate turns away, and their share 0..1."""

    photos: int
    ungradable: int
    share: float


class GateFigures(Refused, frozen=True):
    """The photos that the quality gate turns away, by label, by clause and, if any, by source."""

    by_class: Mapping[str, Refused]
    reasons: Mapping[str, int]
    by_source: Mapping[str, Refused] | UnsetType = UNSET


class Outcome(Struct, frozen=True):
    """What some photos get where the quality gate is asked first, as `predict` asks it.

    Of ``photos`` the gate leaves ``no_answer`` without one, and ``right`` get the right one.
    ``without_gate`` is the share that is right where no gate is asked, ``of_answered`` that of the
    photos which get an answer, ``of_all`` that of all: no answer isn't right.
    """

    photos: int
    no_answer: int
    right: int
    without_gate: Figure
    of_answered: Figure
    of_all: Figure


class AsPredicted(Struct, frozen=True):
    """What photos of a known class get, so that no figure hides those which get no answer.

    ``every`` and ``by_class`` ask for the right class. ``referred`` asks of eyes that need a
    referral whether they get one (sensitivity), ``not_referred`` of the others whether they get
    none (specificity); they are left out where it isn't known who needs none. ``confusion`` has C
    rows of true classes, C columns of predicted ones, and a last one of photos without an answer.
    """

    every: Outcome
    by_class: Mapping[str, Outcome]
    confusion: tuple[tuple[int, ...], ...]
    referred: Outcome | UnsetType = UNSET
    not_referred: Outcome | UnsetType = UNSET


ByClass = Mapping[str, float | None]
IntervalByClass = Mapping[str, MaybeInterval]


class Intervals(Struct, frozen=True):
    """The intervals of ``Metrics`` under the same names, None where the groups don't allow one.

    Groups are photos that aren't independent. ``notes`` say by a figure's name why it has no
    interval or a doubtful one.
    """

    confidence: float
    method: str
    resamples: int
    seed: int
    groups: int
    groups_by_class: Mapping[str, int]
    notes: Mapping[str, str]
    accuracy: MaybeInterval
    balanced_accuracy: MaybeInterval
    macro_precision: MaybeInterval
    macro_f1: MaybeInterval
    macro_auroc: MaybeInterval
    ece: MaybeInterval
    nll: MaybeInterval
    brier: MaybeInterval
    recall: IntervalByClass
    precision: IntervalByClass
    f1: IntervalByClass
    auroc: IntervalByClass


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """What a classifier reaches on some photos; ``train.metrics.weighted_metrics`` defines it.

    ``balanced_accuracy`` is the macro recall, ``macro_auroc`` one versus rest, None where a class
    is absent. ``recall``, ``precision``, ``f1`` and ``auroc`` are by class name, None for an absent
    class. ``confusion`` has C rows of true classes and C columns of predicted ones. ``intervals``
    are there where the photos' groups are known, ``by_source`` where the photos have sources,
    ``by_source_with_gate``, ``gate`` and ``as_predicted`` where the quality gate was asked.
    """

    photos: int
    accuracy: float
    balanced_accuracy: float
    macro_precision: float
    macro_f1: float
    macro_auroc: float | None
    ece: float
    nll: float
    brier: float
    recall: ByClass
    precision: ByClass
    f1: ByClass
    auroc: ByClass
    confusion: tuple[tuple[int, ...], ...]
    intervals: Intervals | UnsetType = UNSET
    gate: GateFigures | UnsetType = UNSET
    by_source: BySource | UnsetType = UNSET
    by_source_with_gate: BySource | UnsetType = UNSET
    as_predicted: AsPredicted | UnsetType = UNSET

    def figure(self, name: str, class_name: str | None = None) -> Figure:
        """Take a figure with its interval by its name, of a class or of all together."""
        value = getattr(self, name)
        interval = None if self.intervals is UNSET else getattr(self.intervals, name)
        if class_name is not None:
            value, interval = value[class_name], (interval or {}).get(class_name)
        return Figure(value, interval)
