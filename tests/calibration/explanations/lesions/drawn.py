"""Photographs whose lesions are drawn, so that their masks are known."""

import cv2
import numpy as np
from make_fundus import draw_fundus

from calibration.explanations.known_photos import KnownPhoto
from calibration.explanations.lesions.marked_eyes import MarkedEye
from calibration.explanations.lesions.marked_photos import MarkedPhoto
from calibration.explanations.lesions.masks import TARGETS, Marks, to_square
from calibration.explanations.lesions.packed import packed
from edge_runtime.photo.round_field import round_field
from tests.conftest import EXAMPLE_PHOTO

SIZE = (224, 224)
CLASSES = ("diabetic_retinopathy", "glaucoma", "normal")


def spots(shape, places, radius):
    """Draw a mask, uint8 (height, width), of discs at places in shares of the picture."""
    mask = np.zeros(shape, np.uint8)
    for x, y in places:
        cv2.circle(mask, (round(x * shape[1]), round(y * shape[0])), radius, 255, -1)
    return mask


def drawn_eye(seed, maps, *, person=None, probabilities=(0.9, 0.06, 0.04)):
    """Draw an eye with a few haemorrhages at seeded places, and one disc.

    ``maps`` takes its marks (T, height, width) and gives those of the model, (C, h, w).
    """
    photo = draw_fundus("normal", seed=seed, size=(480, 640))
    generator = np.random.default_rng(seed)
    places = generator.uniform((0.35, 0.25), (0.65, 0.75), (3, 2))
    lesions = spots(photo.shape[:2], places, 22 + 2 * (seed % 5))
    disc = spots(photo.shape[:2], [(0.2, 0.5)], 18)
    found = round_field(photo, size=SIZE)
    covered, numbers = np.zeros((len(TARGETS), *SIZE), np.uint8), np.zeros(len(TARGETS), np.int64)
    for name, mask in (("haemorrhages", lesions), ("all_lesions", lesions), ("optic_disc", disc)):
        covered[TARGETS.index(name)] = to_square(mask, found.field, size=SIZE)
        numbers[TARGETS.index(name)] = cv2.connectedComponents(mask)[0] - 1
    known = MarkedPhoto(KnownPhoto(f"{seed}.jpg"), {})
    return MarkedEye(
        known, seed if person is None else person, packed(found.inside), maps(covered),
        np.float32(probabilities), Marks(packed(covered), numbers),
    )  # fmt: skip


def write_marked(folder, *, idrid=False):
    """Write three variants of the example photograph with spots, and the masks of these.

    The third has no mask of haemorrhages.
    """
    photo = cv2.imread(str(EXAMPLE_PHOTO))
    exudates = spots(photo.shape[:2], [(0.4, 0.4), (0.45, 0.6)], 6)
    blood = spots(photo.shape[:2], [(0.55, 0.35)], 12)
    photo[exudates > 0], photo[blood > 0] = (120, 230, 250), (10, 15, 110)
    names = {
        "hard_exudates": ("3. Hard Exudates", "_EX"),
        "haemorrhages": ("2. Haemorrhages", "_HE"),
    }
    for number in range(3):
        step = -1 if number == 1 else 1  # one is mirrored
        shown = photo[:, ::step]
        images = folder / ("1. Original Images/a. Training Set" if idrid else "images")
        images.mkdir(parents=True, exist_ok=True)
        shown = np.clip(shown * (1 - 0.04 * number), 0, 255).astype(np.uint8)
        cv2.imwrite(str(images / f"eye{number}.jpg"), shown, [cv2.IMWRITE_JPEG_QUALITY, 95])
        for kind, mask in (("hard_exudates", exudates), ("haemorrhages", blood)):
            if (number, kind) == (2, "haemorrhages"):
                continue
            place, code = names[kind]
            where = folder / "masks" / kind
            if idrid:
                where = folder / "2. All Segmentation Groundtruths/a. Training Set" / place
            where.mkdir(parents=True, exist_ok=True)
            red = np.zeros((*mask.shape, 3), np.uint8)
            red[..., 2] = mask[:, ::step]
            file = f"eye{number}{code}.tif" if idrid else f"eye{number}.png"
            cv2.imwrite(str(where / file), red if idrid else red[..., 2])
