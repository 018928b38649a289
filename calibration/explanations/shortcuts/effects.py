"""Turn what a model said of swapped photos into effects with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from calibration.explanations.estimate import Estimate, estimates
from calibration.explanations.shortcuts.audit import Audited
from calibration.explanations.shortcuts.donors import clusters
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
    before = audited.pool.logits[audited.donors.chosen]
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
    groups = {key: _groups(audited, key) for key in keys}
    tests = _tested(keys, found, groups, bootstrap.seed)
    return tuple(
        _effect(audited, key, found, groups[key], tests.get(key), bootstrap) for key in keys
    )


def _groups(audited: Audited, key: tuple[str, int]) -> Numbers:
    """Number the photos of a row by what shares a donor; writing has none, so each by itself."""
    chosen = audited.donors.chosen
    if isinstance(SWAPS[key[0]], Writing):
        return np.arange(len(chosen))
    explained = audited.pool.explained
    return clusters(audited.donors, explained.groups, explained.top[chosen], key[1])


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
    keys: list[tuple[str, int]],
    found: dict[tuple[str, int], Moved],
    groups: dict[tuple[str, int], Numbers],
    seed: int,
) -> dict[tuple[str, int], tuple[float, float]]:
    """Compute p and the adjusted p of those rows that rest on enough clusters."""
    tested = [
        key
        for key in keys
        if _count(groups[key], np.isfinite(found[key].towards)) >= THRESHOLDS.clusters_least
    ]
    if not tested:
        return {}
    p = np.concatenate(
        [sign_flips(found[key].towards[:, None], groups[key], seed=seed) for key in tested]
    )
    pairs = zip(p.tolist(), adjusted(p).tolist(), strict=True)
    return dict(zip(tested, pairs, strict=True))


def _count(groups: Numbers, has: npt.NDArray[np.bool_]) -> int:
    return len(np.unique(groups[has]))


def _effect(
    audited: Audited,
    key: tuple[str, int],
    found: dict[tuple[str, int], Moved],
    groups: Numbers,
    test: tuple[float, float] | None,
    bootstrap: Bootstrap,
) -> Effect:
    """Estimate what a row did, and judge it."""
    name, kind = key
    swap, explained, each = SWAPS[name], audited.pool.explained, found[key]
    has, other = np.isfinite(each.towards), _control(found, key)
    donor = "" if kind == len(explained.classes) else explained.classes[kind]
    shares = _estimates(_shares(found, key), groups, bootstrap, are_shares=True)
    towards, margin, beyond, *figures = _estimates(_figures(found, key), groups, bootstrap)
    middle = None
    if other is not None:
        middle = AtTheMiddle(swap.control, shares[2], figures.pop(0), figures.pop(0))
    is_writing = isinstance(swap, Writing)
    p, p_adjusted = test or (None, None)
    counts = int(each.turned[has].sum()), int(each.turned_by_own[has].sum())
    same = audited.donors.same_source[has, kind]
    known = [bool(explained.photos[i].source) for i in audited.donors.chosen[has]]
    return Effect(
        property=name,
        donor=donor,
        donors=0 if is_writing else _count(explained.groups[audited.donors.donors[:, kind]], has),
        clusters=_count(groups, has),
        same_source=float(same[known].mean()) if any(known) and not is_writing else None,
        towards=towards,
        margin=margin,
        logits=dict(zip(explained.classes, figures, strict=True)),
        turned=shares[0],
        turned_by_own=shares[1],
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


def _estimates(
    columns: Sequence[Values], groups: Numbers, bootstrap: Bootstrap, *, are_shares: bool = False
) -> list[Estimate]:
    """Estimate columns with intervals over clusters; each photo is of another person."""
    every = estimates(np.stack(columns, 1), groups, bootstrap=bootstrap, are_shares=are_shares)
    return [replace(each, persons=each.photos) for each in every]


def _lead(logits: Values, top: Numbers) -> Values:
    """Say by how much the named class's logit is above the best other's, (N,)."""
    rows = np.arange(len(logits))
    others = logits.copy()
    others[rows, top] = -np.inf
    return np.asarray(logits[rows, top] - others.max(axis=1))
