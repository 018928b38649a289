"""Models whose maps are known, and photographs for them."""

import cv2
import numpy as np
from make_fundus import draw_fundus

from calibration.explanations.stability.perturbations import PERTURBATIONS, perturb
from calibration.models.model_under_test import ModelFile, ModelUnderTest
from edge_runtime.photo.round_field import round_field

SIZE, CELLS = (224, 224), 14
NAMES = tuple(PERTURBATIONS)


def a_field(seed=1, kind="diabetic_retinopathy"):
    """Draw a photo as a model sees it."""
    return round_field(draw_fundus(kind, seed=seed, size=(480, 640)), size=SIZE)


def every(field, *, seed=0, strength=4):
    """Perturb a field in every way."""
    return {
        name: perturb(
            field.image, field.inside, name, amount=PERTURBATIONS[name].amounts[strength], seed=seed
        )
        for name in NAMES
    }


def brightness_of_cells(images):
    """The map of a model that looks at the light alone, so it moves with the eye."""
    return np.stack(
        [
            cv2.resize(
                image[..., 1] / np.float32(255), (CELLS, CELLS), interpolation=cv2.INTER_AREA
            )
            for image in images
        ]
    )


def a_bar_in_the_frame(images):
    """The map of a model that looks at a place in the frame, whatever is there."""
    cams = np.zeros((len(images), CELLS, CELLS), np.float32)
    cams[:, 3, 4:9] = np.arange(1, 6)
    return cams


def toy(maps, *, classes=("a", "b"), first=lambda images: np.full(len(images), 0.9)):
    """Make a model of a function of pictures to the first class's maps, and one to its probability.

    The other class's maps are the first's with another sign.
    """

    def run(images):
        cams, share = maps(images), first(images)
        return {
            "probabilities": np.stack([share, 1 - share], axis=1).astype(np.float32),
            "cam": np.stack([cams, -cams], axis=1).astype(np.float32),
        }

    return ModelUnderTest(ModelFile("toy", "onnx", "float32", "0", 0), classes, SIZE, run, batch=16)
