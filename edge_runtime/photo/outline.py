"""Measure how soft the outline of a photo's field of view is: the camera's mask is never blurred.

The mask stands still and in focus, so an outline that is soft was blurred with the whole picture,
and a cloudy lens of the eye, which blurs the retina alone, leaves it sharp. A blur softens opposite
sides alike; light that falls off or a reflex softens one of them.
"""

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.photo.decode import Photo
from edge_runtime.photo.field import Field
from edge_runtime.photo.quantile import quantile

_RAYS, _STEPS = 72, 96  # rays in even number, so that each has its opposite
_FROM, _TO = 0.80, 1.12  # radii, as shares of the field's, between which a ray crosses the outline
_LEAST_STEP = 20  # levels that a field must be brighter than its frame by
_SATURATED = 250  # level at which light spreads beyond the mask, whatever the focus
_HIGH, _LOW = 0.75, 0.15  # of that step, between which its width is measured
_FEWEST = 6  # rays, below which nothing is said
_UPPER = 0.7  # what the upper quartile counts: a motion softens the outline only across its way


def outline_width(photo: Photo, field: Field) -> float | None:
    """Measure the width of the step from the frame to the field.

    Args:
        photo: uint8 (height, width, 3).
        field: Its field of view.

    Returns:
        In percent of the field's diameter, the larger of the median over all directions and a part
        of the upper quartile, each direction as sharp as its opposite where both are in the photo;
        None where too little of the outline is.
    """
    rows, columns = photo.shape[:2]
    angles = np.arange(_RAYS) * (2 * np.pi / _RAYS)
    radii = np.linspace(_FROM, _TO, _STEPS)
    edge = np.column_stack([np.cos(angles), np.sin(angles)]) @ np.linalg.inv(field.to_unit).T
    x = (field.x + edge[:, 0, None] * radii).astype(np.float32)
    y = (field.y + edge[:, 1, None] * radii).astype(np.float32)
    within = ((x >= 1) & (x <= columns - 2) & (y >= 1) & (y <= rows - 2)).all(axis=1)
    rays = cv2.remap(photo, x[within], y[within], cv2.INTER_LINEAR) if within.any() else None
    widths = np.full(_RAYS, np.nan)
    if rays is not None:
        widths[within] = _widths(rays.max(axis=2).astype(np.float32))
    widths = np.fmin(widths, np.roll(widths, _RAYS // 2))[~np.isnan(widths)]
    if len(widths) < _FEWEST:
        return None
    steps = max(float(quantile(widths, 0.5)), _UPPER * float(quantile(widths, 0.75)))
    return float(steps * 100 * (radii[1] - radii[0]) / 2)


def _widths(rays: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Count each ray's steps from its last bright one to the first dark one; NaN if unclear."""
    bright = quantile(rays[:, : _STEPS // 3], 0.5)
    dark = quantile(rays[:, -_STEPS // 8 :], 0.5)
    clear = (bright - dark > _LEAST_STEP) & (bright < _SATURATED)
    level = (rays - dark[:, None]) / np.where(clear, bright - dark, 1)[:, None]
    steps = np.arange(_STEPS)
    last_bright = np.where(level > _HIGH, steps, -1).max(axis=1)
    after = (steps > last_bright[:, None]) & (level < _LOW)
    first_dark = np.where(after, steps, _STEPS).min(axis=1)
    found = clear & (last_bright > 0) & (first_dark < _STEPS)
    return np.where(found, first_dark - last_bright, np.nan)
