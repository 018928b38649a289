"""Find the photos that show the same eye, by their content alone."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
from scipy.cluster.hierarchy import DisjointSet
from threadpoolctl import threadpool_limits

from train.copies.alignment import Alignment, LocalContrast, align, contrast
from train.copies.candidates import Candidate, candidate_pairs
from train.copies.descriptors import Descriptor

_AT_A_TIME = 512  # pairs; after each lot those that became connected are passed over


@dataclass(frozen=True)
class NearCopy:
    """Two photos that show the same eye, by their indices, and how well they agree."""

    first: int
    second: int
    alignment: Alignment


def find_near_copies(
    descriptors: Sequence[Descriptor], *, on_share: Callable[[float], None] = lambda _: None
) -> list[NearCopy]:
    """Find pairs that connect all photos of the same picture or eye.

    Two photos that are already connected through others are not compared again, so the pairs
    form a forest: they say which photos belong together, not every pair that does.

    Args:
        descriptors: Of N photos.
        on_share: Called with the share of the work done, 0..1.

    Returns:
        Pairs, first < second, sorted.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        # The pool's threads are all the machine has; BLAS threads beside them take thrice the time.
        with threadpool_limits(1), ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            return _find(descriptors, pool, on_share)
    finally:
        cv2.setNumThreads(threads)


def _find(
    descriptors: Sequence[Descriptor], pool: ThreadPoolExecutor, on_share: Callable[[float], None]
) -> list[NearCopy]:
    pairs = candidate_pairs(descriptors, pool=pool, on_share=lambda share: on_share(share * 0.5))
    together = DisjointSet(range(len(descriptors)))
    contrasts: dict[int, LocalContrast] = {}
    copies: list[NearCopy] = []

    def compare(pair: Candidate) -> Alignment | None:
        return align(
            descriptors[pair.first],
            descriptors[pair.second],
            contrasts[pair.first],
            contrasts[pair.second],
            by_turn=pair.by_polar,
            by_features=pair.by_words,
        )

    for start in range(0, len(pairs), _AT_A_TIME):
        lot = [
            pair
            for pair in pairs[start : start + _AT_A_TIME]
            if not together.connected(pair.first, pair.second)
        ]
        wanted = sorted({index for pair in lot for index in (pair.first, pair.second)})
        made = pool.map(contrast, [descriptors[index] for index in wanted])
        contrasts = dict(zip(wanted, made, strict=True))
        for pair, found in zip(lot, pool.map(compare, lot), strict=True):
            same = found is not None and found.is_copy
            if found is not None and same and together.merge(pair.first, pair.second):
                copies.append(NearCopy(pair.first, pair.second, found))
        on_share(0.5 + 0.5 * min(1.0, (start + _AT_A_TIME) / len(pairs)))
    return sorted(copies, key=lambda copy: (copy.first, copy.second))
