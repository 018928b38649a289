"""Compare what two models tell within each source of the photos."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from calibration.models.evaluation_set import EvaluationSet
from calibration.models.model_under_test import Outputs
from train.data.contrasts import Contrast, contrasts, sources_of
from train.data.truth import Truth
from train.evaluation.by_source import source_weights, weighted_auroc
from train.metrics.intervals import figure_interval

Doubles = npt.NDArray[np.float64]


def within_sources(
    data: EvaluationSet,
    original: Sequence[Outputs],
    model: Sequence[Outputs],
    *,
    temperature: float,
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """Compare a model with the original on photos that have sources.

    Args:
        data: What both were asked.
        original: Its answers to the photos and, where there are any, to its others.
        model: Likewise those of the model under examination.
        temperature: At which the original is read, see ``calibration.compare.comparison``.
        resamples: Draws of groups.
        seed: Of the draws.

    Returns:
        ``by_source``, what ``paired_by_source`` returns; empty where no photo has a source.
    """
    found = paired_by_source(
        np.concatenate([part.at_temperature(temperature) for part in original]),
        np.concatenate([part.probabilities for part in model]),
        data.truth,
        np.concatenate([data.groups, data.other_groups]),
        data.classes,
        resamples=resamples,
        seed=seed,
    )
    return {} if found is None else {"by_source": found}


def paired_by_source(
    original: Doubles,
    model: Doubles,
    truth: Truth,
    groups: npt.NDArray[np.integer],
    classes: Sequence[str],
    *,
    resamples: int,
    seed: int,
) -> dict[str, Any] | None:
    """Measure how two models tell each disease within each source, and their difference.

    Every draw of groups serves both. ``train.evaluation.by_source`` defines the figures.

    Args:
        original: (N, C), the original's probabilities.
        model: (N, C), the model's.
        truth: What is known of the N photos.
        groups: (N,), the group of each photo.
        classes: The C class names.
        resamples: Draws of the groups of each source.
        seed: Of the draws.

    Returns:
        None where no photo has a source. Else JSON-ready: ``sources``, by source and disease
        ``against``, ``photos``, ``photos_against`` and the AUROC of ``original`` and ``model``,
        their ``difference`` (model minus original) and its 95 % ``interval``, null where the
        photos give none; and ``mean_within_sources``, by disease the means over the number of
        ``sources`` that have an AUROC.
    """
    if not any(truth.sources):
        return None
    sources: dict[str, dict[str, Any]] = {name: {} for name in sources_of(truth)}
    parts: dict[str, list[_Pair]] = {}
    weights: dict[str, Doubles] = {}
    of_source = np.array(truth.sources, object)
    for contrast in contrasts(truth, classes):
        here = np.asarray(of_source == contrast.source)
        if contrast.source not in weights:
            weights[contrast.source] = source_weights(
                groups[here], contrast.source, resamples=resamples, seed=seed
            )
        name = classes[contrast.disease]
        pair = _pair(contrast, here, original, model, groups, weights[contrast.source])
        if pair is not None:
            parts.setdefault(name, []).append(pair)
        sources[contrast.source][name] = {
            "against": contrast.against,
            "photos": int(contrast.positive.sum()),
            "photos_against": int(contrast.negative.sum()),
            **_figures([pair] if pair is not None else []),
        }
    return {
        "sources": sources,
        "mean_within_sources": {
            name: {**_figures(parts[name]), "sources": len(parts[name])}
            for name in classes
            if name in parts
        },
    }


_Pair = tuple[float, float, Doubles, int]  # of original and model, draws of the difference, groups


def _pair(
    contrast: Contrast,
    here: npt.NDArray[np.bool_],
    original: Doubles,
    model: Doubles,
    groups: npt.NDArray[np.integer],
    weights: Doubles,
) -> _Pair | None:
    of, others = contrast.positive[here], contrast.negative[here]
    if not others.any():
        return None
    once = np.ones((1, len(of)))
    (first, firsts), (second, seconds) = (
        [weighted_auroc(scores, of, others, rows) for rows in (once, weights)]
        for scores in (outputs[here, contrast.disease] for outputs in (original, model))
    )
    needs = min(len(np.unique(groups[here][kind])) for kind in (of, others))
    return float(first[0]), float(second[0]), seconds - firsts, needs


def _figures(pairs: Sequence[_Pair]) -> dict[str, Any]:
    """Average pairs, of one source or of several."""
    if not pairs:
        return dict.fromkeys(("original", "model", "difference", "interval"))
    firsts, seconds, draws, needs = zip(*pairs, strict=True)
    first, second = float(np.mean(firsts)), float(np.mean(seconds))
    interval, _ = figure_interval(np.mean(draws, axis=0), groups=min(needs), trials=None)
    return {
        "original": first, "model": second, "difference": second - first, "interval": interval,
    }  # fmt: skip
