"""Take an eye away pixel by pixel, or bring it back, in the order of a map.

Deletion and insertion: Petsiuk, Das and Saenko, RISE, BMVC 2018, arXiv 1806.07421. What is taken
away there becomes one colour for all pictures; black would be the frame of a fundus photo, so here
it is the mean colour of the eye itself, and only pixels of the eye are ever touched.
"""

import cv2
import numpy as np
import numpy.typing as npt

from calibration.explanations.faithfulness.eyes import Images
from calibration.explanations.faithfulness.map_orders import Order

_BLUR = 1 / 16  # standard deviation as a share of the picture's height


def mean_colour(image: Images, inside: npt.NDArray[np.bool_]) -> Images:
    """Average the colours of an ``image`` (height, width, 3) ``inside`` of the eye: uint8 (3,)."""
    return np.asarray(np.rint(image[inside].mean(axis=0)), np.uint8)


def blurred(image: Images, inside: npt.NDArray[np.bool_]) -> Images:
    """Blur the eye so strongly that no vessel is left, and let no black of the frame into it.

    Args:
        image: uint8 (height, width, 3), RGB, black beyond the eye.
        inside: bool (height, width); beyond it nothing changes.
    """
    weight = inside.astype(np.float32)
    sigma = image.shape[0] * _BLUR
    colours = cv2.GaussianBlur(image.astype(np.float32), (0, 0), sigma)
    share = np.maximum(np.asarray(cv2.GaussianBlur(weight, (0, 0), sigma)), 1e-6)
    soft = np.clip(np.rint(np.asarray(colours) / share[..., None]), 0, 255).astype(np.uint8)
    return np.asarray(np.where(inside[..., None], soft, image))


def replaced(image: Images, other: Images, order: Order, shares: npt.ArrayLike) -> Images:
    """Replace the first pixels of an order.

    Args:
        image: uint8 (height, width, 3), RGB.
        other: What its pixels become: (3,), one colour, or (height, width, 3).
        order: From ``pixel_order``, of P pixels.
        shares: (S,), 0..1 of the P pixels.

    Returns:
        uint8 (S, height, width, 3).
    """
    counts = np.rint(np.asarray(shares) * len(order)).astype(int)
    found = np.repeat(image.reshape(1, -1, 3), len(counts), axis=0)
    source = np.broadcast_to(other, image.shape).reshape(-1, 3)
    for picture, count in zip(found, counts, strict=True):
        picture[order[:count]] = source[order[:count]]
    return found.reshape(-1, *image.shape)


def area_under(shares: npt.ArrayLike, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Take the area under curves by trapezoids.

    Args:
        shares: (S,), rising from 0 to 1.
        values: (..., S).

    Returns:
        (...): the mean height of each curve.
    """
    at, heights = np.asarray(shares, np.float64), np.asarray(values, np.float64)
    return np.asarray(((heights[..., 1:] + heights[..., :-1]) / 2 * np.diff(at)).sum(axis=-1))
