"""Show where a class's evidence lies on average, brought to a photo's own eye."""

from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.average_maps import read_average_maps
from edge_runtime.bundle.bundle import Bundle
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.explain.overlay import blend
from edge_runtime.explain.retina_frame import brought_to, to_frame
from edge_runtime.explain.zones import SIDE, fovea_of, zone_map, zone_shares
from edge_runtime.photo.field import circle
from edge_runtime.results.people import PEOPLE
from edge_runtime.results.structured_report import UsualEvidence

Floats = npt.NDArray[np.float32]

#: A class's average map by its name, float32 (S, S) in the common retina frame, 0..1 or NaN.
Averages = Mapping[str, Floats]

_SIDE = 280  # pixels of the picture
_EYE, _MARK = 70, (235, 235, 235)


def averages_of(bundle: Bundle, model: str) -> Averages:
    """Read the average maps of a bundle; there are none where it has none of the model of a name.

    Raises:
        BundleInvalidError: Its file isn't one of average maps.
        BundleUntrustedError: It was changed since somebody vouched for it.
    """
    entry = bundle.manifest.average_maps
    if entry is None or entry.model != model:
        return {}
    return read_average_maps(bundle.path, entry, bundle.sealed)


def usual_evidence(
    class_name: str, landmarks: Landmarks | None, averages: Averages, bundle: Bundle, number: int
) -> UsualEvidence | None:
    """Say where the evidence for a class lies on average, in the zones of this eye.

    It is taken through the same cells as the photo's own, which reach over the edge of the eye.

    Args:
        class_name: The class.
        landmarks: Of the photo, None where nobody looked for them.
        averages: From ``averages_of``.
        bundle: Whose they are.
        number: The photo's in its run.

    Returns:
        None where the bundle has no average of the class, or the eye's place isn't known.
    """
    entry = bundle.manifest.average_maps
    if entry is None or landmarks is None or class_name not in averages:
        return None
    to, zones = to_frame(landmarks), zone_map(landmarks)
    if to is None or zones is None:
        return None
    height, width, _ = bundle.manifest.feature_shape
    fine = np.nan_to_num(brought_to(averages[class_name], to, SIDE))
    here = np.asarray(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    shares = {zone: round(share, 4) for zone, share in zone_shares(here, zones).items()}
    photos, trained = entry.photos[class_name], entry.trained.get(class_name)
    return UsualEvidence(photos, trained, shares, f"{PEOPLE}/{picture_name(number)}")


def picture_name(number: int) -> str:
    """Name the picture's file in the folder of persons."""
    return f"{number:04}-average.jpg"


def draw_usual(values: Floats, landmarks: Landmarks) -> npt.NDArray[np.uint8]:
    """Draw an average on an empty eye, with its optic disc as a ring and its fovea as a cross.

    Args:
        values: A class's average of ``Averages``.
        landmarks: With what ``to_frame`` needs.

    Returns:
        uint8 (280, 280, 3), RGB, the square around the photo's field of view.
    """
    to, fovea = to_frame(landmarks), fovea_of(landmarks)
    if to is None or fovea is None or landmarks.disc is None:
        raise ValueError("the eye's place isn't known")
    inside = circle((_SIDE, _SIDE))
    picture = np.repeat((inside * np.uint8(_EYE))[..., None], 3, axis=2)
    heat = np.nan_to_num(brought_to(values, to, _SIDE))
    blend(picture, np.rint(np.clip(heat, 0, 1) * 255).astype(np.uint8))
    picture[~inside] = 0
    disc, cross = (_pixel(point) for point in (landmarks.disc, fovea))
    radius = round(landmarks.disc_diameter * _SIDE / 4)
    cv2.circle(picture, disc, radius, _MARK, 1, cv2.LINE_AA)
    cv2.drawMarker(picture, cross, _MARK, cv2.MARKER_CROSS, _SIDE // 20, 1, cv2.LINE_AA)
    return picture


def _pixel(point: tuple[float, float]) -> tuple[int, int]:
    return round((point[0] + 1) / 2 * _SIDE), round((point[1] + 1) / 2 * _SIDE)
