"""Choose which photos are changed, and like whose, so that few share a donor."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.sparse import block_array, coo_array
from scipy.sparse.csgraph import connected_components

from calibration.explanations.explained import Explained

Numbers = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]

#: How many photos of a row a donor may serve. More than a few make the test lopsided: one donor
#: that is unlike the others then weighs as much as many controls.
_SERVES = 2

#: What a donor costs that is of another source, and that is changed itself or another's control;
#: how far the draw tells equal ones apart, all photos together; and what is never worth it.
_ELSEWHERE, _BUSY, _DRAWN, _NEVER = 1.0, 0.01, 1e-4, 1e6


@dataclass(frozen=True, eq=False)
class Donors:
    """Whose properties N photos get.

    ``chosen`` are the numbers of the N in the pool. ``donors`` is (N, C + 1), the number in the
    pool of each photo's donor, -1 where there is none: of each class, as the model calls it, and at
    last of another source and the photo's own class. The donor of the photo's own class is its
    control. ``same_source`` is bool of the same shape: whether it is of the photo's own source, as
    far as sources are known.
    """

    chosen: Numbers
    donors: Numbers
    same_source: Bools


def draw_donors(pool: Explained, *, limit: int, seed: int) -> Donors:
    """Choose at most ``limit`` photos to change, of each class as many as can be, and donors.

    Of each person one photo is changed. Donors are of other persons, and each serves one photo of a
    column before any serves two, and none three, so that effects are independent where there are
    donors enough. Among such, one is of the photo's own source where there is one, so that the
    class alone is another; and one that isn't changed itself.

    Args:
        pool: The photos.
        limit: Most photos to change.
        seed: Of the draws.
    """
    draw, groups = np.random.default_rng(seed), pool.groups
    chosen = _balanced(pool.top, groups, limit, draw)
    top, classes = pool.top[chosen], len(pool.classes)
    sources = np.array([photo.source or "" for photo in pool.photos])
    near = sources[chosen][:, None] == sources
    others = groups[chosen][:, None] != groups
    alike = top[:, None] == pool.top
    costs = _ELSEWHERE * ~near + _BUSY * np.isin(groups, groups[chosen])
    donors = np.full((len(chosen), classes + 1), -1, np.intp)
    for number in range(classes):
        for own in (alike, ~alike):  # controls, which serve all rows of the table, by themselves
            allowed = others & own & (pool.top == number)
            _assign(donors[:, number], allowed, costs, groups, draw)
    controls = donors[np.arange(len(chosen)), top]
    costs = costs + _BUSY * np.isin(groups, groups[controls[controls >= 0]])
    known = (sources[chosen] != "")[:, None] & (sources != "")
    for number in range(classes):
        elsewhere = others & alike & (pool.top == number) & ~near & known
        _assign(donors[:, classes], elsewhere, costs, groups, draw)
    same = (donors >= 0) & (sources[donors] == sources[chosen][:, None])
    return Donors(chosen, donors, same)


def clusters(donors: Donors, groups: Numbers, top: Numbers, kind: int) -> Numbers:
    """Number the photos so that those with another number share nothing that moves them together.

    Effects are independent but for what they share. Photos of one person, photos with the same
    person's property and photos with the same control move together, and so do two that are each
    other's. A person who is one photo's donor and another's control, or is changed as well, moves
    them apart on average or not at all, so that a test is too careful at worst.

    Args:
        donors: N photos with their donors.
        groups: (M,), the person of each photo of the pool.
        top: (N,), the class of each changed photo.
        kind: The donors' class, as a column of ``donors``.

    Returns:
        (N,); what stands at photos without such a donor, or of that class, means nothing.
    """
    rows = np.arange(len(top))
    given, controls = donors.donors[:, kind], donors.donors[rows, top]
    joined = (given >= 0) & (controls >= 0) & (top != kind)
    own = groups[donors.chosen]
    persons, count = own[joined], int(groups.max(initial=-1)) + 1
    by_donor, by_control = (
        coo_array((np.ones(len(persons)), (persons, groups[each[joined]])), (count, count))
        for each in (given, controls)
    )
    used = (by_donor + by_control).tocsr()
    graph = block_array([[used.multiply(used.T), by_donor, by_control],
                         [None, coo_array((count, count)), None],
                         [None, None, coo_array((count, count))]])  # fmt: skip
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels[own], np.intp)


def _assign(
    column: Numbers,
    allowed: Bools,
    costs: Values,
    groups: Numbers,
    draw: np.random.Generator,
) -> None:
    """Give donors to the photos that are allowed any, in place, at the least cost of all together.

    Each serves one photo before any serves two, and none more. Of a person with several photos one
    is drawn.

    Args:
        column: (N,), -1 before.
        allowed: (N, M), whose each may have.
        costs: (N, M), far below ``_NEVER`` in all.
        groups: (M,), the person of each photo.
        draw: What is drawn from, equal ones among others.
    """
    photos = draw.permutation(len(groups))
    photos = photos[allowed[:, photos].any(axis=0)]
    photos = photos[np.unique(groups[photos], return_index=True)[1]]
    rows = np.flatnonzero(allowed[:, photos].any(axis=1))
    for _ in range(_SERVES):
        there = np.ix_(rows, photos)
        drawn = _DRAWN / len(column) * draw.random((len(rows), len(photos)))
        at, of = linear_sum_assignment(np.where(allowed[there], costs[there] + drawn, _NEVER))
        may = allowed[rows[at], photos[of]]
        column[rows[at[may]]] = photos[of[may]]
        rows = np.delete(rows, at[may])


def _balanced(top: Numbers, groups: Numbers, limit: int, draw: np.random.Generator) -> Numbers:
    """Take photos class by class in turn, in drawn order, until there are enough; one a person."""
    order = draw.permutation(len(top))
    order = order[np.sort(np.unique(groups[order], return_index=True)[1])]
    turns = np.zeros(len(top), np.intp)  # how many of its class were drawn before
    for number in np.unique(top):
        of_class = order[top[order] == number]
        turns[of_class] = np.arange(len(of_class))
    return np.sort(order[np.argsort(turns[order], kind="stable")][:limit])
