"""Say in which parts of the retina the evidence of a map lies."""

from collections.abc import Mapping
from types import MappingProxyType

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.explain.landmarks import Landmarks, Point
from edge_runtime.photo.field import SEEN

Floats = npt.NDArray[np.float32]

#: The zones, in the order in which a place that two of them hold is given to one. Distances are in
#: disc diameters (some 1.5 mm), of the disc from its margin and of the fovea from its centre. Two
#: about the fovea are the outer circle of the ETDRS grid (radius 3 mm, ETDRS report 10,
#: Ophthalmology 98, 1991); where the arcades end is a convention of this package.
ZONES: Mapping[str, str] = MappingProxyType({
    "outside": "outside of the eye",
    "disc": "on the optic disc",
    "macula": "in the macula, within two disc diameters of the fovea",
    "disc_1": "beside the optic disc, within one disc diameter",
    "disc_2": "around the optic disc, within two disc diameters",
    "arcades": "along the vessel arcades, two to three and a half disc diameters from the fovea",
    "periphery": "in the periphery of the photograph",
})  # fmt: skip

#: How many places across a square are told apart.
SIDE = 112

_MACULA, _ARCADES = 2.0, 3.5  # disc diameters from the fovea
_FOVEA_AWAY, _FOVEA_BELOW = 2.7, 0.26  # disc diameters from the disc's centre: 15.5 and 1.5 degrees


def fovea_of(landmarks: Landmarks) -> Point | None:
    """Give the fovea, or where it must lie if the disc and the side of the eye are known.

    It lies 15.5 degrees away from the disc's centre on the temple's side and 1.5 degrees below it
    (Rohrschneider, Invest. Ophthalmol. Vis. Sci. 45, 2004); a disc is some 5.7 degrees wide.
    """
    if landmarks.fovea is not None or landmarks.disc is None or landmarks.eye is None:
        return landmarks.fovea
    x, y = landmarks.disc
    away = _FOVEA_AWAY * landmarks.disc_diameter * (-1 if landmarks.eye == "right" else 1)
    return x + away, y + _FOVEA_BELOW * landmarks.disc_diameter


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
    places = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    x, y = np.meshgrid(places, places)
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
    positive = np.maximum(cam, 0).astype(np.float32)
    fine = cv2.resize(positive, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    return _shares(np.asarray(fine, np.float64), zones)


def zone_areas(zones: npt.NDArray[np.int8]) -> dict[str, float]:
    """Measure which share of the square each zone is: what evidence everywhere alike would give."""
    return _shares(np.ones(zones.shape), zones)


def side_of_disc(cam: Floats, landmarks: Landmarks) -> str | None:
    """Say on which side of the optic disc most of a map's positive evidence lies.

    Returns:
        "temporal" or "nasal", with ", above" or ", below" where that is clear too; None where disc
        or eye aren't known, or where the evidence lies on both sides.
    """
    positive = np.maximum(cam, 0)
    if landmarks.disc is None or landmarks.eye is None or not positive.any():
        return None
    x, y = (
        float((positive.sum(axis=axis) * ((np.arange(size) + 0.5) / size * 2 - 1)).sum())
        / float(positive.sum())
        for axis, size in ((0, cam.shape[1]), (1, cam.shape[0]))
    )
    across, down = x - landmarks.disc[0], y - landmarks.disc[1]
    least = landmarks.disc_diameter / 2
    if abs(across) < least:
        return None
    nasal = (across > 0) == (landmarks.eye == "right")
    height = "" if abs(down) < 2 * least else ", below" if down > 0 else ", above"
    return ("nasal" if nasal else "temporal") + height


def _shares(values: npt.NDArray[np.float64], zones: npt.NDArray[np.int8]) -> dict[str, float]:
    sums = np.bincount(zones.ravel(), weights=values.ravel(), minlength=len(ZONES))
    return dict(zip(ZONES, (sums / (sums.sum() or 1.0)).tolist(), strict=True))
