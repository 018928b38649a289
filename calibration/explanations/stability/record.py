"""How steady explanations are under perturbations: what ``stability.json`` holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from calibration.explanations.estimate import Estimate
from calibration.explanations.reliability import Reliability
from calibration.explanations.stability.noise_sensitivity import NoiseBall
from calibration.explanations.stability.shaken import LeftOut
from edge_runtime.contract import DISCLAIMER

Measures = Mapping[str, Estimate]


@dataclass(frozen=True)
class AtStrength:
    """What one strength of a perturbation does; maps are of the class first predicted.

    ``amount`` is in the perturbation's unit. ``changed`` is the share of photos whose class
    changed, ``probability_lost`` how much the first class's probability fell in the mean (below 0
    where it rose), ``probability_moved`` the same without its sign. ``all``, ``held`` and
    ``flipped`` are the measures of the maps of all photos, of those that kept their class, and of
    the others.
    """

    strength: int
    amount: float
    changed: Estimate
    probability_lost: Estimate
    probability_moved: Estimate
    all: Measures
    held: Measures
    flipped: Measures


@dataclass(frozen=True)
class UnderPerturbation:
    """What a perturbation does through its strengths.

    ``areas`` are those under the curves against the strength, 0..1, of which 1 is a map that never
    moves: correlations count from 0 up, distances in pixels as 1 minus their share of the picture's
    diagonal. ``class_area`` is that of the share that keeps the class. ``followed`` are the areas
    of a map that moves with the eye exactly (what interpolation costs), ``uncarried`` of the map as
    it stands, without carrying it back; both empty where nothing moves. ``held`` and ``flipped``
    are the measures of the photos at those strengths at which they kept their class, and at the
    others.
    """

    does: str
    unit: str
    strengths: tuple[AtStrength, ...]
    areas: Measures
    class_area: Estimate
    followed: Measures
    uncarried: Measures
    held: Measures
    flipped: Measures


@dataclass(frozen=True)
class Baseline:
    """What another map than the photo's own reaches: the measures, and as 0..1 like the areas."""

    measures: Measures
    closeness: Measures


@dataclass(frozen=True)
class UnderNoise:
    """How far the map moves under noise that is hardly seen, see ``noise_sensitivity``.

    ``other_photo`` is the relative change that another photo's map would be.
    """

    norm: str
    ball: NoiseBall
    max_sensitivity: Estimate
    relative: Estimate
    lipschitz: Estimate
    other_photo: Estimate


@dataclass(frozen=True)
class WorstCase:
    """The photo whose map correlates least under a perturbation; ``index`` is its number."""

    perturbation: str
    strength: int
    amount: float
    photo: str
    index: int
    explained: str
    now: str
    probability_before: float
    probability_after: float
    pearson: float
    iou: float


@dataclass(frozen=True)
class StabilityRecord:
    """All figures of an analysis, as ``stability.json`` holds them.

    ``other_class``, ``other_side`` and ``fewer`` photos were held against other persons' photos of
    another predicted class, of another or an unknown side of the eye, and of fewer than are drawn.
    """

    model: str
    bundle: str
    bundle_identity: str
    input_size: tuple[int, int]
    seed: int
    photos: int
    persons: int
    photos_by_class: Mapping[str, int]
    left_out: tuple[LeftOut, ...]
    perturbations: Mapping[str, UnderPerturbation]
    baselines: Mapping[str, Baseline]
    other_class: int
    other_side: int
    fewer: int
    noise: UnderNoise
    reliability: Mapping[str, Reliability]
    worst: tuple[WorstCase, ...]
    disclaimer: str = DISCLAIMER
