"""Test whether the evidence of many photos lies at one place of the photo, whatever eye it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from calibration.explanations.estimate import Estimate, estimate
from calibration.explanations.failures.contrast import FEWEST_A_SIDE, LEVEL, Draws
from calibration.explanations.failures.exchange import holm
from calibration.explanations.failures.places import DIRECTIONS, PLACES, Numbers, mirrored_place
from train.metrics.intervals import Bootstrap

Bools = npt.NDArray[np.bool_]

#: What the hottest places follow: nothing; the photo's frame; the eye's; or one of the two, and the
#: sides of the eyes don't tell which.
Follows = Literal["nothing", "photo", "eye", "not told"]

#: How the photos of all predicted classes are called together, behind those of each.
ANY_CLASS = "any class"

_BLOCK = 500  # draws at once


@dataclass(frozen=True)
class PlaceRecord:
    """Where the hottest point of photos' maps lies, in the photo's own frame.

    ``photos`` have one, ``nowhere`` have none: nothing speaks for the class, or all of the map does
    alike. ``counts`` are by the names of ``PLACES``. ``commonest`` is the most frequent place
    but for the middle, ``share`` the share of photos there, and ``by_turning`` what the most
    frequent place has where each person's maps are turned by chance, in the mean; ``p_value`` is
    the share of such draws that reach as much, ``p_holm`` the same corrected for all groups.
    ``beyond_mirrored`` is the share there less that at the most frequent place where left eyes are
    mirrored, of the photos whose side is known: above 0, the place belongs to the photo and not to
    the eye. It is None where few eyes of a side are known, and at top and bottom, which mirroring
    leaves.
    """

    photos: int
    nowhere: int
    persons: int
    counts: Mapping[str, int]
    commonest: str | None = None
    share: Estimate | None = None
    by_turning: float | None = None
    p_value: float | None = None
    p_holm: float | None = None
    beyond_mirrored: Estimate | None = None
    follows: Follows = "nothing"
    note: str | None = None


def one_place(
    places: Numbers, groups: Numbers, left: npt.ArrayLike, *, draws: Draws
) -> PlaceRecord:
    """Test whether the hottest places of photos come together more than chance allows.

    Chance turns the maps of each person by quarters of a circle, mirrored or not: the eight ways in
    which a map's square comes to lie on itself. By eighths noise would be called one place, as the
    diagonals of a square have more room at the edge than its sides. Anatomy, too, puts evidence at
    one place, but a mirrored one in the other eye.

    Args:
        places: (N,), of ``hottest_places``.
        groups: (N,), the person of each photo.
        left: (N,), 1 for a left eye, 0 for a right one, NaN where it isn't known.
        draws: How many.
    """
    kept = places >= 0
    nowhere = int((~kept).sum())
    places, groups, left = places[kept], groups[kept], np.asarray(left, np.float64)[kept]
    persons = len(np.unique(groups))
    counts = np.bincount(places, minlength=len(PLACES))
    named = {PLACES[at]: int(counts[at]) for at in np.argsort(-counts, kind="stable") if counts[at]}
    found = PlaceRecord(len(places), nowhere, persons, named)
    if persons < FEWEST_A_SIDE or not counts[1:].any():
        few = f"it needs {FEWEST_A_SIDE} persons with a hottest point; here are {persons}"
        return replace(found, note=few if persons < FEWEST_A_SIDE else "all are in the middle")
    most = _most(places)
    turned = _turned(places, groups, draws)
    bootstrap = Bootstrap(draws.resamples, draws.seed)
    return replace(
        found,
        commonest=PLACES[most],
        share=estimate(places == most, groups, bootstrap=bootstrap, is_share=True),
        by_turning=float(turned.mean() / len(places)),
        p_value=float((1 + (turned >= counts[most]).sum()) / (1 + draws.permutations)),
        beyond_mirrored=_beyond_mirrored(places, groups, left, bootstrap),
    )


def judged(records: Mapping[str, PlaceRecord]) -> dict[str, PlaceRecord]:
    """Correct the p-values of all groups together, by Holm, and say what the places follow."""
    p_values = holm([record.p_value for record in records.values()])
    return {
        name: replace(record, p_holm=p, follows=_follows(record, p))
        for (name, record), p in zip(records.items(), p_values, strict=True)
    }


def _follows(record: PlaceRecord, p: float | None) -> Follows:
    if p is None or p >= LEVEL:
        return "nothing"
    beyond = record.beyond_mirrored
    if beyond is None or beyond.interval is None:
        return "not told"
    low, high = beyond.interval
    return "photo" if low > 0 else "eye" if high < 0 else "not told"


def _beyond_mirrored(
    places: Numbers, groups: Numbers, left: npt.NDArray[np.float64], bootstrap: Bootstrap
) -> Estimate | None:
    """Compare the most frequent place with that of the same photos, left eyes mirrored."""
    sides = [len(np.unique(groups[left == side])) for side in (0, 1)]
    most = _most(places)
    if min(sides) < FEWEST_A_SIDE or mirrored_place(np.array([most]))[0] == most:
        return None
    known = np.isfinite(left)
    here = places[known]
    there = np.where(left[known] == 1, mirrored_place(here), here)
    at_most = [each == _most(each) for each in (here, there)]
    return estimate(at_most[0].astype(float) - at_most[1], groups[known], bootstrap=bootstrap)


def _most(places: Numbers) -> int:
    return 1 + int(np.bincount(places, minlength=len(PLACES))[1:].argmax())


def _turned(places: Numbers, groups: Numbers, draws: Draws) -> npt.NDArray[np.int64]:
    """Count the photos at the most frequent place but the middle, with maps turned: (draws,)."""
    generator = np.random.default_rng(draws.seed)
    names, number = np.unique(groups, return_inverse=True)
    out = places > 0
    ring, turn = np.divmod(places[out] - 1, len(DIRECTIONS))
    found = []
    for start in range(0, draws.permutations, _BLOCK):
        count = min(_BLOCK, draws.permutations - start)
        ways = generator.integers(8, size=(count, len(names)))[:, number[out]]
        quarters, mirrored = np.divmod(ways, 2)
        turns = np.where(mirrored, -turn, turn) + quarters * (len(DIRECTIONS) // 4)
        at = ring * len(DIRECTIONS) + turns % len(DIRECTIONS)
        rows = np.arange(count)[:, None] * (len(PLACES) - 1)
        table = np.bincount((rows + at).ravel(), minlength=count * (len(PLACES) - 1))
        found.append(table.reshape(count, -1).max(axis=1))
    return np.concatenate(found)
