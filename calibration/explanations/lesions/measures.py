"""Measure whether a map is hot where something is marked, beside what chance gives."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.explain.gradcam import inside_shares

Doubles = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: The measures of a map against marks: the share 0..1 of its positive evidence that lies on them;
#: the same as times of their share of the eye; whether its hottest place is one of them (the
#: pointing game, Zhang et al., Int. J. Comput. Vis. 126, 2018, arXiv 1608.00507); and the areas
#: under the precision-recall and the ROC curve of the map as a score of each place.
MEASURES = ("share", "times", "pointing", "auprc", "auroc")

#: How far from a mark the hottest place may lie, as a share of the field's diameter. The pointing
#: game allows 15 pixels in pictures of some 500; of a field of 45 degrees it is 1.4 degrees.
TOLERANCE = 0.03

_SEEN = 0.5  # of a cell that must show the eye, so that it counts as one


@dataclass(frozen=True, eq=False)
class Ground:
    """The places of one eye, and T kinds of marks on them.

    ``chosen`` is bool (height, width), the P places that count; ``marked`` float64 (T, P), 0..1,
    how much of each is marked; ``near`` bool (T, P), whether the hottest place may be there.
    """

    chosen: Bools
    marked: Doubles
    near: Bools


def place_ground(covered: npt.NDArray[np.uint8], inside: Bools) -> Ground:
    """Take the pixels of the eye as places.

    Args:
        covered: uint8 (T, height, width), 0 to 255, how much of each pixel is marked.
        inside: bool (height, width), the eye.
    """
    reach = TOLERANCE * inside.shape[0]
    far = [cv2.distanceTransform((each == 0).astype(np.uint8), cv2.DIST_L2, 5) for each in covered]
    near = np.asarray(far) <= reach
    near &= (covered > 0).any(axis=(1, 2), keepdims=True)  # without a mark all is far
    return Ground(inside, covered[:, inside] / 255.0, near[:, inside])


def cell_ground(covered: npt.NDArray[np.uint8], inside: Bools, *, cells: tuple[int, int]) -> Ground:
    """Take the cells of a map (h, w) as places, marked where they hold any of a mark.

    A cell of a 7 x 7 map is many times larger than a microaneurysm, so this is the finest that
    such a map can tell. Cells that show less than half of an eye are left out.
    """
    held = [inside_shares((each > 0) & inside, cells) > 0 for each in covered]
    seen = inside_shares(inside, cells) >= _SEEN
    marked = np.asarray(held)[:, seen]
    return Ground(seen, marked.astype(np.float64), marked)


def judge(values: npt.NDArray[np.floating], ground: Ground) -> Doubles:
    """Take all measures of a map.

    Args:
        values: (height, width), a signed map at the ground's places; what is above zero speaks for
            the class. Places that are equally hot share what they point at.
        ground: The places.

    Returns:
        float64 (T, M), in the order of ``MEASURES``; NaN where nothing is marked, and the areas
        where everything is marked too. Where nothing speaks for the class the first three are 0.
    """
    scores = np.asarray(values[ground.chosen], np.float64)
    marked = ground.marked
    found = np.full((len(marked), len(MEASURES)), np.nan)
    some = marked.sum(axis=1) > 0
    positive = np.maximum(scores, 0)
    found[some, :3] = 0
    if positive.any():
        share = marked[some] @ positive / positive.sum()
        hottest = scores == scores.max()
        found[some, :3] = np.column_stack(
            [share, share / marked[some].mean(axis=1), ground.near[some][:, hottest].mean(axis=1)]
        )
    found[some, 3:] = np.column_stack(areas_under_curves(scores, marked[some]))
    return found


def chance(ground: Ground) -> Doubles:
    """Give what evidence that is spread evenly over the eye, or a random place, would reach.

    For the precision it is the share of the eye that is marked. That is what many independent
    places would reach: a random map of a few broad cells lies above it, as marks lie together, so
    random maps of such cells are the level to compare with.

    Returns:
        float64 (T, M), in the order of ``MEASURES``; NaN where nothing is marked.
    """
    share = ground.marked.mean(axis=1)
    even = np.ones_like(share)
    found = np.column_stack([share, even, ground.near.mean(axis=1), share, even / 2])
    found[share == 0] = np.nan
    return found


def areas_under_curves(scores: Doubles, marked: Doubles) -> tuple[Doubles, Doubles]:
    """Compute the areas under the precision-recall and the ROC curves.

    Where a place is marked in part, it counts as so much of a marked and so much of an unmarked
    place. The first is the average precision, the sum of each step in recall times the precision
    there, without interpolation (as scikit-learn has it); the second follows the trapezoidal rule.

    Args:
        scores: float64 (P,).
        marked: float64 (T, P), 0..1.

    Returns:
        Two of float64 (T,); NaN where nothing or everything is marked.
    """
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))  # of equal scores
    hits = np.cumsum(marked[:, order], axis=1)[:, last]
    misses = (last + 1) - hits
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, false = (
            np.insert(counts / counts[:, -1:], 0, 0, axis=1) for counts in (hits, misses)
        )
        precision = hits / (last + 1)
    steps = np.diff(recall, axis=1)
    auprc = (steps * precision).sum(axis=1)
    auroc = (np.diff(false, axis=1) * (recall[:, 1:] + recall[:, :-1]) / 2).sum(axis=1)
    whole = misses[:, -1] <= 0
    return np.where(whole, np.nan, auprc), np.where(whole, np.nan, auroc)
