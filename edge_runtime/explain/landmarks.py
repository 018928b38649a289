"""Where the optic disc and the fovea lie in a round field."""

from dataclasses import dataclass
from typing import Literal

Eye = Literal["left", "right"]

#: (x, y) in radii of the field of view from its centre, x to the right and y down.
Point = tuple[float, float]


@dataclass(frozen=True)
class Landmarks:
    """What was found, in radii of the field of view; None is "not visible", rather than wrong.

    ``disc`` is the optic disc's centre, ``disc_diameter`` its diameter (0 without a disc) and
    ``disc_confidence``, 0..1, how sure that is. ``fovea`` is the fovea's centre. ``eye`` is the
    side that the disc tells: it lies on the nose's side of the fovea, so in a right eye to the
    right.
    """

    disc: Point | None = None
    disc_diameter: float = 0.0
    disc_confidence: float = 0.0
    fovea: Point | None = None
    eye: Eye | None = None
