"""Measure a classifier within each source of its photos, where the camera can't help it."""

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.referral import referral_score
from train.data.contrasts import HEALTHY, Contrast, contrasts, sources_of
from train.data.truth import Truth
from train.metrics.classification import FEW_GROUPS
from train.metrics.intervals import CONFIDENCE, figure_interval, resampled_weights
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
    thresholds: Mapping[str, Any] | None = None,
    resamples: int = 2000,
    seed: int = 0,
) -> dict[str, Any] | None:
    """Measure how a classifier tells each disease from healthy eyes of the same source.

    A figure over several sources can be good because the model tells the cameras apart. Within
    one source it can't.

    Args:
        probabilities: (N, C), rows sum to 1.
        truth: What is known of the N photos.
        groups: (N,), the group of each photo, any integers.
        classes: The C class names in the model's order.
        thresholds: The referral thresholds of a manifest, if there are any.
        resamples: Bootstrap draws of the groups of each source.
        seed: Seed of the draws.

    Returns:
        None where no photo has a source, and of each the class is known. Else JSON-ready:

        ``healthy``, the class of healthy eyes, or null where there is none and each class is told
        from the rest of its source. ``sources`` by name (that of photos without one is ""), each
        with ``photos``, ``groups``, ``by_class`` (counts; ``!glaucoma`` is any class but that),
        ``healthy_named_healthy`` (null without healthy eyes) and ``diseases``. A disease has
        ``photos``, ``against`` (what it is told from, see ``train.data.contrasts``) and
        ``photos_against``; ``auroc`` of its probability; ``sensitivity``, the share of its photos
        that are given its name, and ``specificity``, the share of the others that are named
        healthy or, against anything but healthy eyes, aren't given its name; and ``at_threshold``
        where there are thresholds: sensitivity and specificity of the referral score at the
        disease's own threshold. ``mean_within_sources`` has the mean of a disease's AUROC over the
        ``sources`` that have one. Every figure is ``value`` and ``interval``, null where the
        photos give none; ``notes`` say why.
    """
    if not any(truth.sources) and truth.known.all():
        return None
    notes: dict[str, str] = {}
    found: dict[str, Any] = {}
    means: dict[str, list[_Defined]] = {}
    named = np.array(truth.names(classes), object)
    of_source = np.array(truth.sources, object)
    told = contrasts(truth, classes)
    for source in sources_of(truth):
        here = np.asarray(of_source == source)
        weights = source_weights(groups[here], source, resamples=resamples, seed=seed)
        part = _Part(probabilities[here], groups[here], weights, classes, source, notes)
        counts = Counter(named[here].tolist())
        diseases = {}
        for contrast in told:
            if contrast.source == source:
                name = classes[contrast.disease]
                of, others = contrast.positive[here], contrast.negative[here]
                diseases[name] = part.disease(contrast, of, others, thresholds)
        for name, defined in part.aurocs.items():
            means.setdefault(name, []).append(defined)
        found[source] = {
            "photos": int(here.sum()),
            "groups": _count(groups[here]),
            "by_class": {name: counts[name] for name in sorted(counts)},
            "healthy_named_healthy": part.healthy(truth.labels[here]),
            "diseases": diseases,
        }
    return {
        "healthy": HEALTHY if HEALTHY in classes else None,
        "confidence": CONFIDENCE,
        "method": "percentile bootstrap over the groups of each source",
        "resamples": resamples,
        "seed": seed,
        "sources": found,
        "mean_within_sources": {
            name: _mean(name, means[name], notes) for name in classes if name in means
        },
        "notes": notes,
    }


def source_weights(groups: Groups, source: str, *, resamples: int, seed: int) -> Floats:
    """Draw the groups of one source, (R, N): how often each of its N photos was drawn.

    Its draws depend on its name, so that sources are drawn independently of each other, and on
    nothing of the other sources.
    """
    own = (seed + zlib.crc32(source.encode("utf-8", "surrogateescape"))) % 2**32
    return np.concatenate(list(resampled_weights(groups, resamples=resamples, seed=own)))


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

    def healthy(self, labels: npt.NDArray[np.integer]) -> dict[str, Any] | None:
        """Measure how many healthy eyes are named so; None where there are none."""
        index = list(self._classes).index(HEALTHY) if HEALTHY in self._classes else None
        if index is None or not (labels == index).any():
            return None
        return self._share("healthy_named_healthy", self._predicted == index, labels == index)

    def disease(
        self, contrast: Contrast, of: Mask, others: Mask, thresholds: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """Measure how a disease's photos are told from the others, both bool (N,)."""
        name, against = self._classes[contrast.disease], contrast.against
        named = self._predicted == contrast.disease
        if against == HEALTHY:
            clear = self._predicted == list(self._classes).index(HEALTHY)
        else:
            clear = ~named
        entry = {
            "photos": int(of.sum()),
            "against": against,
            "photos_against": int(others.sum()),
            "auroc": self._auroc(name, contrast.disease, of, others),
            "sensitivity": self._share(f"{name}.sensitivity", named, of),
            "specificity": self._share(f"{name}.specificity", clear, others),
            "specificity_is": f"named {HEALTHY}" if against == HEALTHY else f"not named {name}",
        }
        if thresholds and name in thresholds["classes"]:
            label = f"{name}.at_threshold"
            limit = float(thresholds["classes"][name]["threshold"])
            healthy = thresholds["no_referral"]
            score = referral_score(self._probabilities, self._classes, no_referral=healthy)
            entry["at_threshold"] = {
                "threshold": limit,
                "sensitivity": self._share(f"{label}.sensitivity", score >= limit, of),
                "specificity": self._share(f"{label}.specificity", score < limit, others),
            }
        return entry

    def _auroc(self, name: str, disease: int, of: Mask, others: Mask) -> dict[str, Any]:
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

    def _share(self, label: str, hit: Mask, among: Mask) -> dict[str, Any]:
        with np.errstate(invalid="ignore"):
            value, draws = (
                weights @ (hit & among) / (weights @ among)
                for weights in (self._once, self._weights)
            )
        count = _count(self._groups[among])
        return self._figure(label, float(value[0]), draws, count, count)

    def _figure(
        self, label: str, value: float, draws: Floats, needs: int, trials: int | None
    ) -> dict[str, Any]:
        interval, note = figure_interval(draws, groups=needs, trials=trials)
        if note:
            self._notes[self._label(label)] = note
        return {"value": None if np.isnan(value) else value, "interval": interval}

    def _label(self, name: str) -> str:
        return f"{self._source}.{name}" if self._source else name


def _mean(name: str, parts: Sequence[_Defined], notes: dict[str, str]) -> dict[str, Any]:
    """Average a disease's AUROC over sources, and each draw over the draws of the sources."""
    values, draws, needs = zip(*parts, strict=True)
    interval, note = figure_interval(np.mean(draws, axis=0), groups=min(needs), trials=None)
    if note:
        notes[f"mean_within_sources.{name}"] = note
    return {"value": float(np.mean(values)), "interval": interval, "sources": len(parts)}


def _count(groups: Groups) -> int:
    return len(np.unique(groups))
