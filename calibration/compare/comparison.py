"""Compare what two models answered: classes, confidence, referral, where the evidence lies."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.compare.map_drift import DriftByClass
from calibration.compare.paired import Paired, paired_figures
from calibration.compare.weight_sqnr import WeightComparison
from calibration.models.evaluation_set import EvaluationSet
from calibration.models.model_under_test import ModelUnderTest, Outputs
from edge_runtime.bundle.manifest import Manifest
from edge_runtime.bundle.metrics import Interval
from edge_runtime.bundle.thresholds import Thresholds
from train.data.contrasts import HEALTHY
from train.evaluation.as_predicted import referred
from train.evaluation.evidence import Evidence, evidence_figures
from train.metrics.intervals import Bootstrap, percentile_interval, resample_groups
from train.metrics.reliability import expected_calibration_error

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class AnswersAgreement:
    """The share 0..1 of photos with the same class, its 95 % interval, and how many changed.

    The differences are those of a probability.
    """

    top1: float
    interval: Interval
    changed: int
    probability_difference_mean: float
    probability_difference_max: float


@dataclass(frozen=True)
class PairedConfidence:
    """Calibration errors: the original's as it is and at the model's temperature, the model's.

    ``ece_rise`` is the model's minus the smaller of the original's two.
    """

    ece_original: float
    ece_original_as_is: float
    temperature_original: float
    temperature_bundle: float
    ece_model: float
    ece_rise: float


@dataclass(frozen=True)
class ReferralFlips:
    """How many photos each model refers by which ``rule``, and which decisions changed.

    ``lost_in_need`` are lost referrals of eyes that need one. A share is None without such eyes.
    """

    rule: str
    no_referral: tuple[str, ...]
    original: int
    model: int
    lost: int
    lost_in_need: int
    gained: int
    sensitivity_original: float | None
    sensitivity_model: float | None
    specificity_original: float | None
    specificity_model: float | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A model's answers against the original's.

    ``referral`` is None where it isn't known who needs none. ``evidence`` is where that of the
    "original" and that of the "model" lies.
    """

    paired: Paired
    agreement: AnswersAgreement
    confidence: PairedConfidence
    referral: ReferralFlips | None
    evidence: Mapping[str, Evidence]


@dataclass(frozen=True, kw_only=True)
class ModelFigures(Comparison):
    """All that gates judge a model by: maps and weights too.

    ``may_saturate`` says that its sums can, on this processor.
    """

    explanation: DriftByClass
    weights: WeightComparison
    may_saturate: bool


def compare(
    data: EvaluationSet,
    manifest: Manifest,
    original: tuple[ModelUnderTest, Outputs],
    model: Outputs,
    bootstrap: Bootstrap,
) -> Comparison:
    """Measure a model's answers against the original's.

    An original without the model's temperature would differ in every probability. So it is read
    at the model's temperature, and what is left is what the model itself changed. Its calibration
    error is measured both ways, and the model's must not rise above the smaller one.

    Args:
        data: What both were asked.
        manifest: That of the bundle under examination ``for_model``: its temperature and thresholds
            are the model's.
        original: The original and its answers.
        model: The answers of the model under examination.
        bootstrap: Draws of groups for intervals.
    """
    tested, as_is = original
    alike = as_is.calibrated(manifest.temperature)
    first, second = alike.probabilities, model.probabilities
    same, apart = alike.top == model.top, np.abs(first - second)
    errors = [
        expected_calibration_error(each.probabilities, data.labels)
        for each in (alike, as_is, model)
    ]
    draws = resample_groups(data.groups, bootstrap)
    return Comparison(
        paired=paired_figures(data.labels, first, second, data.groups, data.classes, bootstrap),
        agreement=AnswersAgreement(
            top1=float(same.mean()),
            interval=percentile_interval([same[draw].mean() for draw in draws]),
            changed=int((~same).sum()),
            probability_difference_mean=float(apart.mean()),
            probability_difference_max=float(apart.max()),
        ),
        confidence=PairedConfidence(
            ece_original=errors[0],
            ece_original_as_is=errors[1],
            temperature_original=tested.file.temperature,
            temperature_bundle=manifest.temperature,
            ece_model=errors[2],
            ece_rise=errors[2] - min(errors[:2]),
        ),
        referral=_referral(data, manifest.thresholds, first, second),
        evidence={
            name: evidence_figures(
                said.cam[np.arange(len(said.top)), said.top],
                data.images(manifest.input_size),
                limit=manifest.evidence_outside_max,
            )
            for name, said in (("original", as_is), ("model", model))
        },
    )


def _referral(
    data: EvaluationSet, thresholds: Thresholds | None, first: Doubles, second: Doubles
) -> ReferralFlips | None:
    """Count the flips in referral, by the thresholds or else by the predicted class."""
    healthy = thresholds.no_referral if thresholds else (HEALTHY,)
    before, after = (referred(each, data.classes, thresholds) for each in (first, second))
    if before is None or after is None:
        return None
    needs_none = [index for index, name in enumerate(data.classes) if name in healthy]
    ill = ~np.isin(data.labels, needs_none)
    lost = before & ~after
    return ReferralFlips(
        rule="predicted class" if thresholds is None else "thresholds",
        no_referral=healthy,
        original=int(before.sum()),
        model=int(after.sum()),
        lost=int(lost.sum()),
        lost_in_need=int((lost & ill).sum()),
        gained=int((after & ~before).sum()),
        sensitivity_original=_share(before[ill]),
        sensitivity_model=_share(after[ill]),
        specificity_original=_share(~before[~ill]),
        specificity_model=_share(~after[~ill]),
    )


def _share(chosen: npt.NDArray[np.bool_]) -> float | None:
    return float(chosen.mean()) if len(chosen) else None
