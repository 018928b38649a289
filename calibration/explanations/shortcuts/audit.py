"""Give photos one property of another photo at a time, and ask a model what it says then."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from calibration.explanations.explained import Floats
from calibration.explanations.shortcuts.donors import Donors
from calibration.explanations.shortcuts.eye import Eye, read_eye
from calibration.explanations.shortcuts.pool import Pool
from calibration.explanations.shortcuts.swap_file import writing
from calibration.explanations.shortcuts.swaps import SWAPS, Writing, with_controls
from calibration.models.model_under_test import ModelUnderTest, Outputs, run_model
from edge_runtime.system.look_ahead import look_ahead

Pixels = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Case:
    """One swap of the table, to be shown: the pictures that the model saw, and both maps.

    ``row`` is the number of the photo among those that were changed, ``kind`` of its donor;
    ``donor`` is what the model sees of that, None for writing. ``cam`` is float32 (C, h, w), of
    every class; ``probabilities`` float64 (C,) after the swap.
    """

    row: int
    kind: int
    before: Pixels
    donor: Pixels | None
    after: Pixels
    cam: Floats
    probabilities: Values


@dataclass(frozen=True, eq=False)
class Audited:
    """What a model says of N photos after each of P swaps with each of C + 1 donors.

    ``after`` is float64 (N, P, C + 1, C), logits; NaN where there is no such donor. ``names`` are
    the swaps, controls among them. Writing has no donor: it stands in the place of each other
    class, and the untouched photo's logits in that of its own. ``cases`` has the swap that went
    furthest towards a donor's class, by its name and the class's number.
    """

    pool: Pool
    donors: Donors
    names: tuple[str, ...]
    after: Values
    cases: dict[tuple[str, int], Case]

    @property
    def pictures(self) -> int:
        """How many swapped pictures were looked at, those that nothing changed in among them."""
        writings = sum(isinstance(SWAPS[name], Writing) for name in self.names)
        given = [not isinstance(SWAPS[name], Writing) for name in self.names]
        return writings * len(self.after) + int(np.isfinite(self.after[:, given, :, 0]).sum())


@dataclass(frozen=True, eq=False)
class _Ready:
    """The pictures of a photo, uint8 (K, height, width, 3), and for each the slots it answers."""

    own: Eye
    pictures: Pixels
    slots: list[tuple[int, int]]
    unchanged: list[tuple[int, int]]
    donors: dict[int, Pixels]


def pictures_of_a_photo(names: tuple[str, ...], classes: int) -> int:
    """Say about how many pictures of a photo the model is asked about."""
    every = [SWAPS[name] for name in with_controls(names)]
    writings = sum(isinstance(each, Writing) for each in every)
    return writings + (len(every) - writings) * (classes + 1)


def audit(
    tested: ModelUnderTest,
    pool: Pool,
    donors: Donors,
    *,
    names: tuple[str, ...],
    seed: int,
    on_photo: Callable[[], None] = lambda: None,
) -> Audited:
    """Make all swaps of the chosen photos, and ask the model in batches.

    A photo and its donors are read, and its pictures made, in a thread while the model looks at the
    one before. Two photos' pictures are in memory.

    Args:
        tested: The model; ``batch`` says how many pictures it is given at once.
        pool: All photos.
        donors: Which are changed, and with whose properties.
        names: Of ``PROPERTIES``; their controls are added.
        seed: Of the corners in which writing stands.
        on_photo: Called after each photo.

    Raises:
        PhotoNotFoundError: A photo is gone since it was asked about.
        PhotoUnreadableError: It can't be read any more.
        AnswerInvalidError: An answer isn't numbers.
    """
    names = with_controls(names)
    rows, kinds = donors.donors.shape
    found = Audited(pool, donors, names, np.full((rows, len(names), kinds, kinds - 1), np.nan), {})
    work = partial(_ready, tested.input_size, pool, donors, names, seed)
    with closing(look_ahead(work, range(rows), ahead=1)) as coming:
        for row, future in enumerate(coming):
            ready = future.result()
            for name, kind in ready.unchanged:
                found.after[row, name, kind] = pool.logits[donors.chosen[row]]
            if len(ready.pictures):
                said = run_model(tested, ready.pictures, tested.classes)
                if said.logits is None:
                    raise ValueError("a pool was asked for logits that the model doesn't give")
                for at, (name, kind) in enumerate(ready.slots):
                    found.after[row, name, kind] = said.logits[at]
                _keep_cases(ready, said, row, found)
            on_photo()
    _spread_writing(found)
    return found


def _ready(
    size: tuple[int, int],
    pool: Pool,
    donors: Donors,
    names: tuple[str, ...],
    seed: int,
    row: int,
) -> _Ready:
    """Read a photo and its donors, and make all its pictures."""
    photos = pool.explained.photos
    needed = {donors.chosen[row], *donors.donors[row][donors.donors[row] >= 0]}
    eyes = {number: read_eye(Path(photos[number].path), size=size) for number in needed}
    own = eyes[donors.chosen[row]]
    corner = int(np.random.default_rng((seed, int(donors.chosen[row]))).integers(4))
    pictures, slots, unchanged = [], [], []
    for at, name in enumerate(names):
        swap = SWAPS[name]
        if isinstance(swap, Writing):
            pictures.append(writing(own, swap.place, corner))
            slots.append((at, 0))
            continue
        for kind, number in enumerate(donors.donors[row]):
            if number < 0 or (swap.needs_jpeg and eyes[number].form is None):
                continue
            picture = swap.give(own, eyes[number])
            if picture is None:
                unchanged.append((at, kind))
            else:
                pictures.append(picture)
                slots.append((at, kind))
    seen = {
        kind: eyes[number].seen.image
        for kind, number in enumerate(donors.donors[row])
        if number >= 0
    }
    stacked = np.stack(pictures) if pictures else np.zeros((0, *size, 3), np.uint8)
    return _Ready(own, stacked, slots, unchanged, seen)


def _spread_writing(audited: Audited) -> None:
    """Put what was said of written-on photos in the place of each other class's donor."""
    after, chosen = audited.after, audited.donors.chosen
    classes = after.shape[-1]
    top, before = audited.pool.explained.top[chosen], audited.pool.logits[chosen]
    for at, name in enumerate(audited.names):
        if isinstance(SWAPS[name], Writing):
            after[:, at, :classes] = after[:, at, :1]
            after[np.arange(len(after)), at, top] = before


def _keep_cases(ready: _Ready, said: Outputs, row: int, audited: Audited) -> None:
    """Keep of each property and class the swap that brought a photo furthest to the class."""
    donors, cases = audited.donors, audited.cases
    classes, top = audited.after.shape[-1], audited.pool.explained.top[donors.chosen[row]]
    for at, (number, donor) in enumerate(ready.slots):
        name = audited.names[number]
        is_writing = isinstance(SWAPS[name], Writing)
        for kind in range(classes) if is_writing else (donor,):
            if kind in (top, classes):
                continue
            kept = cases.get((name, kind))
            if kept is None or kept.probabilities[kind] < said.probabilities[at, kind]:
                cases[name, kind] = Case(
                    row,
                    kind,
                    ready.own.seen.image,
                    None if is_writing else ready.donors[kind],
                    ready.pictures[at],
                    said.cam[at],
                    said.probabilities[at],
                )
