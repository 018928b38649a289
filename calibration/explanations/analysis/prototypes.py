"""Find the few kinds of maps that a class has, and the photos that show each best."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

from calibration.explanations.analysis.averages import average, usable

Floats = npt.NDArray[np.float32]

_FEWEST = 20  # photos, below which a class isn't parted
_MOST_KINDS = 5
_LEAST_SILHOUETTE = 0.1  # below it there is one kind
_SILHOUETTE_OF = 2000  # photos at most, as it takes the distances of all pairs
_SHOWN = 3  # photos of each kind
_SQUARE = 4  # places


@dataclass(frozen=True, eq=False)
class Kind:
    """Maps that are alike: how many, their average, and the photos nearest to it (indices)."""

    photos: int
    average: Floats
    prototypes: tuple[int, ...]


def kinds(maps: Floats, *, seed: int) -> tuple[Kind, ...]:
    """Part the maps of a class into kinds, the largest first.

    k-means with the number of kinds that has the largest silhouette (Rousseeuw, J. Comput. Appl.
    Math. 20, 1987), over 2,000 of the photos where there are more; one kind where none reaches 0.1
    or where there are fewer than 20 photos.

    Args:
        maps: float32 (N, side, side), of ``averages.Density``.
        seed: Of k-means, and of the photos that the silhouette is of.
    """
    rows = np.flatnonzero(usable(maps))
    if not len(rows):
        return ()
    places = np.stack([_coarse(maps[row]) for row in rows])
    some = np.sort(np.random.default_rng(seed).permutation(len(rows))[:_SILHOUETTE_OF])
    best = (_LEAST_SILHOUETTE, np.zeros(len(rows), np.intp))
    for count in range(2, _MOST_KINDS + 1) if len(rows) >= _FEWEST else ():
        with threadpool_limits(1):  # small as it is, threads would wait for each other for minutes
            labels = KMeans(count, n_init=10, random_state=seed).fit_predict(places)
        if len(np.unique(labels[some])) == count:
            score = silhouette_score(places[some], labels[some])
            best = max(best, (float(score), labels), key=lambda pair: pair[0])
    labels = best[1]
    found = [_kind(maps, rows[labels == label], places[labels == label]) for label in set(labels)]
    return tuple(sorted(found, key=lambda kind: (-kind.photos, kind.prototypes)))


def _coarse(values: Floats) -> Floats:
    """Average squares of places, as a map has no more detail than its cells: (places,)."""
    side = values.shape[0] // _SQUARE
    squares = np.nan_to_num(values, nan=0.0).reshape(side, _SQUARE, side, _SQUARE)
    return np.asarray(squares.mean(axis=(1, 3)).ravel())


def _kind(maps: Floats, rows: npt.NDArray[np.intp], places: Floats) -> Kind:
    off = ((places - places.mean(axis=0)) ** 2).sum(axis=1)
    nearest = rows[np.argsort(off, kind="stable")[:_SHOWN]]
    return Kind(len(rows), average(maps[rows]), tuple(int(row) for row in nearest))
