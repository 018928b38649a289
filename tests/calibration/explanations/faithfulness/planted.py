"""Eyes whose evidence is known, and a model that looks at it alone."""

import numpy as np

from calibration.explanations.faithfulness.eyes import Eye
from edge_runtime.photo.field import circle

SIDE, CELLS, SQUARE = 64, 8, 16
PLACES = [
    (16, 16), (16, 32), (32, 16), (32, 32), (8, 24), (24, 40), (40, 24), (24, 8), (24, 24), (24, 32)
]  # fmt: skip


def evidence(place):
    mask = np.zeros((SIDE, SIDE), bool)
    mask[place[0] : place[0] + SQUARE, place[1] : place[1] + SQUARE] = True
    return mask


def cells_of(place):
    """The perfect map, in cells of 8 pixels."""
    return evidence(place)[:: SIDE // CELLS, :: SIDE // CELLS].astype(np.float32)


def eye_at(place, person, cells=None):
    """An eye whose evidence is a square of full red; ``cells`` are the map that it is given."""
    inside = circle((SIDE, SIDE))
    image = np.zeros((SIDE, SIDE, 3), np.uint8)
    image[inside] = (120, 60, 40)
    image[evidence(place)] = (255, 60, 40)
    own = cells_of(place) if cells is None else cells
    maps = np.stack([-own, own])
    return Eye(image, inside, 1, maps, person)


def ask(images):
    """Say by how much of the square is left in full red, and nothing else."""
    share = (images[..., 0] == 255).sum(axis=(1, 2)) / SQUARE**2
    logits = np.stack([np.zeros_like(share), 10 * share - 5], 1)
    return np.stack([1 - share, share], 1), logits
