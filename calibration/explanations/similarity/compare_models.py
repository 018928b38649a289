"""Compare what two models explain of the same photos."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from calibration.explanations.estimate import Estimate, estimate
from calibration.explanations.explained import Explained
from calibration.explanations.likeness import Likeness, Measures, likeness, random_means
from calibration.explanations.map_pairs import (
    TITLES,
    MapPairs,
    Values,
    compare_pairs,
    compare_random,
    compare_two,
)
from calibration.explanations.similarity.matched import Matching, match
from train.metrics.intervals import Bootstrap

#: The control that takes another training.
OTHER_SEED = "another seed's model"


@dataclass(frozen=True)
class PhotoPair:
    """A photo's classes by both models, and how alike the maps of the first model's class are.

    ``measures`` are by the names of ``TITLES``, empty where nothing speaks for it in either.
    """

    photo: str
    sha256: str
    first: str
    second: str
    measures: Mapping[str, float]


@dataclass(frozen=True)
class ModelLikeness:
    """How alike two models explain the same photos.

    ``same_class`` is the share of the photos of which both predict one class. ``agreeing`` are
    those, ``differing`` the others, of which the maps of the first model's class are compared;
    both by that class too. ``random_pairs`` are of photos of different persons, the first model's
    map of one and the second's of the other.
    """

    matching: Matching
    same_class: Estimate
    agreeing: Likeness
    differing: Likeness
    agreeing_by_class: Mapping[str, Likeness]
    differing_by_class: Mapping[str, Likeness]
    random_pairs: Measures
    by_photo: tuple[PhotoPair, ...]


def compare_models(
    first: Explained,
    second: Explained,
    *,
    other_seed: Explained | None = None,
    field_degrees: float,
    bootstrap: Bootstrap,
    on_share: Callable[[float], None] = lambda share: None,
) -> tuple[ModelLikeness, Explained, Explained]:
    """Compare the maps of the photos that both models explained.

    Args:
        first: Of a store.
        second: Of another, with the same classes in the same order and maps of the same size.
        other_seed: Of a store by a model of another training, likewise, for its control.
        field_degrees: The angle that a field of view spans, by which ways become degrees.
        bootstrap: Draws of persons for the intervals; its seed is that of all else drawn.
        on_share: Called with the share of the photos that is done, 0..1.

    Returns:
        The figures, and the matched photos by either model, in the order of ``by_photo``.
    """
    matching, a, b = match(first, second)
    pairs = _pairs(a, b)
    seed = bootstrap.seed
    compared = compare_pairs(pairs, field_degrees=field_degrees, seed=seed, on_share=on_share)
    if other_seed is not None:
        controls = {OTHER_SEED: _by_other_seed(a, other_seed, field_degrees), **compared.controls}
        compared = replace(compared, controls=controls)
    same = np.asarray(a.top == b.top)
    drawn = compare_random(pairs, field_degrees=field_degrees, seed=seed)

    def of(chosen: npt.NDArray[np.bool_]) -> Likeness:
        return likeness(compared, chosen, pairs.groups, bootstrap=bootstrap)

    def by_class(chosen: npt.NDArray[np.bool_]) -> dict[str, Likeness]:
        parts = {name: chosen & (a.top == at) for at, name in enumerate(a.classes)}
        return {name: of(part) for name, part in parts.items() if part.any()}

    found = ModelLikeness(
        matching=matching,
        same_class=estimate(same, pairs.groups, bootstrap=bootstrap, is_share=True),
        agreeing=of(same),
        differing=of(~same),
        agreeing_by_class=by_class(same),
        differing_by_class=by_class(~same),
        random_pairs=random_means(drawn),
        by_photo=tuple(_photo_pair(a, b, row, compared.own[row]) for row in range(len(a.photos))),
    )
    return found, a, b


def _pairs(a: Explained, b: Explained) -> MapPairs:
    first = a.maps[np.arange(len(a.photos)), a.top]
    return MapPairs(first, lambda i, j, label: b.maps[j, label], a.top, b.top, a.groups, a.sides)


def _by_other_seed(a: Explained, other_seed: Explained, field_degrees: float) -> Values:
    """Compare each photo's map with the other training's, where that predicts the same class."""
    _, here, there = match(a, other_seed)
    places = {photo.sha256: row for row, photo in enumerate(here.photos)}
    table = np.full((len(a.photos), len(TITLES)), np.nan)
    for row, (photo, top) in enumerate(zip(a.photos, a.top, strict=True)):
        at = places.get(photo.sha256)
        if at is not None and there.top[at] == top:
            maps = a.maps[row, top], there.maps[at, top]
            table[row] = compare_two(*maps, field_degrees=field_degrees)
    return table


def _photo_pair(a: Explained, b: Explained, row: int, values: Values) -> PhotoPair:
    photo = a.photos[row]
    known = {n: v for n, v in zip(TITLES, values.tolist(), strict=True) if np.isfinite(v)}
    first, second = (each.classes[each.top[row]] for each in (a, b))
    return PhotoPair(photo.path, photo.sha256, first, second, known)
