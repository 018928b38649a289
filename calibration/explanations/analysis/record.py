"""What is known of where the evidence lies: what ``analysis.json`` holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from calibration.explanations.analysis.like_average import LikeAverage
from calibration.explanations.estimate import Estimate
from calibration.explanations.store.info import StoreInfo
from edge_runtime.contract import DISCLAIMER


@dataclass(frozen=True)
class ZoneEvidence:
    """The share 0..1 of the evidence that lies in a zone, and what evidence without a place gives.

    ``evenly`` is the share that evidence spread evenly over the eye has there in the same photos.
    """

    share: Estimate
    evenly: float | None


@dataclass(frozen=True)
class KindRecord:
    """Maps that are alike: their number and the photos that show them best."""

    photos: int
    prototypes: tuple[str, ...]


@dataclass(frozen=True)
class LikePhoto:
    """A photo, and how its map correlates with the average of its class's other persons."""

    photo: str
    correlation: float


@dataclass(frozen=True)
class ClassAnalysis:
    """What the maps of the photos say that were predicted to be of one class.

    ``right`` and ``wrong`` count those of which that is known, ``aligned`` those that are in the
    common frame, ``with_evidence`` those where anything speaks for the class. ``zones`` are
    by the names of ``ZONES``. ``entropy`` and ``half_area`` are 0..1, see ``concentration``.
    ``like_average`` is how like maps are to the average of other persons' of the class, and
    ``like_average_by_chance`` what maps that know nothing reach in their place, and these maps
    beside other classes' averages. ``most_alike`` and ``least_alike`` name photos by the
    correlation in the common frame.
    """

    photos: int
    persons: int
    right: int
    wrong: int
    aligned: int
    with_evidence: int
    zones: Mapping[str, ZoneEvidence]
    entropy: Estimate
    half_area: Estimate
    like_average: LikeAverage
    like_average_by_chance: Mapping[str, LikeAverage]
    kinds: tuple[KindRecord, ...]
    most_alike: tuple[LikePhoto, ...]
    least_alike: tuple[LikePhoto, ...]


@dataclass(frozen=True)
class Analysis:
    """What ``explain analyse --json`` prints.

    ``refused`` photos have no class and are left out. ``entropy_by_area`` and
    ``half_area_by_area`` are those of evidence spread evenly over the field. ``classes`` are by
    predicted class.
    """

    store: StoreInfo
    photos: int
    refused: int
    entropy_by_area: float
    half_area_by_area: float
    resamples: int
    seed: int
    classes: Mapping[str, ClassAnalysis]
    disclaimer: str = DISCLAIMER
