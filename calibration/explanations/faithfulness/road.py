"""Remove pixels of an eye so that the picture doesn't show which: ROAD.

Rong, Leemann, Borisov, Kasneci and Kasneci, A consistent and efficient evaluation strategy for
attribution methods, ICML 2022, arXiv 2202.00449: a removed pixel becomes the weighted mean of its
eight neighbours (1/6 each beside it, 1/12 each at its corners), removed or not, which is a sparse
linear system, and some noise on top. Its limit: the hole of a smooth map is filled by a soft blot,
whose shape and place a model may still read.
"""

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

#: Standard deviation of the noise, as a share of the range of a pixel.
NOISE = 0.01

_NEIGHBOURS = [
    (down, right, 1 / 6 if 0 in (down, right) else 1 / 12)
    for down in (-1, 0, 1)
    for right in (-1, 0, 1)
    if (down, right) != (0, 0)
]
_BEYOND, _KNOWN = -2, -1

Doubles = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def impute(image: npt.NDArray[np.generic], missing: Mask, *, inside: Mask | None = None) -> Doubles:
    """Fill missing pixels by the weighted means of their neighbours, without noise.

    Pixels beyond the picture or the eye aren't neighbours: the others' weights grow. Where no known
    pixel is to be reached from a hole, it becomes the known pixels' mean.

    Args:
        image: (height, width, 3).
        missing: bool (height, width), true where it is to be filled.
        inside: bool (height, width), the eye; None for all of the picture.

    Returns:
        float64 (height, width, 3).
    """
    found = np.array(image, np.float64)
    eye = np.ones_like(missing) if inside is None else inside
    missing = missing & eye
    if not missing.any():
        return found
    system, wanted, bordered = _system(found, missing, eye)
    holes, number = connected_components(system, directed=False)
    shut = np.bincount(number, bordered, holes)[number] == 0
    known = eye & ~missing
    mean = found[known if known.any() else eye].mean(axis=0)
    wanted[shut] = mean  # each row of a hole sums to zero, so with one added its solution is this
    # The matrix is symmetric and its diagonal heavy, so that nothing need be pivoted.
    solved = splu(
        (system + diags_array(shut.astype(float))).tocsc(),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    found[missing] = solved.solve(wanted)
    return found


def _system(
    image: Doubles, missing: Mask, eye: Mask
) -> tuple[coo_matrix, Doubles, npt.NDArray[np.bool_]]:
    """Set up an equation a missing pixel: matrix, right side, and whether a neighbour is known."""
    rows, columns = np.nonzero(missing)
    own = np.arange(len(rows))
    state = np.full(np.add(missing.shape, 2), _BEYOND)
    state[1:-1, 1:-1][eye] = _KNOWN
    state[rows + 1, columns + 1] = own
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
    diagonal, wanted = np.zeros(len(rows)), np.zeros((len(rows), image.shape[2]))
    bordered = np.zeros(len(rows), bool)
    entries = [(own, own, diagonal)]
    for down, right, weight in _NEIGHBOURS:
        at = rows + 1 + down, columns + 1 + right
        neighbour = state[at]
        diagonal += weight * (neighbour != _BEYOND)
        known, unknown = neighbour == _KNOWN, neighbour >= 0
        wanted[known] += weight * padded[at][known]
        bordered |= known
        entries.append((own[unknown], neighbour[unknown], np.full(unknown.sum(), -weight)))
    one, other, weights = (np.concatenate(part) for part in zip(*entries, strict=True))
    return coo_matrix((weights, (one, other)), (len(rows), len(rows))), wanted, bordered
