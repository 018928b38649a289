"""Find the photos that show the same eye, by their content alone."""

from collections.abc import Callable, Sequence

from scipy.cluster.hierarchy import DisjointSet

from train.copies.alignment import Alignment, View, align, view
from train.copies.candidates import Candidate, candidate_pairs
from train.copies.descriptors import Descriptor
from train.copies.threads import thread_pool

_AT_A_TIME = 512  # pairs; after each lot those that became connected are passed over


def find_near_copies(
    descriptors: Sequence[Descriptor], *, on_share: Callable[[float], None] = lambda _: None
) -> dict[tuple[int, int], Alignment]:
    """Find pairs that connect all photos of the same picture or eye.

    Two photos that are already connected through others are not compared again, so the pairs
    form a forest: they say which photos belong together, not every pair that does.

    Args:
        descriptors: Of N photos.
        on_share: Called with the share of the work done, 0..1.

    Returns:
        How well two photos agree that show the same eye, by their indices, first < second, sorted.
    """
    together = DisjointSet(range(len(descriptors)))
    views: dict[int, View] = {}
    copies: dict[tuple[int, int], Alignment] = {}

    def compare(pair: Candidate) -> Alignment | None:
        first, second = views[pair.first], views[pair.second]
        return align(first, second, by_turn=pair.by_polar, by_features=pair.by_words)

    with thread_pool() as pool:
        pairs = candidate_pairs(descriptors, pool=pool, on_share=lambda done: on_share(done / 2))
        for start in range(0, len(pairs), _AT_A_TIME):
            some = pairs[start : start + _AT_A_TIME]
            lot = [pair for pair in some if not together.connected(pair.first, pair.second)]
            wanted = sorted({index for pair in lot for index in (pair.first, pair.second)})
            made = pool.map(view, [descriptors[index] for index in wanted])
            views = dict(zip(wanted, made, strict=True))
            for pair, found in zip(lot, pool.map(compare, lot), strict=True):
                if found and found.is_copy and together.merge(pair.first, pair.second):
                    copies[pair.first, pair.second] = found
            on_share(0.5 + 0.5 * min(1.0, (start + _AT_A_TIME) / len(pairs)))
    return {pair: copies[pair] for pair in sorted(copies)}
