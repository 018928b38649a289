"""Take detail from a round field: blur, JPEG and lower resolution."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
from simplejpeg import decode_jpeg, encode_jpeg

from calibration.explanations.stability.perturbed import Image, Inside, Perturbed, legal

_Floats = npt.NDArray[np.float32]


def blur(image: Image, inside: Inside, percent: float, _draw: np.random.Generator) -> Perturbed:
    """Blur by a Gaussian whose standard deviation is this share of the field's diameter."""
    sigma = percent / 100 * min(image.shape[:2])
    if sigma == 0:
        return Perturbed(image, inside)
    return _of_the_eye(lambda values: cv2.GaussianBlur(values, (0, 0), sigma), image, inside)


def lower_resolution(
    image: Image, inside: Inside, percent: float, _draw: np.random.Generator
) -> Perturbed:
    """Shrink both sides by this share, and enlarge again."""
    height, width = image.shape[:2]
    small = max(1, round(width * (1 - percent / 100))), max(1, round(height * (1 - percent / 100)))

    def resized(values: _Floats) -> cv2.typing.MatLike:
        shrunk = cv2.resize(values, small, interpolation=cv2.INTER_AREA)
        return cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_LINEAR)

    return _of_the_eye(resized, image, inside)


def jpeg(image: Image, inside: Inside, lost: float, _draw: np.random.Generator) -> Perturbed:
    """Compress as JPEG of the quality 100 - lost with colours at half resolution; 0 is as it is."""
    if lost == 0:
        return Perturbed(image, inside)
    data = encode_jpeg(np.ascontiguousarray(image), quality=round(100 - lost), colorspace="RGB")
    return legal(np.asarray(decode_jpeg(data, colorspace="RGB"), np.uint8), inside)


def _of_the_eye(
    work: Callable[[_Floats], cv2.typing.MatLike], image: Image, inside: Inside
) -> Perturbed:
    """Filter what shows the eye alone: the black around it mustn't darken the rim."""
    weights = np.maximum(np.asarray(work(inside.astype(np.float32)), np.float32), 1e-3)
    filtered = np.asarray(work(image.astype(np.float32)), np.float32)
    return legal(np.asarray(filtered / weights[..., None], np.float32), inside)
