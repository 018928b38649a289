"""Measure what a model said of photos, whatever runs it, and write down all of it."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_runtime.contract import DISCLAIMER
from train.evaluation.answered import Answered
from train.evaluation.by_source import by_source
from train.evaluation.contact_sheet import worst_errors
from train.evaluation.evidence import evidence_figures
from train.evaluation.folder import write_evaluation
from train.evaluation.gate import gate_figures
from train.metrics.classification import evaluate
from train.metrics.intervals import figure_interval, resampled_weights
from train.metrics.reliability import bin_accuracies, confidence_bins, reliability_bins

#: How many errors the contact sheet shows at most.
WORST = 12

_PLOT_DRAWS = 500  # of the bands in the plots, which are read by eye


def evaluate_answers(
    answered: Answered,
    *,
    name: str,
    title: str,
    out: Path | None = None,
    resamples: int = 2000,
    seed: int = 0,
    origin: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Measure what a model said, and write a folder with everything about it.

    Photos of which only a class that they aren't is known count by source alone. Where the quality
    gate was asked, the figures are of all photos, as if there were none; ``with_gate`` has those
    of the photos that it lets pass.

    Args:
        answered: What was said; the class of one photo at least must be known.
        name: What is evaluated: the split.
        title: What stands over any table or plot, cautions included.
        out: The folder to make; None to write nothing.
        resamples: Bootstrap draws of the groups.
        seed: Seed of the draws.
        origin: More to write into ``metrics.json``: where model and photos come from.

    Returns:
        The content of ``metrics.json``: an ``evaluate`` result with intervals, ``by_source`` where
        there are sources, ``title``, ``split``, ``without_class`` (of how many more only a class
        that they aren't is known), ``reliability`` (bins with intervals),
        ``worst_errors``, with a gate ``evidence`` (see ``evidence_figures``), ``gate`` (see
        ``train.evaluation.gate``) and ``with_gate`` (an
        ``evaluate`` result and ``by_source``, null where it lets no photo pass), ``disclaimer``
        and what ``origin`` says.

    Raises:
        OutputExistsError: Something stands at ``out``.
        OutputFailedError: It can't be written there.
    """
    draws = {"resamples": resamples, "seed": seed}
    known = answered.truth.known
    sure = np.flatnonzero(known)
    probabilities, labels = answered.probabilities[known], answered.truth.labels[known]
    groups = answered.groups[known]
    weights = np.concatenate(
        list(resampled_weights(groups, resamples=min(resamples, _PLOT_DRAWS), seed=seed))
    )
    worst = sure[worst_errors(probabilities, labels, most=WORST)]
    result = {
        "title": title,
        **(origin or {}),
        "split": name,
        **_measured(answered, np.ones(len(known), bool), **draws),
        "without_class": int((~known).sum()),
        "reliability": _reliability(probabilities, labels, groups, weights),
        "worst_errors": [_error(answered, index) for index in worst],
    }
    if answered.faults is not None:
        maps = answered.maps(np.arange(len(known)))
        result["evidence"] = evidence_figures(
            maps, answered.images, limit=answered.evidence_outside_max
        )
        passed = np.array([fault is None for fault in answered.faults], bool)
        result["gate"] = gate_figures(answered.faults, answered.truth, answered.classes)
        is_any = bool((passed & known).any())
        result["with_gate"] = _measured(answered, passed, **draws) if is_any else None
    result["disclaimer"] = DISCLAIMER
    if out is not None:
        write_evaluation(out, result, answered, weights=weights, worst=worst)
    return result


def split_title(name: str, *, flips: bool = False, caution: str = "") -> str:
    """Say what was evaluated, and what a reader of any of its figures must know."""
    return name + (", mean over flips" if flips else "") + (f" ({caution})" if caution else "")


def _measured(
    answered: Answered, chosen: npt.NDArray[np.bool_], *, resamples: int, seed: int
) -> dict[str, Any]:
    """Measure the chosen photos, (N,): together and by source."""
    truth, classes = answered.truth, answered.classes
    sure = chosen & truth.known
    measured = evaluate(
        answered.probabilities[sure],
        truth.labels[sure],
        classes,
        groups=answered.groups[sure],
        resamples=resamples,
        seed=seed,
    )
    within = by_source(
        answered.probabilities[chosen],
        truth.part(chosen),
        answered.groups[chosen],
        classes,
        thresholds=answered.thresholds,
        resamples=resamples,
        seed=seed,
    )
    return measured if within is None else {**measured, "by_source": within}


def _error(answered: Answered, index: int) -> dict[str, Any]:
    row = answered.probabilities[index]
    return {
        "photo": answered.photos[index],
        "true": answered.classes[answered.truth.labels[index]],
        "predicted": answered.classes[row.argmax()],
        "confidence": float(row.max()),
    }


def _reliability(
    probabilities: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer],
    groups: npt.NDArray[np.integer],
    weights: npt.NDArray[np.float64],
) -> list[dict[str, Any]]:
    """List the bins of the reliability diagram, each with the interval of its accuracy."""
    found, places = reliability_bins(probabilities, labels), confidence_bins(probabilities)
    draws = bin_accuracies(probabilities, labels, weights)
    listed = []
    for place, bin_ in enumerate(found):
        count = len(np.unique(groups[places == place]))
        interval, _ = figure_interval(draws[:, place], groups=count, trials=count)
        listed.append({**asdict(bin_), "groups": count, "interval": interval})
    return listed
