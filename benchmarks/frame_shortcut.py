"""Measure how well the class is told by what lies beside the eye in a prepared photo.

    python benchmarks/frame_shortcut.py DATASET

A small classifier is fitted on train_dir and measured on val_dir, once on the pixels outside of
the ellipse that the field of view's box holds (32 x 32 pixels in all), once on as many inside.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from train.dataset import load_photos, read_dataset
from train.evaluate import evaluate

SIDE = 32


def main():
    """Measure and print."""
    dataset = read_dataset(Path(sys.argv[1]))
    rows, columns = (np.mgrid[:SIDE, :SIDE] + 0.5) * 2 / SIDE - 1
    outside = np.hypot(rows, columns) > 1
    images, labels = {}, {}
    for name in ("train_dir", "val_dir"):
        photos = dataset.splits[name]
        large = load_photos(photos, size=(224, 224))
        images[name] = np.stack(
            [cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for image in large]
        )
        labels[name] = np.array([photo.label for photo in photos])
    inside = np.flatnonzero(~outside)
    inside = inside[np.linspace(0, len(inside) - 1, outside.sum()).astype(int)]
    for title, chosen in (("outside", np.flatnonzero(outside)), ("as many inside", inside)):
        features = {
            name: found.reshape(len(found), -1, 3)[:, chosen].reshape(len(found), -1)
            for name, found in images.items()
        }
        trees = HistGradientBoostingClassifier(max_iter=150, random_state=0)
        trees.fit(features["train_dir"], labels["train_dir"])
        found = evaluate(
            trees.predict_proba(features["val_dir"]), labels["val_dir"], dataset.classes
        )
        recall = ", ".join(f"{name} {value:.2f}" for name, value in found["recall"].items())
        print(f"{title}: accuracy {found['accuracy']:.3f} on val_dir; recall {recall}")


if __name__ == "__main__":
    main()
