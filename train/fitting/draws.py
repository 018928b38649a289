"""How often each photo is drawn in an epoch, so that large cells don't outweigh small ones."""

import numpy as np
import numpy.typing as npt

Cells = npt.NDArray[np.intp]


def draws_of_cells(sizes: npt.NDArray[np.integer], temper: float) -> npt.NDArray[np.intp]:
    """Share as many draws as there are photos out over the cells, by size to a power.

    Args:
        sizes: (K,), the number of photos of each cell, at least 1.
        temper: The power: 1 gives each cell its size, 0 gives all the same.

    Returns:
        (K,), with the same sum; what rounding leaves goes to the largest remainders.
    """
    weights = sizes.astype(np.float64) ** temper
    exact = sizes.sum() * weights / weights.sum()
    draws = np.floor(exact + 1e-9).astype(np.intp)
    left = int(sizes.sum() - draws.sum())
    draws[np.argsort(-(exact - draws), kind="stable")[:left]] += 1
    return np.asarray(draws)


def draw_epoch(
    cells: Cells, temper: float, generator: np.random.Generator
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Draw an epoch's photos, those of one cell equally often but for a random remainder.

    Where there is one cell, or the power is 1, that is each photo once.

    Args:
        cells: (N,), the cell of each photo, numbered from 0 without a gap.
        temper: As for ``draws_of_cells``.
        generator: The only source of randomness.

    Returns:
        (N,), indices of photos in a random order; (N,), how often the same one had been drawn
        before in this epoch.
    """
    if temper == 1 or not cells.any():
        return generator.permutation(len(cells)), np.zeros(len(cells), np.intp)
    drawn, rounds = [], []
    sizes = np.bincount(cells)
    for cell, draws in enumerate(draws_of_cells(sizes, temper)):
        members = generator.permutation(np.flatnonzero(cells == cell))
        drawn.append(np.resize(members, draws))
        rounds.append(np.arange(draws, dtype=np.intp) // len(members))
    order = generator.permutation(len(cells))
    return np.concatenate(drawn)[order], np.concatenate(rounds)[order]


def weights_of_photos(cells: Cells, temper: float) -> npt.NDArray[np.float32]:
    """Weigh each photo as often as an epoch would draw it: (N,), with a mean of 1."""
    sizes = np.bincount(cells).astype(np.float64)
    weights = sizes ** (temper - 1)
    return np.asarray((weights * sizes.sum() / (weights * sizes).sum())[cells], np.float32)
