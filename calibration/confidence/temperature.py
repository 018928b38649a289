"""Fit the temperature that makes a model as confident as it is right."""

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.optimize import brentq

from calibration.models.model_under_test import softmax

#: A temperature outside of these says that the photos don't determine one.
COLDEST, HOTTEST = 0.05, 20.0


def fit_temperature(logits: npt.NDArray[np.floating], labels: npt.NDArray[np.integer]) -> float:
    """Find the temperature with the smallest negative log-likelihood.

    In b = 1 / T the loss is a mean of log-sum-exp of functions linear in b, minus a linear one, so
    it is convex and its derivative, mean(E_p[logit] - logit of the true class), never falls. Its
    one sign change is bracketed, and Brent's method can't leave the bracket: it converges.

    Args:
        logits: (N, C).
        labels: (N,), indices of the true classes.

    Returns:
        The temperature; ``COLDEST`` where every photo is right by a margin, since the loss then
        falls for ever, and ``HOTTEST`` where no confidence is warranted.

    Source: Guo et al., On Calibration of Modern Neural Networks, ICML 2017.
    """
    values = np.asarray(logits, np.float64)
    true = values[np.arange(len(labels)), labels]

    def slope(inverse: float) -> float:
        expected = (softmax(values, temperature=1 / inverse) * values).sum(axis=1)
        return float((expected - true).mean())

    if slope(1 / HOTTEST) >= 0:
        return HOTTEST
    if slope(1 / COLDEST) <= 0:
        return COLDEST
    return float(1 / brentq(slope, 1 / HOTTEST, 1 / COLDEST, xtol=1e-10))


def negative_log_likelihood(
    logits: npt.NDArray[np.floating], labels: npt.NDArray[np.integer], *, temperature: float = 1.0
) -> float:
    """Average the loss that the temperature is fitted by, in nats."""
    chances = special.log_softmax(np.asarray(logits, np.float64) / temperature, axis=1)
    return float(-chances[np.arange(len(labels)), labels].mean())
