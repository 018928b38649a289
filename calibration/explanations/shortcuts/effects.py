"""Turn what a model said of swapped photos into effects with their intervals."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.explanations.estimate import Estimate, estimates
from calibration.explanations.shortcuts.audit import Audited
from calibration.explanations.shortcuts.record import AtTheMiddle, Effect
from calibration.explanations.shortcuts.swaps import SWAPS, Writing
from calibration.explanations.shortcuts.verdict import (
    THRESHOLDS,
    adjusted,
    judge,
    sentence,
    sign_flips,
)
from train.metrics.intervals import Bootstrap

Values = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Moved:
    """What one swap did to each of N photos; float64 (N,) but ``logits`` (N, C), NaN where none.

    As in ``Effect``.
    """

    towards: Values
    margin: Values
    logits: Values
    turned: Values
    turned_by_own: Values


def moved(before: Values, swapped: Values, own: Values, kind: int) -> Moved:
    """Compare logits after a swap with those before it and after the control's.

    Args:
        before: (N, C), of the untouched photos.
        swapped: (N, C), after the swap; NaN where there was none.
        own: (N, C), after the swap with the donor of the own class.
        kind: The donors' class; C for another source's donors. Photos of that class have NaN.
    """
    rows, top = np.arange(len(before)), before.argmax(axis=1)
    known = np.isfinite(swapped).all(axis=1) & np.isfinite(own).all(axis=1) & (top != kind)
    swapped, own = (np.where(known[:, None], each, 0) for each in (swapped, own))
    is_source = kind == before.shape[1]

    def towards(logits: Values) -> Values:
        return np.asarray(-_lead(logits, top) if is_source else logits[:, kind] - logits[rows, top])

    def turned(logits: Values) -> Values:
        now = logits.argmax(axis=1)
        return np.where(known, now != top if is_source else now == kind, np.nan)

    return Moved(
        np.where(known, towards(swapped) - towards(own), np.nan),
        np.where(known, _lead(swapped, top) - _lead(before, top), np.nan),
        np.where(known[:, None], swapped - own, np.nan),
        turned(swapped),
        turned(own),
    )


def effects(audited: Audited, *, bootstrap: Bootstrap) -> tuple[Effect, ...]:
    """Compute the table: each property by each class of donors, and by another source's."""
    chosen = audited.donors.chosen
    before = audited.pool.logits[chosen]
    groups = audited.pool.explained.groups[chosen]
    keys = [
        (name, kind)
        for name in audited.names
        if not SWAPS[name].is_control
        for kind in range(audited.after.shape[2])
    ]
    found = {
        (name, kind): moved(before, *_said(audited, name, kind, before), kind)
        for name in audited.names
        for kind in range(audited.after.shape[2])
    }
    keys = [key for key in keys if np.isfinite(found[key].towards).any()]
    if not keys:
        return ()
    tests = _tested(audited, keys, found, groups, bootstrap.seed)
    # All at once, as the draws cost more than the means.
    shares, figures = (
        iter(estimates(np.stack(columns, 1), groups, bootstrap=bootstrap, are_shares=are_shares))
        for are_shares, columns in (
            (True, [column for key in keys for column in _shares(found, key)]),
            (False, [column for key in keys for column in _figures(found, key)]),
        )
    )
    return tuple(_effect(audited, key, found, (shares, figures), tests.get(key)) for key in keys)


def _control(found: dict[tuple[str, int], Moved], key: tuple[str, int]) -> Moved | None:
    """Give what the piece of the middle did that goes with a property, if one does."""
    control = SWAPS[key[0]].control
    return found[control, key[1]] if control else None


def _shares(found: dict[tuple[str, int], Moved], key: tuple[str, int]) -> list[Values]:
    each, middle = found[key], _control(found, key)
    return [each.turned, each.turned_by_own, *([middle.turned] if middle else [])]


def _figures(found: dict[tuple[str, int], Moved], key: tuple[str, int]) -> list[Values]:
    each, middle = found[key], _control(found, key)
    less = [each.turned - middle.turned, each.towards - middle.towards] if middle else []
    return [each.towards, each.margin, each.turned - each.turned_by_own, *less, *each.logits.T]


def _said(audited: Audited, name: str, kind: int, before: Values) -> tuple[Values, Values]:
    """Give the logits after a swap, and after the swap with the donor of the own class."""
    after = audited.after[:, audited.names.index(name)]
    return after[:, kind], after[np.arange(len(before)), before.argmax(axis=1)]


def _tested(
    audited: Audited,
    keys: list[tuple[str, int]],
    found: dict[tuple[str, int], Moved],
    groups: Numbers,
    seed: int,
) -> dict[tuple[str, int], tuple[float, float]]:
    """Compute p and the adjusted p of those rows that rest on enough persons and donors."""

    def enough(key: tuple[str, int]) -> bool:
        has = np.isfinite(found[key].towards)
        persons = len(np.unique(groups[has]))
        few = not isinstance(SWAPS[key[0]], Writing) and (
            _donors(audited, key, has) < THRESHOLDS.donors_least
        )
        return persons >= THRESHOLDS.persons_least and not few

    tested = [key for key in keys if enough(key)]
    if not tested:
        return {}
    p = sign_flips(np.stack([found[key].towards for key in tested], 1), groups, seed=seed)
    pairs = zip(p.tolist(), adjusted(p).tolist(), strict=True)
    return dict(zip(tested, pairs, strict=True))


def _donors(audited: Audited, key: tuple[str, int], has: npt.NDArray[np.bool_]) -> int:
    return len(np.unique(audited.donors.donors[has, key[1]]))


def _effect(
    audited: Audited,
    key: tuple[str, int],
    found: dict[tuple[str, int], Moved],
    estimated: tuple[Iterator[Estimate], Iterator[Estimate]],
    test: tuple[float, float] | None,
) -> Effect:
    """Take a row's estimates, in the order of ``_shares`` and ``_figures``, and judge it."""
    name, kind = key
    swap, classes, each = SWAPS[name], audited.pool.explained.classes, found[key]
    (shares, figures), other = estimated, _control(found, key)
    has = np.isfinite(each.towards)
    donor = "" if kind == len(classes) else classes[kind]
    turned, by_own = next(shares), next(shares)
    towards, margin, beyond = next(figures), next(figures), next(figures)
    middle = None
    if other is not None:
        middle = AtTheMiddle(swap.control, next(shares), next(figures), next(figures))
    is_writing = isinstance(swap, Writing)
    p, p_adjusted = test or (None, None)
    counts = int(each.turned[has].sum()), int(each.turned_by_own[has].sum())
    same = audited.donors.same_source[has, kind]
    known = [bool(audited.pool.explained.photos[i].source) for i in audited.donors.chosen[has]]
    return Effect(
        property=name,
        donor=donor,
        donors=0 if is_writing else _donors(audited, key, has),
        same_source=float(same[known].mean()) if any(known) and not is_writing else None,
        towards=towards,
        margin=margin,
        logits={name: next(figures) for name in classes},
        turned=turned,
        turned_by_own=by_own,
        turned_beyond=beyond,
        count=counts[0],
        count_by_own=counts[1],
        middle=middle,
        p=p,
        p_adjusted=p_adjusted,
        verdict=judge(p_adjusted=p_adjusted, beyond=beyond, middle=middle, is_writing=is_writing),
        sentence=sentence(
            name,
            donor,
            counts=(*counts, int(has.sum())),
            middle=int(np.nansum(other.turned)) if other else None,
        ),
    )


def _lead(logits: Values, top: Numbers) -> Values:
    """Say by how much the named class's logit is above the best other's, (N,)."""
    rows = np.arange(len(logits))
    others = logits.copy()
    others[rows, top] = -np.inf
    return np.asarray(logits[rows, top] - others.max(axis=1))
