"""Turn what perturbations did to photos and their maps into figures with intervals."""

import math

import numpy as np
import numpy.typing as npt

from calibration.compare.similarity import MEASURES, MORE_IS_ALIKE
from calibration.explanations.estimate import estimates
from calibration.explanations.known_mean import known_mean
from calibration.explanations.map_pairs import OTHER_PERSON, PARTNERS
from calibration.explanations.pair_estimate import pair_estimates
from calibration.explanations.reliability import reliability
from calibration.explanations.stability.chance_maps import ChanceMaps, chance_maps
from calibration.explanations.stability.noise_sensitivity import NoiseBall
from calibration.explanations.stability.perturbations import PERTURBATIONS, STRENGTHS
from calibration.explanations.stability.record import (
    AtStrength,
    Baseline,
    Measures,
    StabilityRecord,
    UnderNoise,
    UnderPerturbation,
    WorstCase,
)
from calibration.explanations.stability.shaken import Shaken, ShakeOptions, Values
from train.metrics.intervals import BOOTSTRAP, Bootstrap

_NORM = (
    "noise in the maximum norm, even over whole grey levels of 255, within the eye; maps in the "
    "Euclidean norm of all cells, in logits"
)


def closeness(distances: Values, *, size: tuple[int, int]) -> Values:
    """Bring the measures (..., M) to 0..1, of which 1 is equal maps."""
    most = [math.hypot(*size) if name.endswith("pixels") else 1.0 for name in MEASURES]
    return np.asarray(np.clip(np.where(MORE_IS_ALIKE, distances, 1 - distances / most), 0, 1))


def areas(close: Values) -> Values:
    """Take the area under curves (..., S, K) from strength 0, where all is 1, on: (..., K), 0..1.

    By the trapezoidal rule with strengths at equal steps; NaN where a strength has no value.
    """
    return np.asarray((0.5 + close[..., :-1, :].sum(axis=-2) + close[..., -1, :] / 2) / STRENGTHS)


def summarise(
    shaken: Shaken,
    *,
    model: str,
    bundle: tuple[str, str],
    size: tuple[int, int],
    options: ShakeOptions,
) -> StabilityRecord:
    """Turn what was measured into figures with their intervals.

    Args:
        shaken: From ``shake``.
        model: How to call the model.
        bundle: The bundle's name and identity.
        size: (height, width) of the model's input.
        options: Those that it was made with.
    """
    photos, bootstrap = shaken.untouched, Bootstrap(BOOTSTRAP.resamples, options.seed)
    close = areas(closeness(shaken.distances, size=size))
    chance = chance_maps(photos, shaken.cells, size=size, seed=options.seed)
    names, counts = np.unique(photos.top, return_counts=True)
    return StabilityRecord(
        model=model,
        bundle=bundle[0],
        bundle_identity=bundle[1],
        input_size=size,
        seed=options.seed,
        photos=len(photos.photos),
        persons=len(np.unique(photos.groups)),
        photos_by_class={photos.classes[i]: int(n) for i, n in zip(names, counts, strict=True)},
        left_out=shaken.left_out,
        perturbations={
            name: _under(shaken, at, close[:, at], size, bootstrap)
            for at, name in enumerate(shaken.names)
        },
        baselines=_baselines(chance, photos.groups, size, bootstrap),
        other_class=sum(each.other_class for each in chance.drawn),
        other_side=sum(each.other_side for each in chance.drawn),
        fewer=sum(len(each.photos) < PARTNERS for each in chance.drawn),
        noise=_under_noise(shaken, chance, options.ball, bootstrap),
        reliability={
            measure: reliability(close[..., at], photos.groups, bootstrap=bootstrap)
            for at, measure in enumerate(MEASURES)
        },
        worst=tuple(
            sorted(
                (row for at in range(len(shaken.names)) if (row := _worst(shaken, at))),
                key=lambda row: row.pearson,
            )
        ),
    )


def _under(
    shaken: Shaken, at: int, close: Values, size: tuple[int, int], bootstrap: Bootstrap
) -> UnderPerturbation:
    """Summarise one perturbation, of number ``at``; ``close`` are its areas (N, M)."""
    photos, perturbation = shaken.untouched, PERTURBATIONS[shaken.names[at]]
    rows, table = np.arange(len(photos.photos)), shaken.distances[:, at]
    held = shaken.probabilities[:, at].argmax(axis=-1) == photos.top[:, None]
    first = photos.probabilities[rows, photos.top, None]
    lost = first - shaken.probabilities[rows, at, :, photos.top]
    parts = (
        table,
        np.where(held[..., None], table, np.nan),
        np.where(held[..., None], np.nan, table),
    )
    columns: list[Values] = [areas(held[..., None].astype(np.float64)), close]
    columns += [
        areas(closeness(each[:, at], size=size)) for each in (shaken.followed, shaken.uncarried)
    ]
    columns += [_mean_where(held, table), _mean_where(~held, table)]
    for strength in range(STRENGTHS):
        fell = np.asarray(lost[:, strength, None], np.float64)
        columns += [fell, np.abs(fell), *(each[:, strength] for each in parts)]
    # All at once, as the draws cost more than the means.
    found = iter(estimates(np.hstack(columns), photos.groups, bootstrap=bootstrap))
    changed = estimates(~held, photos.groups, bootstrap=bootstrap, are_shares=True)

    def measures() -> Measures:
        return dict(zip(MEASURES, found, strict=False))

    class_area, *of_all = next(found), *(measures() for _ in range(5))
    moves = _any(shaken.followed[:, at])
    return UnderPerturbation(
        does=perturbation.does,
        unit=perturbation.unit,
        strengths=tuple(
            AtStrength(
                strength + 1, amount, changed[strength], next(found), next(found),
                measures(), measures(), measures(),
            )
            for strength, amount in enumerate(perturbation.amounts)
        ),
        areas=of_all[0],
        class_area=class_area,
        followed=of_all[1] if moves else {},
        uncarried=of_all[2] if moves else {},
        held=of_all[3],
        flipped=of_all[4],
    )  # fmt: skip


def _baselines(
    chance: ChanceMaps,
    groups: npt.NDArray[np.integer],
    size: tuple[int, int],
    bootstrap: Bootstrap,
) -> dict[str, Baseline]:
    found = {}
    of_others = [
        dict(zip(MEASURES, pair_estimates(rows, groups, chance.persons), strict=True))
        for rows in (chance.others, closeness(chance.others, size=size))
    ]
    found[OTHER_PERSON] = Baseline(*of_others)
    for name, rows in chance.distances.items():
        close = closeness(rows, size=size)
        found[name] = Baseline(*(_measures(each, groups, bootstrap) for each in (rows, close)))
    return found


def _under_noise(
    shaken: Shaken, chance: ChanceMaps, ball: NoiseBall, bootstrap: Bootstrap
) -> UnderNoise:
    rows = [(each.max_sensitivity, each.relative, each.lipschitz) for each in shaken.sensitivity]
    groups = shaken.untouched.groups
    found = estimates(np.array(rows), groups, bootstrap=bootstrap)
    found += pair_estimates(chance.relative[..., None], groups, chance.persons)
    return UnderNoise(_NORM, ball, *found)


def _worst(shaken: Shaken, at: int) -> WorstCase | None:
    """Find the photo and strength with the least correlation; None where nothing was compared."""
    pearson = shaken.distances[:, at, :, MEASURES.index("pearson")]
    if not _any(pearson):
        return None
    index, strength = np.unravel_index(int(np.nanargmin(pearson)), pearson.shape)
    photos, now = shaken.untouched, shaken.probabilities[index, at, strength]
    top = photos.top[index]
    return WorstCase(
        perturbation=shaken.names[at],
        strength=int(strength) + 1,
        amount=PERTURBATIONS[shaken.names[at]].amounts[strength],
        photo=photos.photos[index].path,
        index=int(index),
        explained=photos.classes[top],
        now=photos.classes[int(now.argmax())],
        probability_before=float(photos.probabilities[index, top]),
        probability_after=float(now[top]),
        pearson=float(pearson[index, strength]),
        iou=float(shaken.distances[index, at, strength, MEASURES.index("iou")]),
    )


def _measures(table: Values, groups: npt.NDArray[np.integer], bootstrap: Bootstrap) -> Measures:
    """Take the mean of each measure over photos: (N, M), NaN where a photo has none."""
    return dict(zip(MEASURES, estimates(table, groups, bootstrap=bootstrap), strict=True))


def _mean_where(chosen: npt.NDArray[np.bool_], table: Values) -> Values:
    """Average (N, S, M) over the strengths that are chosen, (N, S); NaN where none has a value."""
    return known_mean(np.where(chosen[..., None], table, np.nan), axis=1)


def _any(values: Values) -> bool:
    return bool(np.isfinite(values).any())
