"""Explained photos that are made up: their landmarks and maps are known."""

import numpy as np

from calibration.explanations.explained import Explained, ExplainedPhoto
from edge_runtime.explain.landmarks import Landmarks

CLASSES = ("ill", "normal")
RIGHT = Landmarks(
    disc=(0.62, -0.06), disc_diameter=0.25, disc_confidence=0.9, fovea=(-0.05, 0.02), eye="right"
)


def mirrored(landmarks):
    x, y = landmarks.disc
    return Landmarks(
        (-x, y), landmarks.disc_diameter, landmarks.disc_confidence,
        landmarks.fovea and (-landmarks.fovea[0], landmarks.fovea[1]),
        {"right": "left", "left": "right", None: None}[landmarks.eye],
    )  # fmt: skip


def photo(number, landmarks, label="ill", fault=None):
    return ExplainedPhoto(
        path=f"{number}.jpg", sha256=f"{number:064d}", label=label, source="made",
        patient=str(number // 2), eye=landmarks.eye, fault=fault, familiarity=None,
        landmarks=landmarks,
    )  # fmt: skip


def spot(x, y, *, size=7, width=0.25, shift=(0.0, 0.0)):
    """Make a map with its evidence around a point in radii of the field."""
    places = (np.arange(size) + 0.5) / size * 2 - 1
    at_x, at_y = np.meshgrid(places, places)
    off = np.hypot(at_x - x - shift[0], at_y - y - shift[1])
    return np.exp(-((off / width) ** 2) / 2).astype(np.float32)


def explained(landmarks, maps, *, labels=None, faults=None):
    """Join photos that the model all calls ill."""
    count = len(maps)
    cams = np.stack([maps, -np.asarray(maps)], axis=1).astype(np.float32)
    photos = tuple(
        photo(i, landmarks[i], (labels or ["ill"] * count)[i], (faults or [None] * count)[i])
        for i in range(count)
    )
    probabilities = np.tile(np.float32([0.9, 0.1]), (count, 1))
    return Explained(CLASSES, photos, cams, probabilities, np.zeros((count, 8), np.float32))
