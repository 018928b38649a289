"""What is known of failures: what ``failures.json`` holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from calibration.explanations.estimate import Estimate
from calibration.explanations.failures.contrast import Contrast, Draws
from calibration.explanations.failures.one_place import PlaceRecord
from calibration.explanations.store.info import StoreInfo
from edge_runtime.contract import DISCLAIMER

Contrasts = Mapping[str, Contrast]


@dataclass(frozen=True)
class MapOfFailure:
    """Where the evidence for one class lies in a photo.

    ``evidence`` is its positive part in logits, ``place`` one of ``PLACES``, where the map is
    hottest, ``zone`` the name in ``ZONES`` that has most more than evidence spread evenly over the
    eye, ``zone_share`` and ``zone_evenly`` the shares of both; None where there is none.
    """

    class_name: str
    probability: float
    evidence: float
    place: str | None
    zone: str | None
    zone_share: float | None
    zone_evenly: float | None


@dataclass(frozen=True)
class Failure:
    """A photo that was predicted wrongly, or rightly but unsurely.

    ``row`` is its place in the store's arrays, from 0. ``true`` is its class, None where only
    ``excluded``, a class that it isn't of, is known. ``other`` is the map of the true class, of an
    unsure photo of the second most likely one. ``maps_alike`` is the correlation of both.
    """

    row: int
    path: str
    wrong: bool
    source: str | None
    patient: str | None
    eye: str | None
    true: str | None
    excluded: str | None
    familiarity: float | None
    like_average: float | None
    predicted: MapOfFailure
    other: MapOfFailure | None
    maps_alike: float | None


@dataclass(frozen=True)
class OfSource:
    """How often predictions are wrong in one source, of photos where that is known.

    ``by_class`` is the share of wrong ones that the same predicted classes have in all sources.
    ``labels`` counts the photos by their true class: where there is but one, each other prediction
    is wrong, and the share says nothing of the camera.
    """

    photos: int
    persons: int
    wrong: Estimate
    by_class: float
    labels: Mapping[str, int]


@dataclass(frozen=True)
class Sources:
    """Whether the source tells a wrong prediction, beyond the predicted class.

    ``p_value`` is by exchanges of whole persons; ``note`` says why there is none.
    """

    by_name: Mapping[str, OfSource]
    p_value: float | None
    note: str | None


@dataclass(frozen=True)
class Counts:
    """How many photos there are of each kind.

    ``photos`` are those that the model answers, ``refused`` those that predict refuses, which are
    left out, ``unknown`` those of which nobody knows whether the prediction is right.
    ``without_evidence_for_true`` are wrong ones where nothing speaks for the true class.
    """

    photos: int
    persons: int
    refused: int
    unknown: int
    right: int
    wrong: int
    unsure: int
    without_evidence_for_true: int


@dataclass(frozen=True)
class Compared:
    """Wrong predictions beside right ones, trait by trait.

    ``in_class`` compares photos of the same predicted class, ``in_class_and_source`` of the same
    source too, ``overall`` of any, ``by_class`` class by class, and ``unsure`` unsure with the
    other right ones of the class, but for the confidence, by which they were chosen. Each is
    corrected by itself, ``by_class`` all classes together.
    """

    in_class: Contrasts
    in_class_and_source: Contrasts
    overall: Contrasts
    by_class: Mapping[str, Contrasts]
    unsure: Contrasts


@dataclass(frozen=True)
class Failures:
    """What ``explain failures --json`` prints.

    ``unsure_share`` is the share of the right predictions of each class that are called unsure,
    those with the least confidence. ``confusions`` counts wrong photos by true and predicted class.
    ``findings`` says in words what is apart, ``at_one_place`` where the maps of a
    class look, right or wrong. ``titles`` and ``kinds`` are of the traits by name.
    ``places`` says where maps are hottest: by predicted class, and of those all, right and wrong
    ones.
    """

    store: StoreInfo
    counts: Counts
    unsure_share: float
    confusions: Mapping[str, int]
    findings: tuple[str, ...]
    at_one_place: tuple[str, ...]
    titles: Mapping[str, str]
    kinds: Mapping[str, str]
    compared: Compared
    places: Mapping[str, PlaceRecord]
    sources: Sources
    failures: tuple[Failure, ...]
    draws: Draws
    disclaimer: str = DISCLAIMER
