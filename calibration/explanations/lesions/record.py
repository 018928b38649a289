"""Where a model's evidence lies beside marked lesions: what ``lesions.json`` holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from calibration.explanations.estimate import Estimate
from calibration.explanations.lesions.judged import CONTROLS
from calibration.explanations.lesions.measures import TOLERANCE
from calibration.explanations.stability.shaken import LeftOut
from edge_runtime.contract import DISCLAIMER
from edge_runtime.predict.record import BundleIdentity

#: By the names of ``MEASURES``.
Measures = Mapping[str, Estimate]


@dataclass(frozen=True)
class OnMarks:
    """How a class's maps and others lie on one kind of marks, over the photos that have it.

    ``maps`` has the means of each kind of map, ``chance`` those of evidence that is spread evenly
    or of a random place. ``gains`` has by how much the model's map is above each other one on the
    same photos. ``p_corrected`` is the two-sided p of that over the random maps, corrected for all
    verdicts of the analysis, and ``verdicts`` say whether it is told from nothing. ``right`` and
    ``wrong`` are the model's map where a marked lesion was and wasn't named as retinopathy, and
    ``right_less_wrong`` the difference of both.
    """

    photos: int
    maps: Mapping[str, Measures]
    chance: Measures
    gains: Mapping[str, Measures]
    p_corrected: Mapping[str, float | None]
    verdicts: Mapping[str, str]
    right: Measures
    wrong: Measures
    right_less_wrong: Measures


@dataclass(frozen=True)
class Marked:
    """What is marked, over the photos that have it: share 0..1 of the eye, and separate areas."""

    photos: int
    area: Estimate
    spots: Estimate


@dataclass(frozen=True)
class Trends:
    """Spearman's correlations over photos with the area of a lesion and with its number.

    ``share`` and ``times`` are those of the evidence, see ``MEASURES``; ``probability`` is the
    class's. Evidence that is spread evenly gives 1 for the share and the area, and what the area
    and the number have in common, ``evenly``, for the share and the number.
    """

    share_by_area: Estimate
    share_by_spots: Estimate
    times_by_area: Estimate
    times_by_spots: Estimate
    probability_by_area: Estimate
    probability_by_spots: Estimate
    evenly: Estimate


@dataclass(frozen=True)
class PhotoRow:
    """One photo; by kind of mark: area, spots, and the named class's map as it is shown.

    ``right`` is None where no lesion is marked, so that the true class isn't known.
    """

    path: str
    predicted: str
    probability: float
    right: bool | None
    area: Mapping[str, float]
    spots: Mapping[str, int]
    times: Mapping[str, float]
    auroc: Mapping[str, float]


@dataclass(frozen=True)
class LesionsRecord:
    """All figures of an analysis.

    ``named`` is the class that the lesions speak for. ``explained`` is by explained class
    ("predicted", or its name), then by level ("place" for the pixels of the heatmap as it is shown,
    "cell" for its cells), then by kind of mark.
    """

    bundle: BundleIdentity
    model: str
    gradients: str
    named: str
    seed: int
    draws: int
    photos: int
    persons: int
    patients_known: bool
    predicted: Mapping[str, int]
    left_out: tuple[LeftOut, ...]
    marked: Mapping[str, Marked]
    explained: Mapping[str, Mapping[str, Mapping[str, OnMarks]]]
    trends: Mapping[str, Trends]
    rows: tuple[PhotoRow, ...]
    tolerance: float = TOLERANCE
    controls: Mapping[str, str] = field(default_factory=lambda: dict(CONTROLS))
    disclaimer: str = DISCLAIMER
