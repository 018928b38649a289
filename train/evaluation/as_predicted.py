"""Say what photos get where the quality gate is asked first, those without an answer included."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import UNSET

from edge_runtime.bundle.metrics import AsPredicted, Figure, Outcome
from edge_runtime.bundle.referral import referral_score
from edge_runtime.bundle.thresholds import Thresholds
from train.data.contrasts import HEALTHY
from train.metrics.intervals import Bootstrap, figure_interval, resampled_weights

#: The columns of ``as_predicted_rows``.
HEADS = (
    "", "photos", "no answer", "right without the gate", "right of the answered", "right of all",
)  # fmt: skip

Mask = npt.NDArray[np.bool_]
Groups = npt.NDArray[np.integer]


def as_predicted(
    probabilities: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer],
    groups: Groups,
    classes: Sequence[str],
    faults: Sequence[str | None],
    *,
    thresholds: Thresholds | None,
    bootstrap: Bootstrap,
) -> AsPredicted:
    """Count what N photos of a known class get from a model behind the quality gate.

    Args:
        probabilities: (N, C), what the model says of all of them.
        labels: (N,), indices of the true classes.
        groups: (N,), the group of each photo.
        classes: The C class names.
        faults: N clauses that say why a photo gets no answer, None for those that get one.
        thresholds: The model's, if there are any.
        bootstrap: Draws of groups for the intervals.
    """
    answered = np.array([fault is None for fault in faults], bool)
    top, everyone = probabilities.argmax(axis=1), np.ones(len(labels), bool)
    asked: dict[str, tuple[Mask, Mask]] = {"": (top == labels, everyone)}
    asked |= {
        name: (top == labels, np.asarray(labels == k))
        for k, name in enumerate(classes)
        if (labels == k).any()
    }
    outcomes = _outcomes(asked, answered, groups, bootstrap)
    refer = referred(probabilities, classes, thresholds)
    of_referral: dict[str, Outcome] = {}
    if refer is not None:
        healthy = np.isin(labels, _healthy(classes, thresholds))
        sides = {"referred": (refer, ~healthy), "not_referred": (~refer, healthy)}
        asked = {name: (hit, among) for name, (hit, among) in sides.items() if among.any()}
        of_referral = _outcomes(asked, answered, groups, bootstrap)
    told = np.where(answered, top, len(classes))
    confusion = np.zeros((len(classes), len(classes) + 1), np.intp)
    np.add.at(confusion, (labels, told), 1)
    return AsPredicted(
        every=outcomes.pop(""),
        by_class=outcomes,
        confusion=tuple(map(tuple, confusion.tolist())),
        referred=of_referral.get("referred", UNSET),
        not_referred=of_referral.get("not_referred", UNSET),
    )


def referred(
    probabilities: npt.NDArray[np.floating], classes: Sequence[str], thresholds: Thresholds | None
) -> Mask | None:
    """Say which photos a model refers, (N,): by thresholds, or else by the predicted class.

    None where it isn't known who needs no referral.
    """
    healthy = _healthy(classes, thresholds)
    if not healthy or len(healthy) == len(classes):
        return None
    if thresholds is None:
        return np.asarray(~np.isin(probabilities.argmax(axis=1), healthy))
    limit = thresholds.classes[thresholds.lowest].threshold
    score = referral_score(probabilities, classes, no_referral=thresholds.no_referral)
    return np.asarray(score >= limit)


def as_predicted_rows(found: AsPredicted) -> list[tuple[str, ...]]:
    """Write it as rows of plain text under ``HEADS``."""
    named: Mapping[str, Outcome | None] = {
        "all": found.every,
        **found.by_class,
        "eyes that need a referral: referred": found.referred or None,
        "eyes that need none: not referred": found.not_referred or None,
    }
    return [
        (
            name,
            str(row.photos),
            str(row.no_answer),
            *map(shown_share, (row.without_gate, row.of_answered, row.of_all)),
        )
        for name, row in named.items()
        if row is not None
    ]


def as_predicted_line(found: AsPredicted) -> str:
    """Say it in a sentence or two for the console and the model card."""
    every = found.every
    refused = ", ".join(
        f"{name} {row.no_answer} of {row.photos}"
        for name, row in found.by_class.items()
        if row.no_answer
    )
    if not every.no_answer:
        passed = f"the quality gate lets all {every.photos} photos pass"
        return f"{passed}; right: {shown_share(every.of_all)}"
    return (
        f"the quality gate leaves {every.no_answer} of {every.photos} photos without an answer "
        f"({refused}); right of those answered: {shown_share(every.of_answered)}, right of all, "
        f"where no answer isn't right: {shown_share(every.of_all)}, without the gate: "
        f"{shown_share(every.without_gate)}"
    )


def shown_share(found: Figure) -> str:
    """Write a share in percent with its interval, a dash where there is none."""
    if found.value is None:
        return "-"
    spread = found.interval and f" ({found.interval[0]:.1%} to {found.interval[1]:.1%})"
    return f"{found.value:.1%}{spread or ''}"


def _healthy(classes: Sequence[str], thresholds: Thresholds | None) -> list[int]:
    names = thresholds.no_referral if thresholds else (HEALTHY,)
    return [index for index, name in enumerate(classes) if name in names]


def _outcomes(
    asked: Mapping[str, tuple[Mask, Mask]], answered: Mask, groups: Groups, bootstrap: Bootstrap
) -> dict[str, Outcome]:
    """Count who is right (N,) among whom (N,), by name, and draw the intervals of all at once."""
    if not asked:
        return {}
    columns = np.stack(
        [
            each
            for right, among in asked.values()
            for each in (
                right & among, right & among & answered, among & answered, among,
            )
        ],
        axis=1,
    ).astype(np.float64)  # fmt: skip
    once = columns.sum(axis=0).reshape(-1, 4)
    drawn = np.concatenate([weights @ columns for weights in resampled_weights(groups, bootstrap)])
    found = {}
    for k, (name, (_, among)) in enumerate(asked.items()):

        def figure(hit: int, of: int, chosen: Mask, at: int = 4 * k) -> Figure:
            with np.errstate(invalid="ignore"):
                draws = drawn[:, at + hit] / drawn[:, at + of]
            count = len(np.unique(groups[chosen]))
            interval, _ = figure_interval(draws, groups=count, trials=count)
            total = once[at // 4, of]
            return Figure(float(once[at // 4, hit] / total) if total else None, interval)

        photos, right = int(once[k, 3]), int(once[k, 1])
        found[name] = Outcome(
            photos=photos,
            no_answer=photos - int(once[k, 2]),
            right=right,
            without_gate=figure(0, 3, among),
            of_answered=figure(1, 2, among & answered),
            of_all=figure(1, 3, among),
        )
    return found
