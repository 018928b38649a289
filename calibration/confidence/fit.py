"""Calibrate what a model says of its confidence, and measure honestly what that gained."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold

from calibration.confidence.temperature import fit_temperature, negative_log_likelihood
from calibration.confidence.thresholds import ConfidenceOptions, choose_thresholds, scarce_classes
from calibration.models.model_under_test import softmax
from edge_runtime.bundle.metrics import Interval
from edge_runtime.bundle.referral import referral_score
from edge_runtime.bundle.thresholds import ClassThreshold, Thresholds
from train.metrics.intervals import (
    Bootstrap,
    figure_interval,
    percentile_interval,
    resample_groups,
)
from train.metrics.reliability import expected_calibration_error

_FOLDS = 5
_TEMPERATURE_DRAWS = 200

Doubles = npt.NDArray[np.float64]
Labels = npt.NDArray[np.integer]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ConfidenceFigures:
    """What a calibration gained on some photos: calibration errors and losses, 95 % intervals.

    ``..._cross_fitted`` are measured on photos that weren't fitted, ``..._same_photos`` aren't.
    """

    photos: int
    ece_before: float
    ece_after_cross_fitted: float
    ece_after_cross_fitted_interval: Interval
    ece_after_same_photos: float
    loss_before: float
    loss_after: float
    temperature_interval: Interval


@dataclass(frozen=True)
class Confidence:
    """What a calibration found.

    ``temperature`` goes into the graphs, ``thresholds`` into the manifest (None where no class is
    known to need no referral, or some class has too few photos), ``figures`` are what was measured.
    """

    temperature: float
    thresholds: Thresholds | None
    figures: ConfidenceFigures


def calibrate_confidence(
    logits: npt.NDArray[np.floating],
    labels: Labels,
    groups: Labels,
    classes: Sequence[str],
    options: ConfidenceOptions,
    *,
    bootstrap: Bootstrap,
) -> Confidence:
    """Fit temperature and referral thresholds, and measure both on photos that they didn't see.

    Fitted and measured on the same photos, both would look better than they are. So the figures
    are cross-fitted: the groups are dealt into five folds, and each fold is judged by what was
    fitted on the other four. What is kept is fitted on all.

    Args:
        logits: (N, C), before any temperature.
        labels: (N,), indices of the true classes.
        groups: (N,), the group of each photo.
        classes: The C class names.
        options: Who is to be referred.
        bootstrap: Draws of groups for the intervals; its seed deals the folds too.
    """
    temperature = fit_temperature(logits, labels)
    before, after = softmax(logits), softmax(logits, temperature=temperature)
    crossed, reached = _cross_fit(logits, labels, groups, classes, options, seed=bootstrap.seed)
    draws = list(resample_groups(groups, bootstrap))
    ece = expected_calibration_error
    figures = ConfidenceFigures(
        photos=len(labels),
        ece_before=ece(before, labels),
        ece_after_cross_fitted=ece(crossed, labels),
        ece_after_cross_fitted_interval=percentile_interval(
            [ece(crossed[draw], labels[draw]) for draw in draws]
        ),
        ece_after_same_photos=ece(after, labels),
        loss_before=negative_log_likelihood(logits, labels),
        loss_after=negative_log_likelihood(logits, labels, temperature=temperature),
        temperature_interval=percentile_interval(
            [fit_temperature(logits[draw], labels[draw]) for draw in draws[:_TEMPERATURE_DRAWS]]
        ),
    )
    thresholds = None
    if options.no_referral and (options.few_photos or not scarce_classes(labels, classes, options)):
        thresholds = _thresholds(after, labels, reached, groups, draws, classes, options)
    return Confidence(temperature, thresholds, figures)


def group_folds(groups: Labels, labels: Labels, *, folds: int, seed: int) -> Iterator[Mask]:
    """Deal whole groups into folds, so that each has its share of every class.

    Classes aren't looked at where none has as many photos as there are folds:
    ``StratifiedGroupKFold`` would refuse.

    Args:
        groups: (N,), the group of each photo; N at least 2.
        labels: (N,), its class.
        folds: How many; no more than N are made.
        seed: The same seed deals alike.

    Yields:
        (N,), true for the photos of one fold.
    """
    if np.bincount(labels).max() < folds:
        labels = np.zeros_like(labels)
    dealer = StratifiedGroupKFold(min(folds, len(labels)), shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # some class has fewer photos than folds
        dealt = list(dealer.split(labels, labels, groups))
    for _, chosen in dealt:
        yield np.isin(np.arange(len(labels)), chosen)


def _cross_fit(
    logits: npt.NDArray[np.floating],
    labels: Labels,
    groups: Labels,
    classes: Sequence[str],
    options: ConfidenceOptions,
    *,
    seed: int,
) -> tuple[Doubles, dict[str, Mask]]:
    """Judge every fold by what was fitted on the others.

    Returns the probabilities (N, C), and who reaches each class's threshold, (N,) by its name.
    """
    probabilities = np.empty(logits.shape, np.float64)
    reached = {
        name: np.zeros(len(labels), bool) for name in classes if name not in options.no_referral
    }
    for held_out in group_folds(groups, labels, folds=_FOLDS, seed=seed):
        others = ~held_out
        temperature = fit_temperature(logits[others], labels[others])
        fold = softmax(logits, temperature=temperature)
        probabilities[held_out] = fold[held_out]
        if options.no_referral:
            scores = referral_score(fold, classes, no_referral=options.no_referral)
            limits = choose_thresholds(scores[others], labels[others], classes, options)
            for name, limit in limits.items():
                reached[name][held_out] = scores[held_out] >= limit
    return probabilities, reached


def _thresholds(
    probabilities: Doubles,
    labels: Labels,
    reached: dict[str, Mask],
    groups: Labels,
    draws: list[npt.NDArray[np.intp]],
    classes: Sequence[str],
    options: ConfidenceOptions,
) -> Thresholds:
    """Put the manifest's thresholds together."""
    scores = referral_score(probabilities, classes, no_referral=options.no_referral)
    redrawn = [choose_thresholds(scores[draw], labels[draw], classes, options) for draw in draws]

    def share(of: Mask, chosen: Mask) -> tuple[float | None, Interval]:
        if not chosen.any():
            return None, (0.0, 1.0)
        values = [of[draw][chosen[draw]].mean() if chosen[draw].any() else np.nan for draw in draws]
        count = len(np.unique(groups[chosen]))
        interval, _ = figure_interval(np.array(values), groups=count, trials=count)
        return float(of[chosen].mean()), interval or (0.0, 1.0)

    referred = np.logical_or.reduce(list(reached.values()))
    healthy = np.array([name in options.no_referral for name in classes])[labels]
    found = {}
    for name, threshold in choose_thresholds(scores, labels, classes, options).items():
        of_class = labels == list(classes).index(name)
        interval = percentile_interval([limits[name] for limits in redrawn])
        found[name] = ClassThreshold(
            threshold,
            interval,
            *share(referred, of_class),
            int(of_class.sum()),
            *share(~reached[name], healthy),
        )
    return Thresholds(options.no_referral, options.sensitivity, found, *share(~referred, healthy))
