"""Analyse stored explanations class by class: where the evidence lies, and how alike it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from calibration.explanations.analysis.averages import (
    Density,
    average,
    densities,
    likenesses,
    usable,
)
from calibration.explanations.analysis.concentration import entropy, half_area
from calibration.explanations.analysis.prototypes import Kind, kinds
from calibration.explanations.baseline_maps import whole_field
from calibration.explanations.estimate import Estimate, estimate
from calibration.explanations.explained import Explained, Floats
from calibration.explanations.store.info import StoreInfo
from edge_runtime.contract import DISCLAIMER
from edge_runtime.explain.zones import ZONES, even_shares, zone_map, zone_shares
from train.metrics.intervals import BOOTSTRAP, Bootstrap

_NAMED = 5  # photos that are most and least like their class's average


@dataclass(frozen=True)
class ZoneEvidence:
    """The share 0..1 of the evidence that lies in a zone, and what evidence without a place gives.

    ``evenly`` is the share that evidence spread evenly over the eye has there in the same photos.
    """

    share: Estimate
    evenly: float | None


@dataclass(frozen=True)
class KindRecord:
    """Maps that are alike: their number and the photos that show them best."""

    photos: int
    prototypes: tuple[str, ...]


@dataclass(frozen=True)
class LikePhoto:
    """A photo, and how its map correlates with the average of its class's other persons."""

    photo: str
    correlation: float


@dataclass(frozen=True)
class ClassAnalysis:
    """What the maps of the photos say that were predicted to be of one class.

    ``right`` and ``wrong`` count those of which that is known, ``aligned`` those that are in the
    common frame, ``with_evidence`` those where anything speaks for the class. ``zones`` are
    by the names of ``ZONES``. ``entropy`` and ``half_area`` are 0..1, see ``concentration``.
    ``like_average`` is
    the correlation of a map with the average of the other persons' in the common frame,
    ``like_average_mirrored`` in the field of view with left eyes mirrored and
    ``like_average_unaligned`` as it is, of the same photos; ``alignment_gain`` is the first less
    the second. ``most_alike`` and ``least_alike`` name photos by the first
    of these.
    """

    photos: int
    persons: int
    right: int
    wrong: int
    aligned: int
    with_evidence: int
    zones: Mapping[str, ZoneEvidence]
    entropy: Estimate
    half_area: Estimate
    like_average: Estimate
    like_average_mirrored: Estimate
    like_average_unaligned: Estimate
    alignment_gain: Estimate
    kinds: tuple[KindRecord, ...]
    most_alike: tuple[LikePhoto, ...]
    least_alike: tuple[LikePhoto, ...]


@dataclass(frozen=True)
class Analysis:
    """What ``explain analyse --json`` prints.

    ``refused`` photos have no class and are left out. ``entropy_by_area`` and
    ``half_area_by_area`` are those of evidence spread evenly over the field. ``classes`` are by
    predicted class.
    """

    store: StoreInfo
    photos: int
    refused: int
    entropy_by_area: float
    half_area_by_area: float
    resamples: int
    seed: int
    classes: Mapping[str, ClassAnalysis]
    disclaimer: str = DISCLAIMER


@dataclass(frozen=True, eq=False)
class ClassMaps:
    """Average maps of one predicted class, float32 (side, side), and its kinds.

    ``averages`` are by name: aligned, those of right and of wrong ones, and unaligned;
    ``counts`` are the photos of each.
    """

    averages: Mapping[str, Floats]
    counts: Mapping[str, int]
    kinds: tuple[Kind, ...] = field(default=())


def analyse(
    explained: Explained, store: StoreInfo, *, bootstrap: Bootstrap = BOOTSTRAP
) -> tuple[Analysis, Explained, dict[str, ClassMaps]]:
    """Analyse the photos of a store.

    Args:
        explained: Of the store; refused photos are left out.
        store: What it was made with.
        bootstrap: Draws of persons for the intervals; its seed is that of the kinds too.

    Returns:
        The figures, the photos that they are of, and by class what is drawn of them.
    """
    kept = explained.taken(np.array([photo.fault is None for photo in explained.photos], bool))
    density, areas = densities(kept), zone_table(kept)
    classes, drawn = {}, {}
    for label, name in enumerate(kept.classes):
        chosen = np.asarray(kept.top == label)
        drawn[name] = _maps(kept, density, chosen, seed=bootstrap.seed)
        if chosen.any():
            classes[name] = _class(kept, density, areas, chosen, drawn[name].kinds, bootstrap)
    even = whole_field(kept.maps.shape[2:])
    found = Analysis(
        store, len(kept.photos), len(explained.photos) - len(kept.photos),
        entropy(even), half_area(even), bootstrap.resamples, bootstrap.seed, classes,
    )  # fmt: skip
    return found, kept, drawn


def zone_table(kept: Explained) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Measure where the evidence for each photo's predicted class lies, by zone.

    Returns:
        float64 (N, 7) each: the shares, and those of evidence spread evenly over the eye; NaN where
        disc or fovea aren't known, or nothing speaks for the class.
    """
    shares, areas = (np.full((len(kept.photos), len(ZONES)), np.nan) for _ in range(2))
    for row, (photo, top) in enumerate(zip(kept.photos, kept.top, strict=True)):
        zones = zone_map(photo.landmarks)
        cam = kept.maps[row, top]
        if zones is not None and (cam > 0).any():
            shares[row] = list(zone_shares(cam, zones).values())
            areas[row] = list(even_shares(zones, (cam.shape[0], cam.shape[1])).values())
    return shares, areas


def _class(
    kept: Explained,
    density: Density,
    table: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    chosen: npt.NDArray[np.bool_],
    found_kinds: tuple[Kind, ...],
    bootstrap: Bootstrap,
) -> ClassAnalysis:
    groups, rows = kept.groups[chosen], np.flatnonzero(chosen)
    maps = kept.maps[rows, kept.top[rows]]
    aligned, mirrored, plain = likenesses(density, chosen, kept.groups)
    shares, areas = (part[chosen] for part in table)

    def mean(values: npt.NDArray[np.float64]) -> Estimate:
        return estimate(values, groups, bootstrap=bootstrap)

    paths = [kept.photos[row].path for row in rows]
    order = [int(i) for i in np.argsort(-aligned, kind="stable") if not np.isnan(aligned[i])]
    named = [LikePhoto(paths[i], round(float(aligned[i]), 4)) for i in order]
    most = min(_NAMED, len(named) // 2)  # so that none is named twice
    return ClassAnalysis(
        photos=len(rows),
        persons=len(np.unique(groups)),
        right=int(kept.right[chosen].sum()),
        wrong=int(kept.wrong[chosen].sum()),
        aligned=int(usable(density.aligned[chosen]).sum()),
        with_evidence=int((maps > 0).any(axis=(1, 2)).sum()),
        zones={
            zone: ZoneEvidence(mean(shares[:, at]), _mean(areas[:, at]))
            for at, zone in enumerate(ZONES)
        },
        entropy=mean(np.array([entropy(cam) for cam in maps])),
        half_area=mean(np.array([half_area(cam) for cam in maps])),
        like_average=mean(aligned),
        like_average_mirrored=mean(mirrored),
        like_average_unaligned=mean(plain),
        alignment_gain=mean(aligned - mirrored),
        kinds=tuple(
            KindRecord(kind.photos, tuple(kept.photos[i].path for i in kind.prototypes))
            for kind in found_kinds
        ),
        most_alike=tuple(named[:most]),
        least_alike=tuple(named[::-1][:most]),
    )


def _maps(
    kept: Explained, density: Density, chosen: npt.NDArray[np.bool_], *, seed: int
) -> ClassMaps:
    averages = {
        "all": average(density.aligned[chosen]),
        "right": average(density.aligned[chosen & kept.right]),
        "wrong": average(density.aligned[chosen & kept.wrong]),
        "not aligned": average(density.unaligned[chosen & usable(density.aligned)]),
    }
    known = usable(density.aligned)
    counts = {
        "all": int((chosen & known).sum()),
        "right": int((chosen & known & kept.right).sum()),
        "wrong": int((chosen & known & kept.wrong).sum()),
        "not aligned": int((chosen & known).sum()),
    }
    rows = np.flatnonzero(chosen)
    found = kinds(density.aligned[chosen], seed=seed)
    moved = tuple(
        Kind(kind.photos, kind.average, tuple(int(rows[i]) for i in kind.prototypes))
        for kind in found
    )
    return ClassMaps(averages, counts, moved)


def _mean(values: npt.NDArray[np.float64]) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
