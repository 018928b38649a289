"""How what was measured of the photos of a store is spread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calibration.explanations.store.row import QUALITY, Cell

#: The columns that are told, in the index's names.
MEASURED = ("photo_width", "photo_height", "familiarity", *QUALITY)


@dataclass(frozen=True)
class Spread:
    """How many photos a measure is known of, and its 5th, 50th and 95th percentile if of any."""

    photos: int
    low: float | None
    median: float | None
    high: float | None


def spreads(rows: Sequence[Sequence[Cell]]) -> Mapping[str, Spread]:
    """Say how each measure is spread.

    Args:
        rows: A photo's cells of ``MEASURED`` each; None where one isn't known.
    """
    columns = zip(*rows, strict=True) if rows else ((),) * len(MEASURED)
    return {name: _spread(column) for name, column in zip(MEASURED, columns, strict=True)}


def _spread(column: Sequence[Cell]) -> Spread:
    known = [float(cell) for cell in column if isinstance(cell, int | float)]
    if not known:
        return Spread(0, None, None, None)
    low, median, high = (float(each) for each in np.percentile(known, (5, 50, 95)))
    return Spread(len(known), low, median, high)
