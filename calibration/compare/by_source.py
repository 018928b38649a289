"""Compare what two models tell within each source of the photos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from msgspec import UNSET, UnsetType

from edge_runtime.bundle.metrics import Interval
from edge_runtime.results.shown import number, signed
from train.data.contrasts import Contrast, contrasts, sources_of
from train.data.truth import Truth
from train.evaluation.by_source import source_weights, weighted_auroc
from train.evaluation.by_source_table import shown_source
from train.metrics.intervals import Bootstrap, figure_interval

#: In the place of a source: the mean over those that have a figure.
MEAN = "mean within sources"

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PairedAuroc:
    """The AUROC of both, the difference, model minus original, and its 95 % interval.

    Each is None where the photos don't give one.
    """

    original: float | None = None
    model: float | None = None
    difference: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True, kw_only=True)
class DiseasePair(PairedAuroc):
    """A disease within one source, see ``train.evaluation.by_source``."""

    against: str
    photos: int
    photos_against: int


@dataclass(frozen=True, kw_only=True)
class MeanPair(PairedAuroc):
    """The means over the number of ``sources`` that have an AUROC."""

    sources: int


@dataclass(frozen=True)
class PairedBySource:
    """By source and disease, and by disease the means."""

    sources: Mapping[str, Mapping[str, DiseasePair]]
    mean_within_sources: Mapping[str, MeanPair]


def paired_by_source(
    original: Doubles,
    model: Doubles,
    truth: Truth,
    groups: npt.NDArray[np.integer],
    classes: Sequence[str],
    bootstrap: Bootstrap,
) -> PairedBySource | UnsetType:
    """Measure how two models tell each disease within each source, and their difference.

    Every draw of groups serves both. ``train.evaluation.by_source`` defines the figures.

    Args:
        original: (N, C), the original's probabilities.
        model: (N, C), the model's.
        truth: What is known of the N photos.
        groups: (N,), the group of each photo.
        classes: The C class names.
        bootstrap: Draws of the groups of each source.

    Returns:
        ``UNSET`` where no photo has a source.
    """
    if not any(truth.sources):
        return UNSET
    sources: dict[str, dict[str, DiseasePair]] = {}
    parts: dict[str, list[_Pair]] = {}
    told = contrasts(truth, classes)
    for source in sources_of(truth):
        here = np.asarray(np.array(truth.sources, object) == source)
        weights = source_weights(groups[here], source, bootstrap)
        sources[source] = {}
        for contrast in told:
            if contrast.source != source:
                continue
            name = classes[contrast.disease]
            pairs = _pairs(contrast, here, original, model, groups, weights)
            parts.setdefault(name, []).extend(pairs)
            sources[source][name] = DiseasePair(
                **vars(_mean(pairs)),
                against=contrast.against,
                photos=int(contrast.positive.sum()),
                photos_against=int(contrast.negative.sum()),
            )
    return PairedBySource(
        sources,
        {
            name: MeanPair(**vars(_mean(parts[name])), sources=len(parts[name]))
            for name in classes
            if parts.get(name)
        },
    )


_Pair = tuple[float, float, Doubles, int]  # of original and model, draws of the difference, groups


def _pairs(
    contrast: Contrast,
    here: npt.NDArray[np.bool_],
    original: Doubles,
    model: Doubles,
    groups: npt.NDArray[np.integer],
    weights: Doubles,
) -> list[_Pair]:
    """Measure a disease within its source; nothing where there is none to tell it from."""
    of, others = contrast.positive[here], contrast.negative[here]
    if not others.any():
        return []
    once = np.ones((1, len(of)))
    (first, firsts), (second, seconds) = (
        [weighted_auroc(scores, of, others, rows) for rows in (once, weights)]
        for scores in (outputs[here, contrast.disease] for outputs in (original, model))
    )
    needs = min(len(np.unique(groups[here][kind])) for kind in (of, others))
    return [(float(first[0]), float(second[0]), seconds - firsts, needs)]


def _mean(pairs: Sequence[_Pair]) -> PairedAuroc:
    """Average pairs, of one source or of several."""
    if not pairs:
        return PairedAuroc()
    firsts, seconds, draws, needs = zip(*pairs, strict=True)
    first, second = float(np.mean(firsts)), float(np.mean(seconds))
    interval, _ = figure_interval(np.mean(draws, axis=0), groups=min(needs), trials=None)
    return PairedAuroc(first, second, second - first, interval)


def by_source_rows(found: PairedBySource | UnsetType) -> list[tuple[str, ...]]:
    """List source, disease, photos, what they are told from, both AUROCs and their difference.

    Returns:
        Rows of eight cells of plain text, the means last; none where no photo has a source.
    """
    if not found:
        return []
    rows = [
        (
            shown_source(source),
            name,
            f"{row.photos} / {row.photos_against}",
            row.against,
            *_compared(row),
        )
        for source, diseases in found.sources.items()
        for name, row in diseases.items()
    ]
    return rows + [
        (MEAN, name, f"{row.sources} sources", "", *_compared(row))
        for name, row in found.mean_within_sources.items()
    ]


def _compared(row: PairedAuroc) -> tuple[str, ...]:
    interval = " to ".join(map(signed, row.interval)) if row.interval else "-"
    return number(row.original), number(row.model), signed(row.difference), interval
