"""Measure what a trained model still tells on photos as another camera or operator takes them.

    python benchmarks/changed_photos.py RUN DATASET [SPLIT]

The photos of SPLIT (val_dir by default) as they are; turned and mirrored; with the frame cut to
a smaller ellipse; and changed by the training's own augmentation at half and at full strength.
Changed ones are drawn three times.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from train.data.dataset import load_photos
from train.evaluation.held_out import find_held_out
from train.fitting.augment import augment
from train.metrics.classification import evaluate
from train.network.inference import inference
from train.runs.run_folder import read_run

DRAWS, BATCH = 3, 32


def cut(image):
    """Make black what lies outside of an ellipse of nine tenths of the sides."""
    height, width = image.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    centre = (width / 2 - 0.5, height / 2 - 0.5)
    cv2.ellipse(mask, (centre, (0.9 * width, 0.9 * height), 0), 1, -1)
    return image * mask[..., None]


def changed(images, strength):
    """Draw the augmentation of each photo, several times."""
    return np.concatenate(
        [
            np.stack(
                [
                    augment(image, np.random.default_rng((draw, at)), strength=strength)
                    for at, image in enumerate(images)
                ]
            )
            for draw in range(DRAWS)
        ]
    )


def main():
    """Measure and print."""
    config, model = read_run(Path(sys.argv[1]))
    split = sys.argv[3] if len(sys.argv) > 3 else "val_dir"
    classes = config.classes
    photos = find_held_out(
        Path(sys.argv[2]), split=split, classes=classes, seed=config.options.seed
    )
    images = load_photos(photos, size=config.input_size)
    labels = np.array([photo.label for photo in photos])
    run = inference(model)
    for title, shown in (
        ("as they are", images),
        ("turned and mirrored", changed(images, 0)),
        ("frame cut", np.stack([cut(image) for image in images])),
        ("changed, half strength", changed(images, 0.5)),
        ("changed, full strength", changed(images, 1)),
    ):
        outputs = [run(shown[at : at + BATCH]) for at in range(0, len(shown), BATCH)]
        truth = np.tile(labels, len(shown) // len(labels))
        found = evaluate(np.concatenate(outputs), truth, classes)
        recall = ", ".join(f"{name} {value:.2f}" for name, value in found.recall.items())
        print(f"{title}: accuracy {found.accuracy:.3f}; recall {recall}", flush=True)


if __name__ == "__main__":
    main()
