"""Stores that tests make of photos and maps which they know."""

from dataclasses import replace

import numpy as np

from calibration.explanations.store.store import writing
from tests.calibration.explanations.store.stored import INFO, stored


def make_store(path, photos, **info):
    """Write a store; each photo is a number and what of ``stored`` changes, its maps (2, h, w)."""
    size = photos[0][1]["maps"].shape[1:]
    with writing(path, replace(INFO, map_size=size, **info)) as store:
        for number, changes in photos:
            store.add(stored(number, **changes))
    return path


def answer(top, classes=2):
    """Make probabilities of which class ``top`` has the most."""
    shares = np.full(classes, 0.1, np.float32)
    shares[top] = 1 - 0.1 * (classes - 1)
    return shares
