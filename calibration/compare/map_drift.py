"""Measure how far a model's explanations drift from the original's, beside controls."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace

import numpy as np
import numpy.typing as npt
from msgspec import UNSET, UnsetType

from calibration.compare.other_persons import Candidates, draw_all_partners
from calibration.compare.similarity import MEASURES, MapDistance, compare_maps
from calibration.models.evaluation_set import EvaluationSet, Images
from calibration.models.model_under_test import Outputs
from edge_runtime.bundle.metrics import Interval
from train.metrics.intervals import Bootstrap, percentile_interval, resample_groups

_WORST = 10  # photos
_QUANTILES = (5, 25, 50, 75, 95)

#: One for each of N photos, None where the maps can't be compared.
Distances = Sequence[MapDistance | None]


@dataclass(frozen=True)
class Quantiles:
    """Of one measure over photos; ``interval`` is the 95 % interval of the median."""

    p05: float
    p25: float
    median: float
    p75: float
    p95: float
    interval: Interval | UnsetType = UNSET


@dataclass(frozen=True)
class Drift:
    """How far the maps of some photos drift, by the names of ``MapDistance``; empty of none."""

    photos: int
    measures: Mapping[str, Quantiles]


@dataclass(frozen=True)
class DriftByClass(Drift):
    """The same of all photos and of those of each explained class."""

    by_class: Mapping[str, Drift]


@dataclass(frozen=True, kw_only=True)
class WorstPhoto:
    """A photo whose map drifts far: its file and its number among all, classes, confidences.

    The measures are those of ``MapDistance``; older records have no ``jensen_shannon``.
    """

    pearson: float
    spearman: float
    ssim: float
    iou: float
    jensen_shannon: float | UnsetType = UNSET
    emd_pixels: float
    peak_pixels: float
    photo: str
    index: int
    true: str
    explained: str
    confidence_original: float
    confidence_model: float


def distances(
    original: Outputs, model: Outputs, *, input_size: tuple[int, int]
) -> list[MapDistance | None]:
    """Compare both models' maps of the class that both chose; None for the other photos."""
    return [
        compare_maps(original.cam[i, a], model.cam[i, a], input_size=input_size) if a == b else None
        for i, (a, b) in enumerate(zip(original.top, model.top, strict=True))
    ]


def chance_distances(
    original: Outputs,
    groups: npt.NDArray[np.integer],
    sides: Sequence[str | None],
    *,
    input_size: tuple[int, int],
    seed: int,
) -> list[MapDistance | None]:
    """Compare the original's map of each photo with that of another one of the same class.

    What a model would reach that always showed some other photo's heatmap. The other photo is of
    another group and, where there is one, of the same predicted class and the same side.
    """
    tops, found = original.top, list[MapDistance | None]()
    drawn = draw_all_partners(Candidates.of(tops, groups, sides), count=1, seed=seed)
    for i, partners in enumerate(drawn):
        if not partners.photos:
            found.append(None)
            continue
        (j,) = partners.photos
        maps = original.cam[i, tops[i]], original.cam[j, tops[j]]
        found.append(compare_maps(*maps, input_size=input_size))
    return found


def mirror(images: Images) -> Images:
    """Turn photos (N, height, width, 3) left to right."""
    return np.ascontiguousarray(images[:, :, ::-1])


def nudge(images: Images, *, feature: tuple[int, ...]) -> Images:
    """Make photos 5 % brighter and move them right by a sixteenth of a cell of the (h, w) map.

    A change that no reader would see, and too small to move the map.
    """
    step = max(1, round(images.shape[2] / feature[1] / 16))
    moved = np.concatenate([images[:, :, :step], images[:, :, :-step]], axis=2)
    return np.clip(np.rint(moved * np.float32(1.05)), 0, 255).astype(np.uint8)


def mirrored_back(outputs: Outputs) -> Outputs:
    """Turn the maps of mirrored photos back."""
    return replace(outputs, cam=np.ascontiguousarray(outputs.cam[..., ::-1]))


def summarise(
    rows: Distances,
    tops: npt.NDArray[np.intp],
    data: EvaluationSet,
    *,
    bootstrap: Bootstrap | None = None,
) -> DriftByClass:
    """Take the quantiles of each measure, overall and by explained class.

    Args:
        rows: From ``distances`` or ``chance_distances``.
        tops: (N,), the class that the original chose.
        data: The N photos.
        bootstrap: Draws of groups for the medians' intervals; None for no intervals.
    """
    kept = np.array([i for i, row in enumerate(rows) if row is not None], np.intp)
    table = np.array([astuple(row) for row in rows if row is not None])
    measures = _quantiles(table)
    if bootstrap is not None:
        draws = list(resample_groups(data.groups[kept], bootstrap)) if len(kept) else []
        for name, column in zip(measures, table.T, strict=True):
            interval = percentile_interval([np.median(column[draw]) for draw in draws])
            measures[name] = replace(measures[name], interval=interval)
    parts = {name: tops[kept] == label for label, name in enumerate(data.classes)}
    by_class = {
        name: Drift(int(part.sum()), _quantiles(table[part])) for name, part in parts.items()
    }
    return DriftByClass(len(kept), measures, by_class)


def worst_photos(
    rows: Distances, data: EvaluationSet, original: Outputs, model: Outputs
) -> tuple[WorstPhoto, ...]:
    """List the ten photos whose maps correlate least, worst first."""
    measured = [(row, index) for index, row in enumerate(rows) if row is not None]
    measured.sort(key=lambda pair: pair[0].pearson)
    return tuple(
        WorstPhoto(
            **vars(row),
            photo=data.photos[index].path.relative_to(data.dataset.root).as_posix(),
            index=index,
            true=data.classes[data.labels[index]],
            explained=data.classes[original.top[index]],
            confidence_original=float(original.probabilities[index].max()),
            confidence_model=float(model.probabilities[index].max()),
        )
        for row, index in measured[:_WORST]
    )


def _quantiles(table: npt.NDArray[np.float64]) -> dict[str, Quantiles]:
    if not len(table):
        return {}
    values = np.percentile(table, _QUANTILES, axis=0).T
    return {name: Quantiles(*row) for name, row in zip(MEASURES, values.tolist(), strict=True)}
