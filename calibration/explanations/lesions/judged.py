"""Judge the maps of eyes against their marks, and maps that know nothing of them beside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.compare.other_persons import Candidates, draw_partners
from calibration.explanations.baseline_maps import centre
from calibration.explanations.known_mean import known_mean
from calibration.explanations.lesions.marked_eyes import Floats, MarkedEye
from calibration.explanations.lesions.masks import TARGETS
from calibration.explanations.lesions.measures import (
    MEASURES,
    Doubles,
    Ground,
    cell_ground,
    chance,
    judge,
    place_ground,
)
from edge_runtime.explain.gradcam import heatmap, inside_shares
from edge_runtime.explain.overlay import raise_heat

Numbers = npt.NDArray[np.intp]

#: The places at which maps are judged: the pixels of the heatmap as it is shown, or its cells.
LEVELS = ("place", "cell")

#: The name of the map that is judged, beside those of ``CONTROLS``.
MODEL = "model"

#: The maps beside the model's own, by name, with what each is.
CONTROLS: Mapping[str, str] = {
    "random": "noise in the cells of a map, raised like one (mean of several draws)",
    "centre": "a bell in the middle of the field, its standard deviation half the radius",
    "field": "each cell by how much of it shows the eye: evidence spread evenly",
    "other photo": "the model's map of the same class on other persons' photos (mean of up to 5), "
    "of the same predicted class and side of the eye where there are some",
    "other class": "the model's map of another class on the same photo: of normal, or where that "
    "is the explained class, of the class that the lesions speak for",
}

#: The class that is explained: by photo the predicted one, or the one that lesions speak for.
PREDICTED, NAMED = "predicted", "named"

_NORMAL = "normal"
_OTHERS = 5
_DRAWN = 20  # random maps that are kept one by one: more take memory, and tell no more


@dataclass(frozen=True, eq=False)
class Judged:
    """What N eyes' maps reach: float64 (N, T, M), by ``TARGETS`` and ``MEASURES``.

    ``maps`` is by explained class (``PREDICTED``, ``NAMED``), level and kind of map, ``chance`` by
    level. ``drawn``, float32 (D, N, T, M) by level, has random maps one by one, of which ``maps``
    has the mean. ``area``, float64 (N, T), is the share of the eye that is marked.
    """

    maps: Mapping[tuple[str, str, str], Doubles]
    drawn: Mapping[str, Floats]
    chance: Mapping[str, Doubles]
    area: Doubles


def judge_eyes(
    eyes: Sequence[MarkedEye],
    *,
    classes: tuple[str, ...],
    named: int,
    draws: int,
    seed: int,
    on_photo: Callable[[], None] = lambda: None,
) -> Judged:
    """Judge the maps of eyes.

    Args:
        eyes: N of them.
        classes: The model's.
        named: The class that lesions speak for, as an index.
        draws: How many random maps there are for each eye.
        seed: Of what is drawn.
        on_photo: Called after each eye.
    """
    shape = (len(eyes), len(TARGETS), len(MEASURES))
    maps: dict[tuple[str, str, str], Doubles] = {
        (explained, level, kind): np.full(shape, np.nan)
        for explained in (PREDICTED, NAMED)
        for level in LEVELS
        for kind in (MODEL, *CONTROLS)
    }
    by_chance = {level: np.full(shape, np.nan) for level in LEVELS}
    drawn = {level: np.full((min(draws, _DRAWN), *shape), np.nan, np.float32) for level in LEVELS}
    columns = zip(*((eye.top, eye.person, eye.side) for eye in eyes), strict=True)
    among = Candidates.of(*columns)
    for at, eye in enumerate(eyes):
        generator = np.random.default_rng([seed, at])
        grounds = _grounds(eye)
        for level, ground in grounds.items():
            by_chance[level][at] = chance(ground)
        fixed = _judged_kinds(_ignorant(eye, draws, generator), grounds, eye)
        for level, kept in drawn.items():
            kept[:, at] = fixed[level, "random"][: len(kept)]
        for explained, label in ((PREDICTED, eye.top), (NAMED, named)):
            other = _other_class(label, classes, named)
            told = {
                MODEL: [eye.maps[label]],
                "other photo": _other_photos(eyes, at, label, among, generator),
                "other class": [eye.maps[other]],
            }
            for (level, kind), values in (fixed | _judged_kinds(told, grounds, eye)).items():
                maps[explained, level, kind][at] = known_mean(values)
        on_photo()
    area = np.nan_to_num(by_chance[LEVELS[0]][..., MEASURES.index("share")])
    return Judged(maps, drawn, by_chance, area)


def _grounds(eye: MarkedEye) -> dict[str, Ground]:
    cells = eye.maps.shape[1], eye.maps.shape[2]
    grounds = (
        place_ground(eye.marks.covered, eye.inside),
        cell_ground(eye.marks.covered, eye.inside, cells=cells),
    )
    return dict(zip(LEVELS, grounds, strict=True))


def _judged_kinds(
    kinds: Mapping[str, Sequence[Floats]], grounds: Mapping[str, Ground], eye: MarkedEye
) -> dict[tuple[str, str], list[Doubles]]:
    """Judge some maps (h, w) of each kind at both levels, each (T, M)."""
    place, cell = LEVELS
    size = eye.seen.shape[0], eye.seen.shape[1]
    found = {}
    for kind, maps in kinds.items():
        if maps:
            shown = (raise_heat(heatmap(each).values, size) for each in maps)
            found[place, kind] = [judge(each, grounds[place]) for each in shown]
            found[cell, kind] = [judge(each, grounds[cell]) for each in maps]
    return found


def _ignorant(
    eye: MarkedEye, draws: int, generator: np.random.Generator
) -> dict[str, Sequence[Floats]]:
    """Make the maps that know nothing of the photo, but where its eye is."""
    cells = eye.maps.shape[1], eye.maps.shape[2]
    shares = inside_shares(eye.inside, cells)
    return {
        "random": [generator.standard_normal(cells, np.float32) for _ in range(draws)],
        "centre": [*centre(shares[None])],
        "field": [shares],
    }


def _other_photos(
    eyes: Sequence[MarkedEye],
    at: int,
    label: int,
    among: Candidates,
    generator: np.random.Generator,
) -> list[Floats]:
    """Draw other persons' maps of a class, if there are, of photos that are called so."""
    drawn = draw_partners(at, among, count=_OTHERS, generator=generator, label=label)
    return [eyes[j].maps[label] for j in drawn.photos]


def _other_class(label: int, classes: tuple[str, ...], named: int) -> int:
    """Choose the class to compare with: normal, else the named one, else any."""
    normal: int = classes.index(_NORMAL) if _NORMAL in classes else named
    order: tuple[int, ...] = (normal, named, *range(len(classes)))
    return next(each for each in order if each != label)
