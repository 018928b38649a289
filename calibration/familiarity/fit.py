"""Fit what a bundle knows of its training photographs to their pooled features."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from edge_runtime.bundle.familiarity import Familiarity

Floats = npt.NDArray[np.float32]

_DIRECTIONS = 64
_QUANTILES = 201
_WITHIN = 0.99  # of all validation photographs, and of those of each class
_FEWEST = 20  # photographs of a class, below which it has no say
_ROOM = 2.0  # times the squared length: cameras never seen lie farther (decision 0065)
_MARGIN = 0.3  # of the logit beyond, and beyond 0
_STRENGTH = 1e-2  # scikit-learn's C: few drawings mustn't decide by single features
_STEADY = 0.02  # of an activation: features that hardly vary aren't blown up


def fit_familiarity(
    training: Floats, validation: Floats, drawn: Floats, *, labels: Sequence[object]
) -> Familiarity:
    """Fit the directions and the classifier on training, and set the limits on validation.

    Args:
        training: float32 (N, K), pooled features of training photographs.
        validation: float32 (V, K), of validation photographs.
        drawn: float32 (M, K), of drawn pictures that are no fundus photographs.
        labels: What each of the V photographs is labelled: a disease that makes photographs look
            unlike others, such as a cataract, mustn't be refused for it.
    """
    mean = training.mean(axis=0)
    directions, scales = _main_directions(training - mean)
    weights, offset = _classifier(training, drawn)
    logits = validation.astype(np.float64) @ weights + offset
    limit = max(_limit(logits, labels), 0.0) + _MARGIN
    near = min(float(np.median(logits)), limit - 1)
    fitted = Familiarity(
        mean,
        directions,
        scales,
        residual_max=1.0,
        weights=weights,
        offset=float(offset - limit),
        slope=1 / (limit - near),
        distances=np.ones(1, np.float32),
    )
    fitted = replace(fitted, residual_max=_ROOM * _limit(fitted.residual(validation), labels))
    quantiles = np.quantile(fitted.distance(validation), np.linspace(0, 1, _QUANTILES))
    return replace(fitted, distances=quantiles.astype(np.float32))


def _limit(values: npt.NDArray[np.float64], labels: Sequence[object]) -> float:
    """Find what nearly all photographs stay below, and nearly all of each class."""
    limits = [float(np.quantile(values, _WITHIN))]
    for label, count in Counter(labels).items():
        if count >= _FEWEST:
            of_class = values[np.array([each == label for each in labels], bool)]
            limits.append(float(np.quantile(of_class, _WITHIN)))
    return max(limits)


def _main_directions(apart: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Find the directions in which features differ most, in 8 bits: (D, K) and (D,)."""
    covariance = np.cov(apart.T)
    count = min(_DIRECTIONS, len(covariance) // 2, len(apart) // 4)
    _, vectors = np.linalg.eigh(covariance)
    main = vectors[:, ::-1][:, :count].T
    scales = np.abs(main).max(axis=1) / 127
    return np.rint(main / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def _classifier(training: Floats, drawn: Floats) -> tuple[Floats, float]:
    """Fit a logistic regression of drawn pictures against training photographs."""
    middle, spread = training.mean(axis=0), training.std(axis=0) + _STEADY
    features = (np.concatenate([training, drawn]) - middle) / spread
    is_drawn = np.repeat([0, 1], [len(training), len(drawn)])
    model = LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=300)
    model.fit(features, is_drawn)
    weights = model.coef_[0] / spread
    return weights.astype(np.float32), float(model.intercept_[0] - weights @ middle)
