"""Measure how well optic disc, fovea and side of the eye are found, and how quickly.

OPENBLAS_NUM_THREADS=1 python benchmarks/optic_disc.py DATA [--folds FOLDER]

DATA holds idrid-segmentation, multi-camera and eye-disease-dataset. FOLDER holds fold0.npz to
fold2.npz of benchmarks/fit_optic_disc.py: each photograph with a mask is then judged by the network
that didn't see it. Without it the package's network is judged on photographs that it has seen.
"""

import argparse
import csv
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from landmark_photos import Marked, read_idrid, read_round

from edge_runtime.explain.eye_side import side_in_name
from edge_runtime.explain.landmark_network import LandmarkNetwork
from edge_runtime.explain.optic_disc import find_landmarks

_FOLDS = 3
_SIZE = 224  # pixels a side of the round fields, as the default bundle's


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--folds", type=Path)
    options = parser.parse_args()
    idrid = list(read_idrid(options.data / "idrid-segmentation", size=_SIZE).values())
    networks: list[LandmarkNetwork | None] = [None] * _FOLDS
    if options.folds:
        files = [options.folds / f"fold{fold}.npz" for fold in range(_FOLDS)]
        networks = [LandmarkNetwork.load(file) for file in files]
    print("each by the network that didn't see it" if options.folds else "by the package's network")
    show_accuracy(idrid, networks)
    show_confidence(idrid, networks)
    show_sides(options.data)
    show_time(idrid[0])


def show_accuracy(idrid: list[Marked], networks: list[LandmarkNetwork | None]) -> None:
    """Print how far disc and fovea lie from the marks, in true disc radii, and the diameter."""
    found = [
        find_landmarks(photo.image, photo.inside, network=networks[index % _FOLDS])
        for index, photo in enumerate(idrid)
    ]
    discs = np.array([_away(each.disc, photo.disc, photo.radius)
                      for each, photo in zip(found, idrid, strict=True)])  # fmt: skip
    foveas = np.array([_away(each.fovea, photo.fovea, photo.radius)
                       for each, photo in zip(found, idrid, strict=True)])  # fmt: skip
    wider = [each.disc_diameter / 2 / photo.radius - 1
             for each, photo in zip(found, idrid, strict=True) if each.disc]  # fmt: skip
    print("\n| | photos | given | within one radius | within half | median, in radii |")
    print("|---|---|---|---|---|---|")
    for name, away in (("disc", discs), ("fovea", foveas)):
        given = np.isfinite(away)
        print(f"| {name} | {len(away)} | {given.sum()} | {(away <= 1).sum()} | "
              f"{(away <= 0.5).sum()} | {np.median(away[given]):.2f} |")  # fmt: skip
    print(f"\ndiameter: {np.mean(wider):+.1%} on average, off by {np.median(np.abs(wider)):.1%} "
          f"in the median, by {np.quantile(np.abs(wider), 0.9):.1%} in one of ten")  # fmt: skip


def show_confidence(idrid: list[Marked], networks: list[LandmarkNetwork | None]) -> None:
    """Print how often a disc is right, by its confidence, on the photographs and spoilt ones."""
    generator = np.random.default_rng(0)
    sure, right = [], []
    for index, photo in enumerate(idrid):
        for spoilt in _spoilt(photo, generator):
            found = find_landmarks(spoilt.image, spoilt.inside, network=networks[index % _FOLDS])
            if found.disc:
                sure.append(found.disc_confidence)
                right.append(_away(found.disc, spoilt.disc, photo.radius) <= 1)
    confidence, correct = np.array(sure), np.array(right)
    print("\n| confidence | discs | its mean | within one radius |\n|---|---|---|---|")
    for low, high in ((0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.97), (0.97, 1.01)):
        here = (confidence >= low) & (confidence < high)
        if here.any():
            print(f"| {low:.2f} to {min(high, 1):.2f} | {here.sum()} | "
                  f"{confidence[here].mean():.2f} | {correct[here].mean():.2f} |")  # fmt: skip


def show_sides(data: Path) -> None:
    """Print by source how often the disc's side agrees with the name, of photos not fitted on."""
    print("\n| source | photos | disc given | fovea given | named and told | agree |")
    print("|---|---|---|---|---|---|")
    for source, paths in _held_out(data):
        found = []
        for path in paths:
            photo = read_round(path, size=_SIZE)
            found.append(find_landmarks(photo.image, photo.inside))
        both = [(side_in_name(path), each.eye) for path, each in zip(paths, found, strict=True)]
        told = [named == eye for named, eye in both if named and eye]
        agree = f"{sum(told)} ({np.mean(told):.1%})" if told else "-"
        print(f"| {source} | {len(paths)} | {np.mean([bool(each.disc) for each in found]):.0%} | "
              f"{np.mean([bool(each.fovea) for each in found]):.0%} | {len(told)} | {agree} |",
              flush=True)  # fmt: skip


def show_time(photo: Marked) -> None:
    """Print the time of a photo on one core, by its size."""
    cv2.setNumThreads(1)
    print()
    for size in (224, 384, 512):
        image = cv2.resize(photo.image, (size, size))
        inside = cv2.resize(photo.inside.view(np.uint8), (size, size)) > 0
        times = []
        for _ in range(100):
            begin = time.perf_counter()
            find_landmarks(image, inside)
            times.append(1e3 * (time.perf_counter() - begin))
        print(f"{size} pixels: {min(times):.1f} ms at least, {np.median(times):.1f} ms the median")


def _held_out(data: Path) -> Iterator[tuple[str, list[Path]]]:
    """Yield the photos of each source that the network wasn't fitted on."""
    sources: dict[str, list[Path]] = {}
    with (data / "multi-camera" / "labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["split"] != "train":
                path = data / "multi-camera" / row["file"]
                sources.setdefault(row["source"], []).append(path)
    for split in ("val_dir", "test_dir"):
        for path in sorted((data / "eye-disease-dataset" / split).glob("*/*.*")):
            sources.setdefault(f"four classes, {path.parent.name}", []).append(path)
    yield from sources.items()


def _spoilt(photo: Marked, generator: np.random.Generator) -> Iterator[Marked]:
    """Yield a photo as it is, and seven times blurred, hazy, dark and uneven by chance."""
    yield photo
    for _ in range(7):
        blur = generator.uniform(0.0, 0.06) * len(photo.image)
        image = cv2.GaussianBlur(photo.image, (0, 0), blur + 0.1).astype(np.float32)
        veil = cv2.GaussianBlur(image, (0, 0), len(photo.image) / 8)
        clear = generator.uniform(0.05, 1)
        image = (image * clear + veil * (1 - clear)) * generator.uniform(0.2, 1.1)
        image += generator.normal(0, generator.uniform(0, 6), image.shape)
        kept = np.clip(image, 0, 255).astype(np.uint8) * photo.inside[..., None]
        yield Marked(kept, photo.inside, photo.disc, photo.radius)


def _away(
    place: tuple[float, float] | None, true: npt.NDArray[np.float64] | None, radius: float
) -> float:
    """Measure a distance in disc radii; infinite where nothing is given."""
    if place is None or true is None:
        return np.inf
    return float(np.hypot(*(np.array(place) - true)) / radius)


if __name__ == "__main__":
    main()
