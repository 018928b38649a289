"""Measure of each photo what may set wrong predictions apart from right ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np

from calibration.compare.similarity import pearson
from calibration.explanations.analysis.analyse import zone_table
from calibration.explanations.analysis.averages import densities, likeness_to_average
from calibration.explanations.analysis.concentration import entropy, half_area
from calibration.explanations.explained import Explained, Floats
from calibration.explanations.failures.places import (
    DIRECTIONS,
    PLACES,
    Doubles,
    hottest_points,
    place_shares,
)
from calibration.explanations.store.read import read_column
from edge_runtime.explain.gradcam import heatmap
from edge_runtime.explain.zones import ZONES

#: Where the evidence lies, how the map looks, what the photo is like, and what is shown to compare.
Kind = Literal["place", "map", "photo", "control"]

#: What the quality gate measured, in a few words, see ``edge_runtime/photo/quality.py``.
QUALITY_TITLES: Mapping[str, str] = MappingProxyType({
    "field": "size of the field of view, pixels of the file",
    "brightness": "brightness, 0 to 255",
    "frame": "dark corners around the field, 0 to 1",
    "gaps": "parts of the field without light, 0 to 1",
    "colour": "more red than blue, -1 to 1",
    "grain": "grain",
    "detail": "contrast of structures",
    "sharpness": "sharpness",
    "crispness": "crispness, in its least crisp direction",
    "outline": "softness of the field's outline, % of its diameter",
    "shape_fields": "number of fields in the picture",
    "shape_chord": "straight cut of the field, 0 to 1",
    "shape_fill": "how much of a circle the field fills, 0 to 1",
    "light_missing": "missing parts of the field, 0 to 1",
    "light_dark": "dark parts, 0 to 1",
    "light_even": "evenly grey parts, 0 to 1",
    "light_white": "white parts, 0 to 1",
    "light_reflex": "flash reflex, 0 to 1",
})  # fmt: skip


@dataclass(frozen=True, eq=False)
class Trait:
    """Something that is measured of N photos: float64 (N,), NaN where it isn't known."""

    title: str
    kind: Kind
    values: Doubles


def measure_traits(
    explained: Explained, quality: Mapping[str, Doubles], *, seed: int
) -> dict[str, Trait]:
    """Measure all traits of the photos, by name; none hangs on whether a prediction is right.

    So a photo's likeness to its class's average is to all others that were predicted likewise, not
    to the right ones: those would be like themselves.

    Args:
        explained: N photos.
        quality: What the quality gate measured of each, (N,) by the names of ``QUALITY_TITLES``;
            NaN where it isn't known.
        seed: Of the number that is drawn by lot for each photo, to see what chance alone does.
    """
    found = _places(explained) | _looks(explained) | _photos(explained)
    for name, title in QUALITY_TITLES.items():
        if name in quality:
            found[f"quality_{name}"] = Trait(title, "photo", quality[name])
    lot = np.random.default_rng(seed).random(len(explained.photos))
    sure = explained.probabilities.max(axis=1).astype(np.float64)
    found["confidence"] = Trait("confidence, for comparison", "control", sure)
    found["lot"] = Trait("a number drawn by lot, for comparison", "control", lot)
    return found


def quality_of(store: Path) -> dict[str, Doubles]:
    """Read what the quality gate measured of the photos of a store, (N,) by name, NaN for none.

    Raises:
        ExplanationStoreError: It is no store or damaged.
    """
    columns = {name: read_column(store, f"quality_{name}") for name in QUALITY_TITLES}
    return {
        name: np.array([np.nan if cell is None else cell for cell in cells], np.float64)
        for name, cells in columns.items()
    }


def predicted_maps(explained: Explained) -> Floats:
    """Take each photo's map of its predicted class, float32 (N, h, w)."""
    return explained.maps[np.arange(len(explained.photos)), explained.top]


def _places(explained: Explained) -> dict[str, Trait]:
    maps = predicted_maps(explained)
    shares, by_zone = place_shares(maps), zone_table(explained)[0]
    found = {
        f"zone_{name}": Trait(f"evidence {title}", "place", by_zone[:, at])
        for at, (name, title) in enumerate(ZONES.items())
    }
    edge = shares[:, -len(DIRECTIONS) :].sum(axis=1)
    found["edge"] = Trait("evidence at the photo's edge, all around", "place", edge)
    out = np.hypot(*hottest_points(maps).T)
    found["hottest_from_middle"] = Trait(
        "distance of the hottest point from the middle, radii of the field", "place", out
    )
    for at, place in enumerate(PLACES):
        name = f"place_{place.replace(',', '').replace(' ', '_')}"
        found[name] = Trait(f"evidence {place} of the photo", "place", shares[:, at])
    return found


def _looks(explained: Explained) -> dict[str, Trait]:
    maps, density = predicted_maps(explained), densities(explained)
    rows = np.arange(len(maps))
    second = explained.maps[rows, np.argsort(-explained.probabilities, axis=1)[:, 1]]
    alike, in_photo = (_by_class(explained, each) for each in (density.aligned, density.unaligned))
    return {
        name: Trait(title, "map", np.array(values, np.float64))
        for name, title, values in (
            ("evidence", "evidence for the class in all, logits",
             [heatmap(cam).evidence for cam in maps]),
            ("entropy", "how evenly the map is spread (entropy), 0 to 1",
             [entropy(cam) for cam in maps]),
            ("half_area", "share of the map that holds half of the evidence",
             [half_area(cam) for cam in maps]),
            ("like_average", "likeness to the class's average map, in the frame of the retina",
             alike),
            ("like_average_in_photo", "likeness to the class's average map, in the photo as it is",
             in_photo),
            ("like_second", "likeness to the map of the second most likely class",
             [pearson(*pair) for pair in zip(maps, second, strict=True)]),
        )
    }  # fmt: skip


def _photos(explained: Explained) -> dict[str, Trait]:
    photos = explained.photos
    sides = {"left": 1.0, "right": 0.0}
    return {
        name: Trait(title, "photo", _numbers(values))
        for name, title, values in (
            ("familiarity", "strangeness to the model (1 is the limit)",
             [photo.familiarity for photo in photos]),
            ("disc_seen", "optic disc found, 0 or 1",
             [float(photo.landmarks.disc is not None) for photo in photos]),
            ("fovea_seen", "fovea found, 0 or 1",
             [float(photo.landmarks.fovea is not None) for photo in photos]),
            ("left_eye", "left eye, 0 or 1", [sides.get(photo.side or "") for photo in photos]),
        )
    }  # fmt: skip


def _by_class(explained: Explained, maps: Floats) -> Doubles:
    """Correlate each map with the average of other persons' that were predicted likewise."""
    found = np.full(len(maps), np.nan)
    for label in range(len(explained.classes)):
        chosen = explained.top == label
        found[chosen] = likeness_to_average(maps[chosen], explained.groups[chosen])
    return found


def _numbers(values: Sequence[float | None]) -> Doubles:
    return np.array([np.nan if value is None else value for value in values], np.float64)
