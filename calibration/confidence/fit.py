"""Calibrate what a model says of its confidence, and measure honestly what that gained."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from calibration.confidence.temperature import fit_temperature, negative_log_likelihood
from calibration.confidence.thresholds import choose_thresholds
from calibration.models.photo_groups import group_folds
from calibration.models.softmax import softmax
from edge_runtime.bundle.referral import referral_score
from train.metrics.intervals import figure_interval, percentile_interval, resample_groups
from train.metrics.reliability import expected_calibration_error

_FOLDS = 5

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Confidence:
    """What a calibration found, JSON-ready.

    ``temperature`` goes into the graphs, ``thresholds`` into the manifest (empty where no class
    is known to need no referral), ``figures`` are what was measured.
    """

    temperature: float
    thresholds: dict[str, Any]
    figures: dict[str, Any]


def calibrate_confidence(
    logits: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer],
    groups: npt.NDArray[np.integer],
    classes: Sequence[str],
    *,
    no_referral: Sequence[str],
    sensitivity: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Confidence:
    """Fit temperature and referral thresholds, and measure both on photos that they didn't see.

    Fitted and measured on the same photos, both would look better than they are. So the figures
    are cross-fitted: the groups are dealt into five folds, and each fold is judged by what was
    fitted on the other four. What is kept is fitted on all.

    Args:
        logits: (N, C), before any temperature.
        labels: (N,), indices of the true classes.
        groups: (N,), from ``photo_groups``.
        classes: The C class names.
        no_referral: Classes that need no referral; empty for no thresholds.
        sensitivity: The wanted share of each other class's photos that are referred.
        resamples: Draws of groups for the intervals.
        seed: Of the folds and the draws.
    """
    temperature = fit_temperature(logits, labels)
    before = softmax(logits)
    crossed, referred = _cross_fit(
        logits, labels, groups, classes, no_referral, sensitivity, seed=seed
    )
    draws = list(resample_groups(groups, resamples=resamples, seed=seed))
    ece = expected_calibration_error
    figures = {
        "photos": len(labels),
        "ece_before": ece(before, labels),
        "ece_after_cross_fitted": ece(crossed, labels),
        "ece_after_cross_fitted_interval": percentile_interval(
            [ece(crossed[draw], labels[draw]) for draw in draws]
        ),
        "ece_after_same_photos": ece(softmax(logits, temperature=temperature), labels),
        "loss_before": negative_log_likelihood(logits, labels),
        "loss_after": negative_log_likelihood(logits, labels, temperature=temperature),
        "temperature_interval": percentile_interval(
            [fit_temperature(logits[draw], labels[draw]) for draw in draws[:200]]
        ),
    }
    thresholds: dict[str, Any] = {}
    if no_referral:
        scores = referral_score(
            softmax(logits, temperature=temperature), classes, no_referral=no_referral
        )
        thresholds = _thresholds(
            scores, labels, referred, groups, draws, classes, tuple(no_referral), sensitivity
        )
    return Confidence(temperature, thresholds, figures)


def _cross_fit(
    logits: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer],
    groups: npt.NDArray[np.integer],
    classes: Sequence[str],
    no_referral: Sequence[str],
    sensitivity: float,
    *,
    seed: int,
) -> tuple[Doubles, npt.NDArray[np.bool_]]:
    """Judge every fold by what was fitted on the others: probabilities (N, C), referred (N,)."""
    probabilities = np.empty(logits.shape, np.float64)
    referred = np.zeros(len(labels), bool)
    for held_out in group_folds(groups, labels, folds=_FOLDS, seed=seed):
        temperature = fit_temperature(logits[~held_out], labels[~held_out])
        fold = softmax(logits, temperature=temperature)
        probabilities[held_out] = fold[held_out]
        if no_referral:
            scores = referral_score(fold, classes, no_referral=no_referral)
            limits = choose_thresholds(
                scores[~held_out],
                labels[~held_out],
                classes,
                no_referral=no_referral,
                sensitivity=sensitivity,
            )
            referred[held_out] = scores[held_out] >= min(limits.values())
    return probabilities, referred


def _thresholds(
    scores: Doubles,
    labels: npt.NDArray[np.integer],
    referred: npt.NDArray[np.bool_],
    groups: npt.NDArray[np.integer],
    draws: list[npt.NDArray[np.intp]],
    classes: Sequence[str],
    no_referral: tuple[str, ...],
    sensitivity: float,
) -> dict[str, Any]:
    """Put the manifest's thresholds together."""

    def choose(draw: npt.NDArray[np.intp] | slice) -> dict[str, float]:
        return choose_thresholds(
            scores[draw],
            labels[draw],
            classes,
            no_referral=no_referral,
            sensitivity=sensitivity,
        )

    def share(chosen: npt.NDArray[np.bool_]) -> tuple[float, tuple[float, float]]:
        values = [
            referred[draw][chosen[draw]].mean() if chosen[draw].any() else np.nan for draw in draws
        ]
        count = len(np.unique(groups[chosen]))
        interval, _ = figure_interval(np.array(values), groups=count, trials=count)
        low, high = interval or (0.0, 1.0)
        return float(referred[chosen].mean()), (low, high)

    redrawn = [choose(draw) for draw in draws]
    entries = {}
    for name, threshold in choose(slice(None)).items():
        of_class = labels == list(classes).index(name)
        reached, interval = share(of_class)
        entries[name] = {
            "threshold": threshold,
            "threshold_interval": percentile_interval([limits[name] for limits in redrawn]),
            "sensitivity": reached,
            "sensitivity_interval": interval,
            "photos": int(of_class.sum()),
        }
    healthy = np.isin(labels, [list(classes).index(name) for name in no_referral])
    reached, interval = share(healthy)
    return {
        "no_referral": list(no_referral),
        "sensitivity": sensitivity,
        "classes": entries,
        "specificity": 1 - reached,
        "specificity_interval": (1 - interval[1], 1 - interval[0]),
    }
