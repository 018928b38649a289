"""Analyse stored explanations class by class: where the evidence lies, and how alike it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from calibration.errors import NoPhotoLeftError
from calibration.explanations.analysis.averages import Density, average, densities, usable
from calibration.explanations.analysis.concentration import entropy, half_area
from calibration.explanations.analysis.like_average import (
    OTHER_CLASS,
    Table,
    ignorant_tables,
    other_class_table,
    own_table,
    take_means,
)
from calibration.explanations.analysis.prototypes import Kind, kinds
from calibration.explanations.analysis.record import (
    Analysis,
    ClassAnalysis,
    KindRecord,
    LikePhoto,
    ZoneEvidence,
)
from calibration.explanations.baseline_maps import whole_field
from calibration.explanations.estimate import Estimate, estimate
from calibration.explanations.explained import Explained, Floats
from calibration.explanations.store.info import StoreInfo
from edge_runtime.explain.zones import ZONES, even_shares, zone_map, zone_shares
from train.metrics.intervals import BOOTSTRAP, Bootstrap

_OWN = ""  # the name of the photos' own maps
_NAMED = 5  # photos that are most and least like their class's average


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
    explained: Explained,
    store: StoreInfo,
    *,
    bootstrap: Bootstrap = BOOTSTRAP,
    on_share: Callable[[str, float], None] = lambda label, share: None,
) -> tuple[Analysis, Explained, dict[str, ClassMaps]]:
    """Analyse the photos of a store.

    Args:
        explained: Of the store; refused photos are left out.
        store: What it was made with.
        bootstrap: Draws of persons for the intervals; its seed is that of the kinds and of the
            maps that know nothing too.
        on_share: Called with what is under way, and with the share 0..1 of it that is done.

    Returns:
        The figures, the photos that they are of, and by class what is drawn of them.

    Raises:
        NoPhotoLeftError: All photos were refused, or there is none.
    """
    kept = explained.taken(np.array([photo.fault is None for photo in explained.photos], bool))
    if not kept.photos:
        raise NoPhotoLeftError([f"{each.path}: {each.fault}" for each in explained.photos])
    steps, done = 5 + len(kept.classes), 0

    def step() -> None:
        nonlocal done
        done += 1
        on_share("averages", done / steps)

    # Maps that know nothing first, and then the photos' own: both at once take much memory.
    tables = ignorant_tables(kept, seed=bootstrap.seed, on_table=step)
    density, shares = densities(kept), zone_table(kept)
    step()
    tables[_OWN] = own_table(density, kept)
    step()
    tables[OTHER_CLASS] = other_class_table(density, kept)
    step()
    classes, drawn = {}, {}
    for label, name in enumerate(kept.classes):
        chosen = np.asarray(kept.top == label)
        drawn[name] = _maps(kept, density, chosen, seed=bootstrap.seed)
        if chosen.any():
            found_kinds = drawn[name].kinds
            classes[name] = _class(kept, chosen, density, shares, tables, found_kinds, bootstrap)
        step()
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
    chosen: npt.NDArray[np.bool_],
    density: Density,
    table: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    tables: Mapping[str, Table],
    found_kinds: tuple[Kind, ...],
    bootstrap: Bootstrap,
) -> ClassAnalysis:
    groups, rows = kept.groups[chosen], np.flatnonzero(chosen)
    maps = kept.maps[rows, kept.top[rows]]
    shares, areas = (part[chosen] for part in table)

    def mean(values: npt.NDArray[np.float64]) -> Estimate:
        return estimate(values, groups, bootstrap=bootstrap)

    of_class = {name: each[:, chosen] for name, each in tables.items()}
    alike = take_means(of_class, groups, bootstrap=bootstrap)
    paths, aligned = [kept.photos[row].path for row in rows], of_class[_OWN][0]
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
        like_average=alike.pop(_OWN),
        like_average_by_chance=alike,
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
