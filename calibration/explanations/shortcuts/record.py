"""What would change the diagnosis without touching the retina: what ``shortcuts.json`` holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from calibration.explanations.estimate import Estimate
from calibration.explanations.stability.shaken import LeftOut
from edge_runtime.contract import DISCLAIMER

#: "shortcut": it turns photos, see ``verdict``. "acts": it moves the answer beyond chance, and
#: seldom turns one. "anywhere": it moves it, and no more than as large a piece of the middle does.
#: "none": nothing is seen. "too few": it isn't judged.
Verdict = Literal["shortcut", "acts", "anywhere", "none", "too few"]


@dataclass(frozen=True)
class AtTheMiddle:
    """The control of as many pixels at the eye's middle, from the same donor or the same writing.

    ``turned`` is as in ``Effect``, and ``turned_beyond`` what the property turned beyond it;
    ``less`` is how much less it moved the answer than the property did, in logits.
    """

    name: str
    turned: Estimate
    turned_beyond: Estimate
    less: Estimate


@dataclass(frozen=True)
class Effect:
    """What one property of photos of one class does to photos that the model calls otherwise.

    ``donor`` is the class, as the model calls it; "" of another source's photos of the photo's own
    class. ``towards`` is how much the logit of that class gains on the named class's, beyond what
    the property of a photo of the own class and, where there is such, the own source does, in
    logits; of another source, how much the named class's lead falls beyond that. ``margin`` is the
    mean change of the named class's lead over the best other class, ``logits`` that of every
    class's logit beyond the control. ``turned`` is the share of photos that are then called by the
    donor's class, or of another source by any other; ``turned_by_own`` likewise by the control, and
    ``turned_beyond`` their difference. ``count`` and ``count_by_own`` are the numbers of photos.
    ``donors`` are different persons', and ``same_source`` is the share of photos whose donor is of
    their own source, None where sources aren't known. ``clusters`` are the groups of photos that
    share no donor and no control with another: intervals are over them, and so is ``p``, of the
    test by sign flips; ``p_adjusted`` is after Benjamini and Hochberg over the whole table. Both
    are None where there are too few clusters.
    """

    property: str
    donor: str
    donors: int
    clusters: int
    same_source: float | None
    towards: Estimate
    margin: Estimate
    logits: Mapping[str, Estimate]
    turned: Estimate
    turned_by_own: Estimate
    turned_beyond: Estimate
    count: int
    count_by_own: int
    middle: AtTheMiddle | None
    p: float | None
    p_adjusted: float | None
    verdict: Verdict
    sentence: str


@dataclass(frozen=True)
class Thresholds:
    """By what a property is called a shortcut, see ``verdict.py``."""

    adjusted_p_most: float
    turned_beyond_least: float
    clusters_least: int


@dataclass(frozen=True)
class ShortcutsRecord:
    """All figures of an audit, as ``shortcuts.json`` holds them.

    ``asked`` photos were asked about as they are, and of them ``photos`` changed, one a person.
    ``sources`` are the numbers of changed photos by source, of those whose source is known.
    """

    model: str
    bundle: str
    bundle_identity: str
    input_size: tuple[int, int]
    seed: int
    asked: int
    photos: int
    pictures: int
    photos_by_class: Mapping[str, int]
    sources: Mapping[str, int]
    left_out: tuple[LeftOut, ...]
    thresholds: Thresholds
    effects: tuple[Effect, ...]
    disclaimer: str = DISCLAIMER

    @property
    def shortcuts(self) -> tuple[Effect, ...]:
        """Those that are called so, the one that turns most photos first."""
        found = [each for each in self.effects if each.verdict == "shortcut"]
        return tuple(sorted(found, key=lambda each: -(each.turned_beyond.value or 0)))
