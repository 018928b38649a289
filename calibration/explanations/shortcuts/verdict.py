"""Judge what a property does, and say it in a sentence."""

import numpy as np
import numpy.typing as npt

from calibration.explanations.estimate import Estimate
from calibration.explanations.shortcuts.record import AtTheMiddle, Thresholds, Verdict
from calibration.explanations.shortcuts.swaps import SWAPS, Writing
from edge_runtime.results.shown import titled

Values = npt.NDArray[np.float64]

THRESHOLDS = Thresholds(
    adjusted_p_most=0.05,
    turned_beyond_least=0.2,
    clusters_least=12,  # all moved, the p of 12 is 0.03 in a table of 85 rows; of 10 it is 0.09
)

_FLIPS = 9999
_BLOCK = 500


def sign_flips(effects: Values, groups: npt.NDArray[np.integer], *, seed: int) -> Values:
    """Test of each column whether its mean is above zero, by flipping the signs of clusters.

    If a donor of another class acts as one of the own class, both may change places, so the sign of
    their difference is as good as drawn: once for all photos that share a donor. One-sided, over
    9,999 draws and the case itself.

    Args:
        effects: (N, R), NaN where a photo has none.
        groups: (N,), the cluster of each photo, see ``donors.clusters``.
        seed: Of the draws.

    Returns:
        (R,), the p of each; 1 where nothing was measured.

    Source: Fisher's randomisation test; with the case itself counted, Phipson and Smyth,
    Permutation p-values should never be zero, Stat. Appl. Genet. Mol. Biol. 9, 2010.
    """
    _, numbers = np.unique(groups, return_inverse=True)
    sums = np.zeros((numbers.max(initial=-1) + 1, effects.shape[1]))
    np.add.at(sums, numbers, np.nan_to_num(effects))
    found = sums.sum(axis=0)
    draw, reached = np.random.default_rng(seed), np.zeros(len(found))
    for at in range(0, _FLIPS, _BLOCK):
        signs = draw.integers(0, 2, (min(_BLOCK, _FLIPS - at), len(sums))) * 2.0 - 1
        reached += (signs @ sums >= found - 1e-9).sum(axis=0)
    return np.asarray((reached + 1) / (_FLIPS + 1))


def adjusted(p: Values) -> Values:
    """Adjust (R,) values of p for their number, so that of findings a share alone is false.

    Source: Benjamini and Hochberg, Controlling the false discovery rate, J. R. Stat. Soc. B 57,
    1995.
    """
    order = np.argsort(p)[::-1]
    least = np.minimum.accumulate(p[order] * len(p) / np.arange(len(p), 0, -1))
    return np.asarray(least[np.argsort(order)])


def judge(
    *,
    p_adjusted: float | None,
    beyond: Estimate,
    middle: AtTheMiddle | None,
    is_writing: bool,
) -> Verdict:
    """Say what a row of the table amounts to.

    A shortcut moves the answer beyond chance (adjusted p at most 0.05) and turns at least a fifth
    of the photos more than the control does, by an interval that lies above zero; a piece of the
    eye likewise more than as large a piece of its middle from the same donor. Where such a piece of
    the middle moves the answer as much, it is what any piece of such an eye does.
    """
    if p_adjusted is None:
        return "too few"
    if p_adjusted > THRESHOLDS.adjusted_p_most:
        return "none"
    controls = [beyond]
    if middle is not None and not is_writing:
        if not _above_zero(middle.less):
            return "anywhere"
        controls.append(middle.turned_beyond)
    turns = all(
        (each.value or 0) >= THRESHOLDS.turned_beyond_least and _above_zero(each)
        for each in controls
    )
    return "shortcut" if turns else "acts"


def sentence(name: str, donor: str, *, counts: tuple[int, int, int], middle: int | None) -> str:
    """Say what a property did.

    Args:
        name: The property.
        donor: The class of its donors; "" for another source's.
        counts: Photos that it turned, that the control turned, and all.
        middle: Photos that the piece of the middle turned; None where there is no such control.
    """
    swap, (turned, by_own, photos), into = SWAPS[name], counts, titled(donor)
    if isinstance(swap, Writing):
        text = f"{swap.subject} turns {turned} of {photos} other photos into {into}"
    elif donor:
        text = (
            f"{swap.subject} of photos called {into} turns {turned} of {photos} other photos into "
            f"{into} ({by_own} with that of a photo of their own class)"
        )
    else:
        text = (
            f"{swap.subject} of another source's photo changes the answer to {turned} of {photos} "
            f"photos ({by_own} with that of a photo of their own source or the nearest to it)"
        )
    if middle is not None:
        what = "over the middle" if isinstance(swap, Writing) else "as large a piece of the middle"
        text += f"; {what}, {middle}"
    return text + "."


def _above_zero(figure: Estimate) -> bool:
    """Say whether a figure of enough clusters is sure to be; one without interval never varied."""
    return (figure.interval[0] if figure.interval else figure.value or 0) > 0
