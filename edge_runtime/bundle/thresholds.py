"""The probabilities from which on a photo's person is referred, by class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from edge_runtime.bundle.metrics import MaybeInterval


class ClassThreshold(Struct, frozen=True):
    """A class's threshold, and what it reached on photos that it wasn't chosen by.

    ``sensitivity`` is the share of the class's ``photos`` that are referred by all thresholds,
    ``specificity`` the share of those that need no referral and that this threshold alone leaves;
    each is None if it wasn't measured.
    """

    threshold: Annotated[float, Meta(ge=0, le=1, description="0 to 1")]
    threshold_interval: MaybeInterval = None
    sensitivity: float | None = None
    sensitivity_interval: MaybeInterval = None
    photos: int = 0
    specificity: float | None = None
    specificity_interval: MaybeInterval = None


class MeasuredOn(Struct, frozen=True):
    """The model and the photos that thresholds were chosen and measured by."""

    model: str
    split: str
    photos: int


@dataclass(frozen=True)
class Thresholds:
    """When a photo's person is referred, see ``edge_runtime.bundle.referral``.

    ``no_referral`` are the classes that need none, ``classes`` all others, ``sensitivity`` is the
    share of each one's photos that was wanted. ``specificity`` is the share of those that need no
    referral and get none; None if it wasn't measured.
    """

    no_referral: Annotated[tuple[str, ...], Meta(description="a list of some of its classes")]
    sensitivity: Annotated[float, Meta(gt=0, lt=1, description="between 0 and 1")]
    classes: Mapping[str, ClassThreshold]
    specificity: float | None = None
    specificity_interval: MaybeInterval = None
    measured_on: MeasuredOn | None = None

    @property
    def lowest(self) -> str:
        """The class whose threshold a referral score reaches first."""
        return min(self.classes, key=lambda name: self.classes[name].threshold)


def check_thresholds(thresholds: Thresholds, classes: Sequence[str]) -> None:
    """Check that thresholds are of the model's classes.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after "manifest.json".
    """
    healthy = set(thresholds.no_referral)
    if not healthy or not healthy < set(classes):
        raise ValueError("has 'thresholds.no_referral' that isn't a list of some of its classes")
    if set(thresholds.classes) != set(classes) - healthy:
        raise ValueError("has 'thresholds.classes' that aren't those that need a referral")
