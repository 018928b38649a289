"""Measure a classifier within each source of its photos, where the camera can't help it."""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from msgspec import UNSET

from edge_runtime.bundle.metrics import (
    AtThreshold,
    BySource,
    DiseaseFigures,
    Figure,
    MeanFigure,
    SourceFigures,
)
from edge_runtime.bundle.referral import referral_score
from edge_runtime.bundle.thresholds import Thresholds
from train.data.contrasts import HEALTHY, Contrast, contrasts, sources_of
from train.data.truth import Truth
from train.metrics.classification import FEW_GROUPS
from train.metrics.intervals import (
    BOOTSTRAP,
    CONFIDENCE,
    Bootstrap,
    figure_interval,
    resampled_weights,
)
from train.metrics.roc import area, weighted_roc

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Probabilities = npt.NDArray[np.floating]
Groups = npt.NDArray[np.integer]

_Defined = tuple[float, Floats, int]  # a figure, its draws, the groups that it rests on


def by_source(
    probabilities: Probabilities,
    truth: Truth,
    groups: Groups,
    classes: Sequence[str],
    *,
    thresholds: Thresholds | None = None,
    bootstrap: Bootstrap = BOOTSTRAP,
) -> BySource | None:
    """Measure how a classifier tells each disease from healthy eyes of the same source.

    A figure over several sources can be good because the model tells the cameras apart. Within
    one source it can't.

    Args:
        probabilities: (N, C), rows sum to 1.
        truth: What is known of the N photos.
        groups: (N,), the group of each photo, any integers.
        classes: The C class names in the model's order.
        thresholds: The referral thresholds of a manifest, if there are any.
        bootstrap: Draws of the groups of each source.

    Returns:
        None where no photo has a source, and of each the class is known.
    """
    if not any(truth.sources) and truth.known.all():
        return None
    notes: dict[str, str] = {}
    found: dict[str, SourceFigures] = {}
    means: dict[str, list[_Defined]] = {}
    named = np.array(truth.names(classes), object)
    of_source = np.array(truth.sources, object)
    told = contrasts(truth, classes)
    for source in sources_of(truth):
        here = np.asarray(of_source == source)
        weights = source_weights(groups[here], source, bootstrap)
        part = _Part(probabilities[here], groups[here], weights, classes, source, notes)
        found[source] = SourceFigures(
            photos=int(here.sum()),
            groups=_count(groups[here]),
            by_class=dict(sorted(Counter(named[here].tolist()).items())),
            healthy_named_healthy=part.healthy(truth.labels[here]),
            diseases={
                classes[contrast.disease]: part.disease(contrast, here, thresholds)
                for contrast in told
                if contrast.source == source
            },
        )
        for name, defined in part.aurocs.items():
            means.setdefault(name, []).append(defined)
    return BySource(
        healthy=HEALTHY if HEALTHY in classes else None,
        confidence=CONFIDENCE,
        method="percentile bootstrap over the groups of each source",
        resamples=bootstrap.resamples,
        seed=bootstrap.seed,
        sources=found,
        mean_within_sources={k: _mean(k, means[k], notes) for k in classes if k in means},
        notes=notes,
    )


def source_weights(groups: Groups, source: str, bootstrap: Bootstrap) -> Floats:
    """Draw the groups of one source, (R, N): how often each of its N photos was drawn.

    Its draws depend on its name, so that sources are drawn independently of each other, and on
    nothing of the other sources.
    """
    own = (bootstrap.seed + zlib.crc32(source.encode("utf-8", "surrogateescape"))) % 2**32
    return np.concatenate(list(resampled_weights(groups, replace(bootstrap, seed=own))))


def weighted_auroc(scores: Floats, positive: Mask, negative: Mask, weights: Floats) -> Floats:
    """Compute the AUROC of some photos against others under each weighting, (R,).

    Args:
        scores: (N,), higher speaks for positive.
        positive: (N,).
        negative: (N,); photos that are neither don't count.
        weights: (R, N), not negative.

    Returns:
        NaN where a weighting leaves no photo of either kind.
    """
    member = positive | negative
    if not (positive.any() and negative.any()):
        return np.full(len(weights), np.nan)
    return area(*weighted_roc(scores[member], positive[member], weights[:, member]))


class _Part:
    """The photos of one source, and figures on them with intervals.

    ``aurocs`` keeps of each disease whose AUROC is defined the value, the draws, and the groups
    that it rests on.
    """

    def __init__(
        self,
        probabilities: Probabilities,
        groups: Groups,
        weights: Floats,
        classes: Sequence[str],
        source: str,
        notes: dict[str, str],
    ) -> None:
        self._probabilities, self._groups, self._weights = probabilities, groups, weights
        self._classes, self._source, self._notes = classes, source, notes
        self._predicted = probabilities.argmax(axis=1)
        self._once = np.ones((1, len(groups)))
        self.aurocs: dict[str, _Defined] = {}

    def healthy(self, labels: npt.NDArray[np.integer]) -> Figure | None:
        """Measure how many healthy eyes are named so; None where there are none."""
        index = list(self._classes).index(HEALTHY) if HEALTHY in self._classes else None
        if index is None or not (labels == index).any():
            return None
        return self._share("healthy_named_healthy", self._predicted == index, labels == index)

    def disease(
        self, contrast: Contrast, here: Mask, thresholds: Thresholds | None
    ) -> DiseaseFigures:
        """Measure how a disease's photos are told from the others; ``here`` are the source's."""
        name, against = self._classes[contrast.disease], contrast.against
        of, others = contrast.positive[here], contrast.negative[here]
        named = self._predicted == contrast.disease
        clear = ~named
        if against == HEALTHY:
            clear = self._predicted == list(self._classes).index(HEALTHY)
        return DiseaseFigures(
            photos=int(of.sum()),
            against=against,
            photos_against=int(others.sum()),
            auroc=self._auroc(name, contrast.disease, of, others),
            sensitivity=self._share(f"{name}.sensitivity", named, of),
            specificity=self._share(f"{name}.specificity", clear, others),
            specificity_is=f"named {HEALTHY}" if against == HEALTHY else f"not named {name}",
            at_threshold=UNSET
            if thresholds is None or name not in thresholds.classes
            else self._at_threshold(name, of, others, thresholds),
        )

    def _at_threshold(
        self, name: str, of: Mask, others: Mask, thresholds: Thresholds
    ) -> AtThreshold:
        label, limit = f"{name}.at_threshold", thresholds.classes[name].threshold
        score = referral_score(
            self._probabilities, self._classes, no_referral=thresholds.no_referral
        )
        return AtThreshold(
            threshold=limit,
            sensitivity=self._share(f"{label}.sensitivity", score >= limit, of),
            specificity=self._share(f"{label}.specificity", score < limit, others),
        )

    def _auroc(self, name: str, disease: int, of: Mask, others: Mask) -> Figure:
        scores = self._probabilities[:, disease].astype(np.float64)
        value = float(weighted_auroc(scores, of, others, self._once)[0])
        draws = weighted_auroc(scores, of, others, self._weights)
        needs = min(_count(self._groups[of]), _count(self._groups[others]))
        if not np.isnan(value):
            self.aurocs[name] = (value, draws, needs)
        if 2 <= needs < FEW_GROUPS:
            label = self._label(name)
            self._notes[label] = f"only {needs} groups: its intervals are likely too narrow"
        return self._figure(f"{name}.auroc", value, draws, needs, None)

    def _share(self, label: str, hit: Mask, among: Mask) -> Figure:
        with np.errstate(invalid="ignore"):
            value, draws = (
                weights @ (hit & among) / (weights @ among)
                for weights in (self._once, self._weights)
            )
        count = _count(self._groups[among])
        return self._figure(label, float(value[0]), draws, count, count)

    def _figure(
        self, label: str, value: float, draws: Floats, needs: int, trials: int | None
    ) -> Figure:
        interval, note = figure_interval(draws, groups=needs, trials=trials)
        if note:
            self._notes[self._label(label)] = note
        return Figure(None if np.isnan(value) else value, interval)

    def _label(self, name: str) -> str:
        return f"{self._source}.{name}" if self._source else name


def _mean(name: str, parts: Sequence[_Defined], notes: dict[str, str]) -> MeanFigure:
    """Average a disease's AUROC over sources, and each draw over the draws of the sources."""
    values, draws, needs = zip(*parts, strict=True)
    interval, note = figure_interval(np.mean(draws, axis=0), groups=min(needs), trials=None)
    if note:
        notes[f"mean_within_sources.{name}"] = note
    return MeanFigure(float(np.mean(values)), len(parts), interval)


def _count(groups: Groups) -> int:
    return len(np.unique(groups))
