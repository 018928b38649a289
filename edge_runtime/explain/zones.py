"""Say in which parts of the retina the evidence of a map lies."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.explain.gradcam import inside_shares
from edge_runtime.explain.landmarks import Landmarks, Point
from edge_runtime.photo.field import SEEN, circle

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

#: The zones, in the order in which a place that two of them hold is given to one. Distances are in
#: disc diameters (some 1.5 mm), of the disc from its margin and of the fovea from its centre. Two
#: about the fovea are the outer circle of the ETDRS grid (radius 3 mm, ETDRS report 10,
#: Ophthalmology 98, 1991); where the arcades end is a convention of this package.
ZONES: Mapping[str, str] = MappingProxyType({
    "outside": "at the edge of the eye and beyond, where a map's cells reach over it",
    "disc": "on the optic disc",
    "macula": "in the macula, within two disc diameters of the fovea",
    "disc_1": "beside the optic disc, within one disc diameter",
    "disc_2": "around the optic disc, within two disc diameters",
    "arcades": "along the vessel arcades, two to three and a half disc diameters from the fovea",
    "periphery": "in the periphery of the photograph",
})  # fmt: skip

#: How far the fovea lies to the temple and below the middle of the optic disc, in degrees of the
#: field of view (Rohrschneider, Invest. Ophthalmol. Vis. Sci. 45, 2004), and how wide a disc is.
DISC_TO_FOVEA, DISC_DEGREES = (15.5, 1.5), 5.7

#: The number of the zone that is no part of the eye.
OUTSIDE = 0

#: How many places across a square are told apart.
SIDE = 112

_MACULA, _ARCADES = 2.0, 3.5  # disc diameters from the fovea
_CLEARLY = 0.1  # of the evidence, by which a side must hold more than by chance
_AWAY, _BELOW = (degrees / DISC_DEGREES for degrees in DISC_TO_FOVEA)  # in disc diameters


def fovea_of(landmarks: Landmarks) -> Point | None:
    """Give the fovea, or where it must lie if the disc and the side of the eye are known.

    It lies at ``DISC_TO_FOVEA`` from the disc, whose diameter tells how much a degree is.
    """
    if landmarks.fovea is not None or landmarks.disc is None or landmarks.eye is None:
        return landmarks.fovea
    x, y = landmarks.disc
    away = _AWAY * landmarks.disc_diameter * (-1 if landmarks.eye == "right" else 1)
    return x + away, y + _BELOW * landmarks.disc_diameter


def zone_map(landmarks: Landmarks) -> npt.NDArray[np.int8] | None:
    """Tell for each place of a round field in which zone it lies.

    Args:
        landmarks: Of the photo.

    Returns:
        int8 (SIDE, SIDE) over the square around the field, indices into ``ZONES``; None where disc
        and fovea aren't both known, as then no zone but the outside is.
    """
    fovea = fovea_of(landmarks)
    if landmarks.disc is None or fovea is None or landmarks.disc_diameter <= 0:
        return None
    x, y = _places()
    diameter = landmarks.disc_diameter
    from_disc = np.hypot(x - landmarks.disc[0], y - landmarks.disc[1]) / diameter - 0.5
    from_fovea = np.hypot(x - fovea[0], y - fovea[1]) / diameter
    holds = (
        np.hypot(x, y) > SEEN,
        from_disc <= 0,
        from_fovea <= _MACULA,
        from_disc <= 1,
        from_disc <= 2,
        from_fovea <= _ARCADES,
    )
    return np.select(holds, np.arange(len(holds)), len(holds)).astype(np.int8)


def zone_shares(cam: Floats, zones: npt.NDArray[np.int8]) -> dict[str, float]:
    """Measure which share of a map's positive evidence lies in each zone.

    Args:
        cam: float32 (h, w), signed Grad-CAM in logits over the square around the field.
        zones: From ``zone_map``.

    Returns:
        0..1 by the names of ``ZONES``, 1 in all; 0 each where nothing speaks for the class.
    """
    return _shares(_fine(cam), zones)


def even_shares(zones: npt.NDArray[np.int8], cells: tuple[int, int]) -> dict[str, float]:
    """Measure what ``zone_shares`` gives where evidence is spread evenly over the eye.

    It differs from the zones' shares of the eye, as a map's cells reach over the edge of the eye.

    Args:
        zones: From ``zone_map``.
        cells: (h, w) of the map.
    """
    return zone_shares(_even(cells), zones)


def side_of_disc(cam: Floats, landmarks: Landmarks) -> str | None:
    """Say on which side of the optic disc most of a map's positive evidence lies.

    The disc itself counts for no side. A side is said where it holds more than half of the rest,
    and clearly more than it would of evidence spread evenly over the eye, most of which is temporal
    of the disc.

    Returns:
        "temporal" or "nasal", with ", above" or ", below" where that holds too; None where disc or
        eye aren't known, or where no side holds so much.
    """
    if landmarks.disc is None or landmarks.eye is None or not (cam > 0).any():
        return None
    found, even = (_fine(each) for each in (cam, _even((cam.shape[0], cam.shape[1]))))
    x, y = _places()
    across, down = x - landmarks.disc[0], y - landmarks.disc[1]
    beside = np.hypot(across, down) > landmarks.disc_diameter / 2
    nasal = (across > 0) == (landmarks.eye == "right")
    sides = {"nasal": nasal, "temporal": ~nasal}
    side = next((name for name, part in sides.items() if _told(found, even, beside, part)), None)
    if side is None:
        return None
    heights = {", below": down > 0, ", above": down <= 0}
    within = beside & sides[side]
    return side + next((n for n, part in heights.items() if _told(found, even, within, part)), "")


def _told(
    found: Doubles, even: Doubles, within: npt.NDArray[np.bool_], part: npt.NDArray[np.bool_]
) -> bool:
    """Say whether a part holds most of what lies within, and clearly more than even evidence."""
    share, by_chance = (
        float(each[within & part].sum() / (each[within].sum() or 1.0)) for each in (found, even)
    )
    return share > 0.5 and share > by_chance + _CLEARLY


@lru_cache(maxsize=4)
def _even(cells: tuple[int, int]) -> Floats:
    """Spread evidence evenly over the eye: float32 (h, w)."""
    return inside_shares(circle((16 * cells[0], 16 * cells[1])), cells)


def _fine(cam: Floats) -> Doubles:
    """Raise a map's positive part to the zones' places: float64 (SIDE, SIDE)."""
    positive = np.maximum(cam, 0).astype(np.float32)
    fine = cv2.resize(positive, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    return np.asarray(fine, np.float64)


def _places() -> tuple[Doubles, Doubles]:
    """Give the places' x and y in radii of the field, (SIDE, SIDE) each."""
    places = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    x, y = np.meshgrid(places, places)
    return x, y


def _shares(values: npt.NDArray[np.float64], zones: npt.NDArray[np.int8]) -> dict[str, float]:
    sums = np.bincount(zones.ravel(), weights=values.ravel(), minlength=len(ZONES))
    return dict(zip(ZONES, (sums / (sums.sum() or 1.0)).tolist(), strict=True))
