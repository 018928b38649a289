"""Find what sets wrong and unsure predictions apart from right ones."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from calibration.errors import NoPhotoLeftError
from calibration.explanations.explained import Explained
from calibration.explanations.failures.contrast import (
    Contrast,
    Draws,
    Labels,
    contrasts,
    corrected,
)
from calibration.explanations.failures.exchange import Bools, Doubles
from calibration.explanations.failures.findings import at_one_place, findings
from calibration.explanations.failures.list_failures import list_failures
from calibration.explanations.failures.one_place import (
    ANY_CLASS,
    PlaceRecord,
    judged,
    one_place,
)
from calibration.explanations.failures.places import hottest_places, hottest_points
from calibration.explanations.failures.record import Compared, Counts, Failure, Failures
from calibration.explanations.failures.sources import compare_sources, source_numbers
from calibration.explanations.failures.traits import Trait, measure_traits, predicted_maps
from calibration.explanations.store.info import StoreInfo

#: The share of right predictions with the least confidence that are called unsure.
UNSURE = 0.1


def find_failures(
    explained: Explained,
    store: StoreInfo,
    quality: Mapping[str, Doubles],
    *,
    unsure: float = UNSURE,
    draws: Draws | None = None,
    on_comparison: Callable[[], object] = lambda: None,
) -> Failures:
    """Find what sets wrong and unsure predictions apart from right ones.

    Unsure are the least confident of the right ones, class by class, and not those below some
    confidence: that means another thing in each model, by its temperature and its classes.

    Args:
        explained: Of the store; refused photos are left out.
        store: What it was made with.
        quality: What the quality gate measured of each, float64 (N,) by the names of
            ``QUALITY_TITLES``, NaN where it isn't known.
        unsure: The share 0..1 of right predictions that are called unsure.
        draws: How many.
        on_comparison: Called after each comparison, of which there are 4 and one for each class.

    Returns:
        The figures; a failure's ``row`` is its place in ``explained``.

    Raises:
        NoPhotoLeftError: All photos were refused.
    """
    draws = draws or Draws()
    rows = np.flatnonzero([photo.fault is None for photo in explained.photos])
    if not len(rows):
        raise NoPhotoLeftError([f"{each.path}: {each.fault}" for each in explained.photos])
    kept = explained.taken(rows)
    measured = {name: values[rows] for name, values in quality.items()}
    traits = measure_traits(kept, measured, seed=draws.seed)
    doubted = _unsure(kept, unsure)
    compared = _compared(kept, traits, doubted, draws, on_comparison)
    places = _places(kept, traits, draws)
    sources = compare_sources(kept, draws)
    listed = list_failures(kept, doubted, rows, traits["like_average"].values)
    counts = _counts(kept, doubted, listed, refused=len(explained.photos) - len(rows))
    return Failures(
        store=store,
        counts=counts,
        unsure_share=unsure,
        confusions=_confusions(kept),
        findings=findings(counts, compared, places, sources, traits),
        at_one_place=at_one_place(places),
        titles={name: trait.title for name, trait in traits.items()},
        kinds={name: trait.kind for name, trait in traits.items()},
        compared=compared,
        places=places,
        sources=sources,
        failures=listed,
        draws=draws,
    )


def _unsure(kept: Explained, share: float) -> Bools:
    """Choose the least confident of the right predictions of each class, (N,)."""
    found = np.zeros(len(kept.photos), np.bool_)
    sure = kept.probabilities.max(axis=1)
    for label in range(len(kept.classes)):
        rows = np.flatnonzero(kept.right & (kept.top == label))
        order = rows[np.argsort(sure[rows], kind="stable")]
        found[order[: int(share * len(rows))]] = True
    return found


def _compared(
    kept: Explained,
    traits: Mapping[str, Trait],
    doubted: Bools,
    draws: Draws,
    on_comparison: Callable[[], object],
) -> Compared:
    judgeable = kept.right | kept.wrong
    classes, sources = kept.top, source_numbers(kept)[1]

    def compare(first: Bools, among: Bools, strata: Labels) -> dict[str, Contrast]:
        values = {
            name: trait.values[among]
            for name, trait in traits.items()
            if first is not doubted or name != "confidence"  # by which they were chosen
        }
        found = contrasts(values, first[among], strata[among], kept.groups[among], draws=draws)
        on_comparison()
        return found

    by_class = {
        name: compare(kept.wrong, judgeable & (classes == label), classes)
        for label, name in enumerate(kept.classes)
    }
    alone = {
        "in_class": (kept.wrong, judgeable, classes),
        "in_class_and_source": (kept.wrong, judgeable, classes * (sources.max() + 1) + sources),
        "overall": (kept.wrong, judgeable, np.zeros_like(classes)),
        "unsure": (doubted, kept.right, classes),
    }
    tables = {name: corrected({name: compare(*chosen)})[name] for name, chosen in alone.items()}
    return Compared(by_class=corrected(by_class), **tables)


def _places(kept: Explained, traits: Mapping[str, Trait], draws: Draws) -> dict[str, PlaceRecord]:
    """Test for each predicted class where its maps are hottest: all, right and wrong ones."""
    hottest = hottest_places(hottest_points(predicted_maps(kept)))
    every = np.ones(len(kept.photos), np.bool_)
    among = {name: kept.top == label for label, name in enumerate(kept.classes)}
    found = {}
    for name, called in (among | {ANY_CLASS: every}).items():
        for said, chosen in (("all", every), ("right", kept.right), ("wrong", kept.wrong)):
            rows = np.flatnonzero(chosen & called)
            left = traits["left_eye"].values[rows]
            found[f"{name}, {said}"] = one_place(
                hottest[rows], kept.groups[rows], left, draws=draws
            )
    return judged(found)


def _confusions(kept: Explained) -> dict[str, int]:
    """Count wrong photos by true and predicted class, the most frequent first."""
    pairs = (
        f"{photo.label or f'not {photo.excluded}'} called {kept.classes[top]}"
        for photo, top, wrong in zip(kept.photos, kept.top, kept.wrong, strict=True)
        if wrong
    )
    return dict(sorted(Counter(pairs).items(), key=lambda pair: (-pair[1], pair[0])))


def _counts(kept: Explained, doubted: Bools, listed: Sequence[Failure], *, refused: int) -> Counts:
    return Counts(
        photos=len(kept.photos),
        persons=len(np.unique(kept.groups)),
        refused=refused,
        unknown=int((~kept.right & ~kept.wrong).sum()),
        right=int(kept.right.sum()),
        wrong=int(kept.wrong.sum()),
        unsure=int(doubted.sum()),
        without_evidence_for_true=sum(
            each.wrong and each.other is not None and each.other.evidence == 0 for each in listed
        ),
    )
