"""Compare the maps of pairs of photos, as they are and brought into one frame of the retina."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import DisjointSet

from calibration.compare.similarity import MORE_IS_ALIKE
from calibration.explanations.consistency.pairs import PhotoPairs
from calibration.explanations.estimate import Estimate, estimate
from calibration.explanations.explained import Explained, ExplainedPhoto, Floats
from calibration.explanations.likeness import Likeness, Measures, likeness, means
from calibration.explanations.map_pairs import TITLES, MapPairs, PairMeasures, compare_pairs
from edge_runtime.explain.retina_frame import as_seen_by, to_frame
from train.copies.groups import component_ids
from train.metrics.intervals import Bootstrap

_Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Parts:
    """How alike maps are where both predictions agree, and where they differ."""

    agreeing: Likeness
    differing: Likeness


@dataclass(frozen=True)
class PairOfPhotos:
    """Two photos, their predicted classes, and how alike their maps of the first's class are.

    ``measures`` are those of the maps as they are, the second's mirrored where ``mirrored`` says
    so; empty where nothing speaks for the class in either.
    """

    first: str
    second: str
    first_class: str
    second_class: str
    mirrored: bool
    measures: Mapping[str, float]


@dataclass(frozen=True)
class PhotoLikeness:
    """How alike the maps of some pairs of photos are.

    ``same_class`` is the share of pairs with one predicted class. ``as_they_are`` is of all pairs,
    mirrored where they must be and no more. ``aligned`` is of those whose discs and foveas can be
    brought to one place, and ``alignment_gain`` by how much more alike that makes them, over the
    same cells of the same pairs, above 0 for more alike; None where it isn't done.
    """

    same_class: Estimate
    as_they_are: Parts
    aligned: Parts | None
    alignment_gain: Measures | None
    by_pair: tuple[PairOfPhotos, ...]


def compare_photos(
    kept: Explained,
    pairs: PhotoPairs,
    *,
    align: bool,
    field_degrees: float,
    bootstrap: Bootstrap,
) -> PhotoLikeness:
    """Compare the maps of pairs of photos, of the class that was predicted of the first.

    Args:
        kept: The photos.
        pairs: Which ones.
        align: Whether to bring them into one frame too.
        field_degrees: The angle that a field of view spans.
        bootstrap: Draws of persons for the intervals; its seed is that of all else drawn.
    """
    same = np.asarray(kept.top[pairs.first] == kept.top[pairs.second])
    plain = map_pairs(kept, pairs)
    compared = compare_pairs(plain, field_degrees=field_degrees, seed=bootstrap.seed)
    aligned = _aligned(kept, pairs, plain, field_degrees, bootstrap) if align else None
    return PhotoLikeness(
        same_class=estimate(same, plain.groups, bootstrap=bootstrap, is_share=True)
        if len(same)
        else Estimate(None, None, 0, 0, "there is no such pair"),
        as_they_are=_parts(compared, same, plain.groups, bootstrap),
        aligned=aligned[0] if aligned else None,
        alignment_gain=aligned[1] if aligned else None,
        by_pair=tuple(_pair(kept, pairs, row, compared) for row in range(len(same))),
    )


def map_pairs(kept: Explained, pairs: PhotoPairs) -> MapPairs:
    """Take the maps of pairs of photos; whoever a pair connects counts as one person."""
    labels = kept.top[pairs.first]

    def second(i: int, j: int, label: int) -> Floats:
        cam = np.asarray(kept.maps[pairs.second[j], label])
        return cam[:, ::-1] if pairs.mirrored[i] else cam

    return MapPairs(
        kept.maps[pairs.first, labels],
        second,
        labels,
        kept.top[pairs.second],
        _persons(kept.groups, pairs)[pairs.first],
        tuple(kept.sides[j] for j in pairs.second),
    )


def _aligned(
    kept: Explained,
    pairs: PhotoPairs,
    plain: MapPairs,
    field_degrees: float,
    bootstrap: Bootstrap,
) -> tuple[Parts, Measures]:
    """Compare the pairs that can be aligned, and say what alignment brings beyond mirroring."""
    frames = [_frame(photo) for photo in kept.photos]
    links = zip(pairs.first, pairs.second, strict=True)
    rows = np.array(
        [row for row, link in enumerate(links) if all(frames[i] is not None for i in link)], np.intp
    )

    def framed(i: int, j: int, label: int) -> Floats:
        first, second = pairs.first[rows[i]], pairs.second[rows[j]]
        here, there = frames[second], frames[first]
        if here is None or there is None:
            raise ValueError("only photos with a frame are aligned")
        return as_seen_by(kept.maps[second, label], here, there)

    def mirrored(i: int, j: int, label: int) -> Floats:
        cam = plain.second(int(rows[i]), int(rows[j]), label)
        return np.where(np.isnan(framed(i, j, label)), np.nan, cam).astype(np.float32)

    chosen = replace(
        plain,
        first=plain.first[rows],
        second=framed,
        labels=plain.labels[rows],
        tops=plain.tops[rows],
        groups=plain.groups[rows],
        sides=tuple(plain.sides[row] for row in rows),
    )
    there, here = (
        compare_pairs(each, field_degrees=field_degrees, seed=bootstrap.seed, baselines=False)
        for each in (chosen, replace(chosen, second=mirrored))
    )
    same = np.asarray(chosen.labels == chosen.tops)
    more = np.where(MORE_IS_ALIKE, 1, -1) * (there.own - here.own)
    (gain,) = means([more], chosen.groups, bootstrap=bootstrap)
    return _parts(there, same, chosen.groups, bootstrap), gain


def _frame(photo: ExplainedPhoto) -> npt.NDArray[np.float64] | None:
    """Find the way to the common frame; None where there is none, or the side is in doubt."""
    return to_frame(photo.landmarks) if photo.side else None


def _persons(groups: _Indices, pairs: PhotoPairs) -> _Indices:
    together = DisjointSet(range(len(groups)))
    firsts: dict[int, int] = {}
    for number, group in enumerate(groups.tolist()):
        together.merge(number, firsts.setdefault(group, number))
    for first, second in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
        together.merge(first, second)
    return component_ids(together)


def _parts(
    compared: PairMeasures, same: npt.NDArray[np.bool_], groups: _Indices, bootstrap: Bootstrap
) -> Parts:
    agreeing, differing = (
        likeness(compared, part, groups, bootstrap=bootstrap) for part in (same, ~same)
    )
    return Parts(agreeing, differing)


def _pair(kept: Explained, pairs: PhotoPairs, row: int, compared: PairMeasures) -> PairOfPhotos:
    first, second = int(pairs.first[row]), int(pairs.second[row])
    values = compared.own[row]
    return PairOfPhotos(
        kept.photos[first].path,
        kept.photos[second].path,
        kept.classes[kept.top[first]],
        kept.classes[kept.top[second]],
        bool(pairs.mirrored[row]),
        {n: v for n, v in zip(TITLES, values.tolist(), strict=True) if np.isfinite(v)},
    )
