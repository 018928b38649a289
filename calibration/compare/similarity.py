"""Measure how far two Grad-CAMs of one photo are apart."""

import math
from dataclasses import dataclass, fields

import cv2
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import breadth_first_order
from scipy.special import rel_entr
from scipy.stats import rankdata

from edge_runtime.explain.gradcam import heatmap

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MapDistance:
    """How far two maps are apart; the values given here are those of equal maps.

    ``jensen_shannon`` is the distance, 0..1. The last two are in pixels of the model's input,
    ``emd_pixels`` is the earth mover's distance.
    """

    pearson: float = 1.0
    spearman: float = 1.0
    ssim: float = 1.0
    iou: float = 1.0
    jensen_shannon: float = 0.0
    emd_pixels: float = 0.0
    peak_pixels: float = 0.0


#: The measures by name.
MEASURES = tuple(field.name for field in fields(MapDistance))

#: Of each, in that order, whether more of it is more alike.
MORE_IS_ALIKE = np.array([field.default == 1 for field in fields(MapDistance)])

#: Pixels per cell of the map at which a heatmap is compared as it is shown.
SHOWN_SCALE = 8

_HOTTEST = 0.1  # share of the pixels
_WINDOW, _SIGMA = 11, 1.5  # pixels
_ROUNDING = 1e-12  # float64 sums of some hundred terms of about 1
_EXACTLY = dict.fromkeys(("primal_feasibility_tolerance", "dual_feasibility_tolerance"), 1e-10)
_C1, _C2 = 0.01**2, 0.03**2


def compare_maps(
    first: Floats, second: Floats, *, input_size: tuple[float, float]
) -> MapDistance | None:
    """Take all measures of two maps.

    Correlations are of the signed maps as the model gives them: interpolation adds no evidence.
    SSIM, the overlap of the hottest tenth and the distance of the peaks are of the heatmaps as
    shown, interpolated to ``SHOWN_SCALE`` pixels a cell: on 7 x 7 cells a tenth is five cells, of
    which one can't differ without an overlap of 4 / 6. The Jensen-Shannon and the earth mover's
    distance are exact, on the cells, over the positive evidence. A heatmap that is blank where the
    other isn't has the values of maps that have nothing in common: 0 of what is more where maps are
    alike, and the greatest distances. It isn't the worst of all: an opposite map has a correlation
    of -1 and an SSIM below 0, so by these a model would gain by showing nothing instead.

    Args:
        first: float32 (h, w), signed Grad-CAM in logits.
        second: The same.
        input_size: (height, width) of the model's input in pixels, which the maps cover; in
            another unit, both distances are in that unit.

    Returns:
        None if both heatmaps are blank.
    """
    heats = heatmap(first), heatmap(second)
    if not any(heat.positive for heat in heats):
        return None
    if not all(heat.positive for heat in heats):
        diagonal = math.hypot(*input_size)
        return MapDistance(0.0, 0.0, 0.0, 0.0, 1.0, diagonal, diagonal)
    a, b = (shown(heat.values) for heat in heats)
    return MapDistance(
        pearson=pearson(first, second),
        spearman=pearson(rankdata(first), rankdata(second)),
        ssim=structural_similarity(a, b),
        iou=hottest_overlap(a, b),
        jensen_shannon=jensen_shannon_distance(heats[0].values, heats[1].values),
        emd_pixels=earth_movers_distance(heats[0].values, heats[1].values, span=input_size),
        peak_pixels=peak_distance(a, b, span=input_size),
    )


def shown(values: Floats) -> Floats:
    """Interpolate a heatmap (h, w) as an overlay does, to ``SHOWN_SCALE`` pixels a cell."""
    larger = cv2.resize(values, None, fx=SHOWN_SCALE, fy=SHOWN_SCALE, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(larger, 0, 1), np.float32)


def pearson(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> float:
    """Correlate two arrays of one shape; 0 where one of them is flat."""
    x, y = (np.asarray(v, np.float64).ravel() - np.mean(v, dtype=np.float64) for v in (a, b))
    norm = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / norm if norm > 0 else 0.0


def structural_similarity(a: Floats, b: Floats) -> float:
    """Average the SSIM of two pictures with values 0..1, over whole windows.

    Where a picture has fewer than 11 rows or columns, as of a map of one row, no window is whole
    that way; there each row or column counts, and its window goes on in the picture's mirror.

    Source: Wang et al., Image quality assessment, IEEE Trans. Image Process. 13, 2004: Gaussian
    window of 11 pixels and 1.5 pixels standard deviation, K1 = 0.01, K2 = 0.03.
    """
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    edge = _WINDOW // 2
    inner = tuple(slice(edge, -edge) if side >= _WINDOW else slice(None) for side in x.shape)
    mean_x, mean_y, square_x, square_y, product = (
        cv2.GaussianBlur(picture, (_WINDOW, _WINDOW), _SIGMA)[inner]
        for picture in (x, y, x * x, y * y, x * y)
    )
    var_x, var_y, covariance = square_x - mean_x**2, square_y - mean_y**2, product - mean_x * mean_y
    similarity = ((2 * mean_x * mean_y + _C1) * (2 * covariance + _C2)) / (
        (mean_x**2 + mean_y**2 + _C1) * (var_x + var_y + _C2)
    )
    return float(similarity.mean())


def hottest_overlap(a: Floats, b: Floats) -> float:
    """Divide intersection by union of the hottest tenths; what isn't above zero isn't hot."""
    first, second = _hottest(a), _hottest(b)
    return float((first & second).sum() / (first | second).sum())


def jensen_shannon_distance(a: Floats, b: Floats) -> float:
    """Measure how far two maps' evidence is apart: 0 if equal, 1 without a cell in common.

    The square root of the Jensen-Shannon divergence to base 2, both maps scaled to a sum of one.

    Args:
        a: float32 (h, w), not negative, not blank.
        b: The same.

    Source: Lin, IEEE Trans. Inf. Theory 37, 1991; for the root, which is a metric, Endres and
    Schindelin, IEEE Trans. Inf. Theory 49, 2003.
    """
    shares = _shares(a), _shares(b)
    middle = (shares[0] + shares[1]) / 2
    divergence = sum(float(rel_entr(each, middle).sum()) for each in shares) / (2 * math.log(2))
    return math.sqrt(min(1.0, max(0.0, divergence)))


def earth_movers_distance(a: Floats, b: Floats, *, span: tuple[float, float]) -> float:
    """Find the mean way, in pixels, by which one map's evidence must be moved to give the other.

    Exact optimal transport between the cells' centres in float64, both maps scaled to a sum of one.
    What both have in a cell stays there, which no detour can better.

    Args:
        a: float32 (h, w), not negative, not blank.
        b: The same.
        span: (height, width) in pixels that the maps cover.

    Source: Rubner, Tomasi and Guibas, Int. J. Comput. Vis. 40, 2000.
    """
    apart = _shares(a) - _shares(b)
    cells = [np.argwhere(rest > 0) for rest in (apart, -apart)]
    if not all(map(len, cells)):
        return 0.0
    given, taken = apart[apart > 0], -apart[apart < 0]
    ways = np.linalg.norm((cells[0][:, None] - cells[1]) * np.divide(span, a.shape), axis=2)
    moved = float(given.sum())
    return moved * _mean_way(given / moved, taken / taken.sum(), ways)


def _mean_way(given: Doubles, taken: Doubles, ways: Doubles) -> float:
    """Solve the transportation problem: (n,) to (m,), both of sum 1, over ways (n, m).

    OpenCV's simplex, which computes in float32, says quickly which cells give to which. From that
    alone amounts and prices follow in float64; where they don't prove that it is the optimum, by
    the duality of linear programmes, one is solved.
    """
    weights = [np.asarray(each[:, None], np.float32) for each in (given, taken)]
    *_, flow = cv2.EMD(*weights, cv2.DIST_USER, ways.astype(np.float32))  # type: ignore[call-overload]
    sums = np.concatenate([given, taken])
    proven = _proven(sums, ways, np.argwhere(flow))
    if proven is not None:
        return proven
    n, m = ways.shape
    all_ways = sparse.vstack(
        [sparse.kron(sparse.eye(n), np.ones((1, m))), sparse.kron(np.ones((1, n)), sparse.eye(m))]
    )
    rows = all_ways.tocsr()[:-1]  # the last follows from the others, but for rounding
    return float(linprog(ways.ravel(), A_eq=rows, b_eq=sums[:-1], options=_EXACTLY).fun)


def _proven(sums: Doubles, ways: Doubles, used: npt.NDArray[np.intp]) -> float | None:
    """Compute the mean way from the tree of ways that are used; None where it isn't the optimum."""
    n, count = len(ways), len(sums)
    links = sparse.csr_array((np.ones(len(used)), (used[:, 0], n + used[:, 1])), (count, count))
    order, parents = breadth_first_order(links, 0, directed=False)
    prices, rest, total = np.zeros(count), sums.tolist(), 0.0
    lengths = {
        node: ways[min(node, up), max(node, up) - n] for node, up in enumerate(parents) if up >= 0
    }
    for node in order[1:]:
        prices[node] = lengths[node] - prices[parents[node]]
    for node in order[:0:-1]:
        rest[parents[node]] -= rest[node]
        total += rest[node] * lengths[node]
    saved = (prices[:n, None] + prices[n:] - ways).max() / ways.max()
    is_best = len(order) == count and saved < _ROUNDING
    return float(total) if is_best and abs(rest[0]) < _ROUNDING and min(rest) > -_ROUNDING else None


def peak_distance(a: Floats, b: Floats, *, span: tuple[float, float]) -> float:
    """Measure how far apart the maxima of two maps are, in pixels of ``span``."""
    first, second = (np.array(np.unravel_index(int(v.argmax()), v.shape)) for v in (a, b))
    return math.hypot(*((first - second) * np.divide(span, a.shape)))


def _shares(values: Floats) -> Doubles:
    """Scale a map to a sum of one."""
    exact = np.asarray(values, np.float64)
    return np.asarray(exact / exact.sum())


def _hottest(values: Floats) -> npt.NDArray[np.bool_]:
    count = math.ceil(values.size * _HOTTEST)
    limit = np.partition(values.ravel(), -count)[-count]
    return np.asarray((values >= limit) & (values > 0))
