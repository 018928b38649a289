"""The thirteen perturbations of a photo's field of view, each in five strengths.

They act on the round field, uint8 RGB of the model's size, and not on the camera's file: so they
mean the same for every camera, and nothing outside of the eye reaches the network. Strengths go
from barely visible to clearly seen; decision 0069 says how they were chosen.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from calibration.explanations.stability import perturb_detail, perturb_light, perturb_place
from calibration.explanations.stability.perturbed import Image, Inside, Perturbed

STRENGTHS = 5


@dataclass(frozen=True)
class Perturbation:
    """What is changed, in which unit, and by how much in each of the five strengths.

    ``apply`` takes a round field, where it shows the eye, an amount in the unit, of which 0 changes
    nothing, and a generator.
    """

    does: str
    unit: str
    amounts: tuple[float, float, float, float, float]
    apply: Callable[[Image, Inside, float, np.random.Generator], Perturbed]


#: By name.
PERTURBATIONS: Mapping[str, Perturbation] = {
    "brightness": Perturbation(
        "more or less light", "% of the light", (5, 10, 20, 30, 40), perturb_light.brightness
    ),
    "gamma": Perturbation(
        "darker or lighter middle tones", "% of the exponent", (10, 20, 30, 45, 60),
        perturb_light.gamma,
    ),
    "colour-cast": Perturbation(
        "more red and less blue, or the reverse", "% of each", (3, 6, 10, 15, 20),
        perturb_light.colour_cast,
    ),
    "blur": Perturbation(
        "out of focus", "% of the field's diameter (sigma)", (0.2, 0.35, 0.5, 0.7, 0.9),
        perturb_detail.blur,
    ),
    "noise": Perturbation(
        "grain", "grey levels of 255 (sigma)", (1, 2, 4, 6, 9), perturb_light.noise
    ),
    "jpeg": Perturbation(
        "JPEG at the model's size", "steps of quality below 100", (10, 25, 40, 55, 70),
        perturb_detail.jpeg,
    ),
    "turn": Perturbation("turned", "degrees", (2, 5, 10, 15, 20), perturb_place.turn),
    "shift": Perturbation(
        "shifted", "% of the field's diameter", (1, 2, 4, 6, 9), perturb_place.shift
    ),
    "scale": Perturbation("enlarged", "%", (2, 5, 10, 15, 20), perturb_place.scale),
    "vignetting": Perturbation(
        "darker towards the rim", "% at the rim", (10, 20, 30, 40, 50), perturb_light.vignetting
    ),
    "artefacts": Perturbation(
        "specks of dust and a reflex", "% of the light taken, or on the way to white",
        (10, 20, 35, 50, 70),
        perturb_light.artefacts,
    ),
    "cut-field": Perturbation(
        "cut off above and below", "% of the eye's height in all", (2, 4, 7, 10, 14),
        perturb_place.cut_field,
    ),
    "lower-resolution": Perturbation(
        "fewer pixels", "% fewer along each side", (15, 30, 45, 55, 65),
        perturb_detail.lower_resolution,
    ),
}  # fmt: skip


def perturb(image: Image, inside: Inside, name: str, *, amount: float, seed: int) -> Perturbed:
    """Perturb a round field.

    What is drawn (sides, directions, places, grain) hangs on the seed, the picture and the kind of
    perturbation, not on the amount: along its strengths a photo goes one way. So it is the same
    whichever other photos are looked at.

    Args:
        image: uint8 (height, width, 3), RGB, all outside of the eye exactly 0.
        inside: bool (height, width), true where it shows the eye.
        name: A key of ``PERTURBATIONS``.
        amount: In its unit; 0 changes nothing.
        seed: 0 or more.
    """
    return PERTURBATIONS[name].apply(image, inside, amount, generator(image, name, seed=seed))


def generator(image: Image, purpose: str, *, seed: int) -> np.random.Generator:
    """Make the generator for one purpose on one picture."""
    keys = (zlib.crc32(image.tobytes()), zlib.crc32(purpose.encode()))
    return np.random.default_rng((seed, *keys))
