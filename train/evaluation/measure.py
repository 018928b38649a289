"""Measure what a model said of photos, whatever runs it, and write down all of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec import UNSET

from edge_runtime.bundle.metrics import Metrics
from edge_runtime.contract import DISCLAIMER
from train.evaluation.answered import Answered
from train.evaluation.as_predicted import as_predicted
from train.evaluation.by_source import by_source
from train.evaluation.contact_sheet import worst_errors
from train.evaluation.evaluation import BinFigures, Evaluation, PhotoError, Provenance
from train.evaluation.evidence import evidence_figures
from train.evaluation.folder import write_evaluation
from train.evaluation.gate import gate_figures
from train.metrics.classification import evaluate
from train.metrics.intervals import BOOTSTRAP, Bootstrap, figure_interval, resampled_weights
from train.metrics.reliability import bin_accuracies, confidence_bins, reliability_bins

#: How many errors the contact sheet shows at most.
WORST = 12

_PLOT_DRAWS = 500  # of the bands in the plots, which are read by eye


def evaluate_answers(
    answered: Answered,
    provenance: Provenance,
    *,
    out: Path | None = None,
    bootstrap: Bootstrap = BOOTSTRAP,
) -> Evaluation:
    """Measure what a model said, and write a folder with everything about it.

    Photos of which only a class that they aren't is known count by source alone. Where the quality
    gate was asked, the figures are of all photos, as if there were none; ``with_gate`` has those
    of the photos that it lets pass.

    Args:
        answered: What was said; the class of one photo at least must be known.
        provenance: Where model and photos come from.
        out: The folder to make; None to write nothing.
        bootstrap: Draws of the groups.

    Raises:
        OutputExistsError: Something stands at ``out``.
        OutputFailedError: It can't be written there.
    """
    known = answered.photos.truth.known
    probabilities, labels = answered.probabilities[known], answered.photos.truth.labels[known]
    groups = answered.photos.groups[known]
    few = replace(bootstrap, resamples=min(bootstrap.resamples, _PLOT_DRAWS))
    weights = np.concatenate(list(resampled_weights(groups, few)))
    worst = np.flatnonzero(known)[worst_errors(probabilities, labels, most=WORST)]
    evaluation = Evaluation(
        **vars(_measured(answered, np.ones(len(known), bool), bootstrap)),
        **vars(provenance),
        without_class=int((~known).sum()),
        reliability=_reliability(probabilities, labels, groups, weights),
        worst_errors=tuple(_error(answered, index) for index in worst),
        disclaimer=DISCLAIMER,
    )
    if answered.faults is not None:
        evaluation = _gated(evaluation, answered, answered.faults, bootstrap)
    if out is not None:
        write_evaluation(out, evaluation, answered, weights=weights, worst=worst)
    return evaluation


def split_title(name: str, *, flips: bool = False, caution: str = "") -> str:
    """Say what was evaluated, and what a reader of any of its figures must know."""
    return name + (", mean over flips" if flips else "") + (f" ({caution})" if caution else "")


def _measured(answered: Answered, chosen: npt.NDArray[np.bool_], bootstrap: Bootstrap) -> Metrics:
    """Measure the chosen photos, (N,): together and by source."""
    truth, classes = answered.photos.truth, answered.classes
    sure = chosen & truth.known
    within = by_source(
        answered.probabilities[chosen],
        truth.part(chosen),
        answered.photos.groups[chosen],
        classes,
        thresholds=answered.thresholds,
        bootstrap=bootstrap,
    )
    measured = evaluate(
        answered.probabilities[sure],
        truth.labels[sure],
        classes,
        groups=answered.photos.groups[sure],
        bootstrap=bootstrap,
    )
    return replace(measured, by_source=UNSET if within is None else within)


def _gated(
    evaluation: Evaluation,
    answered: Answered,
    faults: tuple[str | None, ...],
    bootstrap: Bootstrap,
) -> Evaluation:
    """Add what the quality gate changes, and where the evidence lies."""
    passed, known = np.array([fault is None for fault in faults], bool), answered.photos.truth.known
    return replace(
        evaluation,
        evidence=evidence_figures(
            answered.maps(np.arange(len(faults))),
            answered.photos.images,
            limit=answered.evidence_outside_max,
        ),
        gate=gate_figures(faults, answered.photos.truth, answered.classes),
        as_predicted=as_predicted(
            answered.probabilities[known],
            answered.photos.truth.labels[known],
            answered.photos.groups[known],
            answered.classes,
            [fault for fault, sure in zip(faults, known, strict=True) if sure],
            thresholds=answered.thresholds,
            bootstrap=bootstrap,
        ),
        with_gate=_measured(answered, passed, bootstrap) if (passed & known).any() else None,
    )


def _error(answered: Answered, index: int) -> PhotoError:
    row = answered.probabilities[index]
    return PhotoError(
        answered.photos.names[index],
        answered.classes[answered.photos.truth.labels[index]],
        answered.classes[row.argmax()],
        float(row.max()),
    )


def _reliability(
    probabilities: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer],
    groups: npt.NDArray[np.integer],
    weights: npt.NDArray[np.float64],
) -> tuple[BinFigures, ...]:
    """List the bins of the reliability diagram, each with the interval of its accuracy."""
    found, places = reliability_bins(probabilities, labels), confidence_bins(probabilities)
    draws = bin_accuracies(probabilities, labels, weights)
    listed = []
    for place, bin_ in enumerate(found):
        count = len(np.unique(groups[places == place]))
        interval, _ = figure_interval(draws[:, place], groups=count, trials=count)
        listed.append(BinFigures(**vars(bin_), groups=count, interval=interval))
    return tuple(listed)
