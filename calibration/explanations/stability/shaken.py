"""What is known of photos that were perturbed: the answers, the maps, how far they moved."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.explanations.explained import Explained, ExplainedPhoto, Floats
from calibration.explanations.stability.noise_sensitivity import BALL, NoiseBall, Sensitivity
from calibration.explanations.stability.perturbations import PERTURBATIONS, STRENGTHS

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ShakeOptions:
    """Which perturbations, by name, the noise of the sensitivity, and the seed of all draws."""

    names: tuple[str, ...] = tuple(PERTURBATIONS)
    ball: NoiseBall = BALL
    seed: int = 0

    @property
    def pictures(self) -> int:
        """How many pictures of a photo the model is asked about, the untouched one too."""
        return 1 + len(self.names) * STRENGTHS + self.ball.draws


@dataclass(frozen=True)
class LeftOut:
    """A photo of which nothing was measured, and why; ``unreadable`` where it is no photo."""

    path: str
    reason: str
    unreadable: bool


@dataclass(frozen=True, eq=False)
class Shaken:
    """N photos, untouched and through P perturbations in S strengths.

    ``probabilities`` is float32 (N, P, S, C). ``maps`` is float32 (N, P, S, h, w), of the class
    that was predicted of the untouched photo, carried back to its frame. ``distances`` is float64
    (N, P, S, M), in the order of ``MEASURES``, from the untouched map; NaN where both are blank.
    ``uncarried`` is likewise of the map as it stands, without carrying it back, and ``followed`` of
    a map that moves with the eye exactly; NaN where nothing moved. ``sensitivity`` has N. ``cells``
    is float32 (N, h, w), how much of each cell shows the eye.
    """

    untouched: Explained
    names: tuple[str, ...]
    probabilities: Floats
    maps: Floats
    distances: Values
    followed: Values
    uncarried: Values
    sensitivity: tuple[Sensitivity, ...]
    cells: Floats
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, eq=False)
class Row:
    """One photo's part of ``Shaken``; the arrays are (P * S, ...)."""

    photo: ExplainedPhoto
    cam: Floats
    own: Floats
    probabilities: Floats
    maps: Floats
    distances: Values
    followed: Values
    uncarried: Values
    sensitivity: Sensitivity
    cells: Floats


def stacked(
    rows: Sequence[Row],
    classes: tuple[str, ...],
    options: ShakeOptions,
    left_out: Sequence[LeftOut],
) -> Shaken:
    """Put the photos' rows together."""
    shape = (len(rows), len(options.names), STRENGTHS)

    def column(name: str) -> npt.NDArray[np.floating]:
        values = np.stack([getattr(row, name) for row in rows])
        return values.reshape(*shape, *values.shape[2:])

    return Shaken(
        untouched=Explained(
            classes,
            tuple(row.photo for row in rows),
            np.stack([row.cam for row in rows]),
            np.concatenate([row.own for row in rows]),
            np.zeros((len(rows), 0), np.float32),
        ),
        names=options.names,
        probabilities=np.asarray(column("probabilities"), np.float32),
        maps=np.asarray(column("maps"), np.float32),
        distances=np.asarray(column("distances"), np.float64),
        followed=np.asarray(column("followed"), np.float64),
        uncarried=np.asarray(column("uncarried"), np.float64),
        sensitivity=tuple(row.sensitivity for row in rows),
        cells=np.stack([row.cells for row in rows]),
        left_out=tuple(left_out),
    )
