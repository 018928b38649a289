"""Measure how far a model's explanations drift from the original's, beside controls."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from calibration.compare.similarity import MEASURES, compare_maps
from calibration.models.evaluation_set import EvaluationSet, Images
from calibration.models.model_under_test import Outputs
from train.metrics.intervals import percentile_interval, resample_groups

_WORST = 10  # photos
_QUANTILES = {"p05": 5, "p25": 25, "median": 50, "p75": 75, "p95": 95}

#: One row for each of N photos: its measures, or None where they can't be taken.
Drifts = list[dict[str, float] | None]


def drifts(original: Outputs, model: Outputs, *, input_size: tuple[int, int]) -> Drifts:
    """Compare both models' maps of the class that both chose; None for the other photos."""
    return [
        compare_maps(original.cam[i, a], model.cam[i, a], input_size=input_size) if a == b else None
        for i, (a, b) in enumerate(zip(original.top, model.top, strict=True))
    ]


def chance_drifts(
    original: Outputs,
    groups: npt.NDArray[np.integer],
    *,
    input_size: tuple[int, int],
    seed: int,
) -> Drifts:
    """Compare the original's map of each photo with that of another one of the same class.

    What a model would reach that always showed some other photo's heatmap. The other photo is of
    another group and, where there is one, of the same predicted class.
    """
    generator = np.random.default_rng(seed)
    found: Drifts = []
    for i, top in enumerate(original.top):
        others = np.flatnonzero(groups != groups[i])
        alike = others[original.top[others] == top]
        candidates = alike if alike.size else others
        if not candidates.size:
            found.append(None)
            continue
        j = int(generator.choice(candidates))
        found.append(
            compare_maps(
                original.cam[i, top], original.cam[j, original.top[j]], input_size=input_size
            )
        )
    return found


def mirror(images: Images) -> Images:
    """Turn photos (N, height, width, 3) left to right."""
    return np.ascontiguousarray(images[:, :, ::-1])


def nudge(images: Images, *, feature: tuple[int, ...]) -> Images:
    """Make photos 5 % brighter and move them right by a sixteenth of a cell of the map.

    A change that no reader would see, and too small to move the map.

    Args:
        images: uint8 (N, height, width, 3).
        feature: (h, w) of the map.
    """
    step = max(1, round(images.shape[2] / feature[1] / 16))
    moved = np.concatenate([images[:, :, :step], images[:, :, :-step]], axis=2)
    return np.clip(np.rint(moved * np.float32(1.05)), 0, 255).astype(np.uint8)


def mirrored_back(outputs: Outputs) -> Outputs:
    """Turn the maps of mirrored photos back."""
    cam = np.ascontiguousarray(outputs.cam[..., ::-1])
    return Outputs(outputs.probabilities, outputs.logits, cam, outputs.unusable)


def summarise(
    rows: Drifts,
    tops: npt.NDArray[np.intp],
    groups: npt.NDArray[np.integer],
    classes: Sequence[str],
    *,
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """Take the quantiles of each measure, overall and by explained class.

    Args:
        rows: From ``drifts`` or ``chance_drifts``.
        tops: (N,), the class that the original chose.
        groups: (N,), the group of each photo.
        classes: The class names.
        resamples: Draws of groups for the medians' intervals; 0 for none.
        seed: Of the draws.

    Returns:
        JSON-ready: ``photos`` that were compared, ``measures`` by name (empty if there are none)
        with quantiles and the median's ``interval``, and ``by_class``.
    """
    kept = np.array([i for i, row in enumerate(rows) if row is not None], np.intp)
    table = np.array([[row[name] for name in MEASURES] for row in rows if row is not None])

    def interval(column: npt.NDArray[np.float64]) -> list[float]:
        draws = resample_groups(groups[kept], resamples=resamples, seed=seed)
        return list(percentile_interval([np.median(column[draw]) for draw in draws]))

    return {
        "photos": len(kept),
        "measures": _quantiles(table, interval if resamples else None),
        "by_class": {
            name: {
                "photos": int((tops[kept] == label).sum()),
                "measures": _quantiles(table[tops[kept] == label] if len(kept) else table, None),
            }
            for label, name in enumerate(classes)
        },
    }


def worst_photos(
    rows: Drifts, data: EvaluationSet, original: Outputs, model: Outputs
) -> list[dict[str, Any]]:
    """List the ten photos whose maps correlate least, worst first, JSON-ready."""
    measured = [(row, index) for index, row in enumerate(rows) if row is not None]
    measured.sort(key=lambda pair: pair[0]["pearson"])
    return [
        {
            "photo": data.photos[index].path.relative_to(data.dataset.root).as_posix(),
            "index": index,
            "true": data.classes[data.labels[index]],
            "explained": data.classes[original.top[index]],
            "confidence_original": float(original.probabilities[index].max()),
            "confidence_model": float(model.probabilities[index].max()),
            **{name: row[name] for name in MEASURES},
        }
        for row, index in measured[:_WORST]
    ]


def _quantiles(
    table: npt.NDArray[np.float64],
    interval: Callable[[npt.NDArray[np.float64]], list[float]] | None,
) -> dict[str, dict[str, Any]]:
    if not len(table):
        return {}
    found: dict[str, dict[str, Any]] = {}
    for name, column in zip(MEASURES, table.T, strict=True):
        values = np.percentile(column, list(_QUANTILES.values()))
        found[name] = dict(zip(_QUANTILES, map(float, values), strict=True))
        if interval is not None:
            found[name]["interval"] = interval(column)
    return found
