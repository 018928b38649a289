"""How far a map moves under noise that is hardly seen."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.explanations.stability.perturbations import generator
from calibration.explanations.stability.perturbed import Image, Inside

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class NoiseBall:
    """What is drawn: ``draws`` pictures, each sample at most ``radius`` grey levels of 255 away."""

    radius: int = 5
    draws: int = 10


#: Ten pictures within 5 grey levels.
BALL = NoiseBall()


@dataclass(frozen=True)
class Sensitivity:
    """The largest of the draws.

    ``max_sensitivity`` is in logits, ``relative`` the same divided by the untouched map's norm, and
    ``lipschitz`` in logits per unit of the picture's norm, whose samples are 0..1.
    """

    max_sensitivity: float
    relative: float
    lipschitz: float


def noisy(image: Image, inside: Inside, ball: NoiseBall, *, seed: int) -> Image:
    """Draw pictures evenly from the ball of the maximum norm, in whole grey levels.

    Args:
        image: uint8 (height, width, 3), RGB.
        inside: bool (height, width), where it shows the eye; elsewhere nothing changes.
        ball: Its radius, and how many.
        seed: 0 or more.

    Returns:
        uint8 (draws, height, width, 3).
    """
    draw = generator(image, "noise-ball", seed=seed)
    shape = (ball.draws, *image.shape)
    steps = draw.integers(-ball.radius, ball.radius, shape, np.int16, endpoint=True)
    return np.asarray(np.clip(image + steps * inside[..., None], 0, 255), np.uint8)


def sensitivity(image: Image, cam: Floats, near: Image, cams: Floats) -> Sensitivity:
    """Measure max-sensitivity and a local Lipschitz estimate by Monte Carlo.

    With f(x) the map of x, both take a maximum over the drawn y within the ball: ||f(y) - f(x)||
    for the former, ||f(y) - f(x)|| / ||y - x|| for the latter, Euclidean norms of all cells of the
    map and of all samples of the picture. A maximum over few draws is a lower bound.

    Args:
        image: uint8 (height, width, 3), the untouched picture x.
        cam: float32 (h, w), its signed map of the class that was predicted, in logits.
        near: uint8 (draws, height, width, 3), from ``noisy``.
        cams: float32 (draws, h, w), their maps of that class.

    Source: Yeh et al., On the (in)fidelity and sensitivity of explanations, arXiv 1901.09392, eq.
    for SENS_MAX; Alvarez-Melis and Jaakkola, On the robustness of interpretability methods, arXiv
    1806.08049.
    """
    change = np.linalg.norm((cams - cam).reshape(len(cams), -1), axis=1)
    steps = (near.astype(np.float32) - image).reshape(len(near), -1) / 255
    ways = np.linalg.norm(steps, axis=1)
    own, most = float(np.linalg.norm(cam)), float(change.max())
    ratios = change[ways > 0] / ways[ways > 0]
    return Sensitivity(most, most / own if own else np.nan, float(ratios.max(initial=0.0)))
