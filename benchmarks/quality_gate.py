"""Measure what the quality gate refuses, of real photos and of spoilt or foreign ones.

python benchmarks/quality_gate.py DATASET [--splits train_dir val_dir] [--also FOLDER]
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.photo.decode import Photo, decode_photo
from edge_runtime.photo.find import find_photos
from edge_runtime.photo.quality import fault, measure
from edge_runtime.photo.round_field import round_field
from train.data.dataset import read_dataset

_SIZE = (224, 224)
_LIMITS = QualityLimits()


def main() -> None:
    """Print the share of each kind that is refused, and the reasons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--splits", nargs="+", default=["train_dir", "val_dir"])
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="folders of fundus photos")
    parser.add_argument("--spoilt", type=int, default=400, help="photos to spoil in each way")
    options = parser.parse_args()
    dataset = read_dataset(options.dataset)
    photos = [photo for split in options.splits for photo in dataset.splits[split]]
    print("| kind | photos | refused | reasons |\n|---|---|---|---|")
    by_class = {
        name: [photo.path for photo in photos if photo.label == label]
        for label, name in enumerate(dataset.classes)
    }
    _row("real, " + " and ".join(options.splits), (_real(photo.path) for photo in photos))
    for name, paths in by_class.items():
        _row(f"of these {name}", map(_real, paths))
    for folder in options.also:
        _row(f"real, {folder.name}", map(_real, find_photos([folder]).photos))
    generator = np.random.default_rng(0)
    chosen = [photos[i].path for i in generator.permutation(len(photos))[: options.spoilt]]
    for kind, spoil in SPOILT.items():
        if chosen:
            _row(kind, (spoil(_real(path), generator) for path in chosen))
    for kind, draw in FOREIGN.items():
        _row(f"{kind} (drawn)", (draw(generator) for _ in range(100)))
    seen = round_field(_real(photos[0].path), size=_SIZE)
    times_ms = []
    for _ in range(300):
        started = time.perf_counter()
        fault(measure(seen), _LIMITS)
        times_ms.append((time.perf_counter() - started) * 1000)
    print(f"\nOne photo takes {np.median(times_ms):.2f} ms in the median.")


def _row(kind: str, photos: Iterator[Photo]) -> None:
    found = [fault(measure(round_field(photo, size=_SIZE)), _LIMITS) for photo in photos]
    reasons = Counter(reason for reason in found if reason)
    told = "; ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    share = sum(reasons.values()) / len(found)
    print(f"| {kind} | {len(found)} | {share:.1%} | {told} |", flush=True)


def _real(path: Path) -> Photo:
    return decode_photo(path.read_bytes(), path=path)


def _stored(values: npt.NDArray[np.floating] | Photo) -> Photo:
    """Store as a camera does, JPEG of quality 92, and read again."""
    pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    data = cv2.imencode(".jpg", np.ascontiguousarray(pixels[..., ::-1]), [1, 92])[1]
    return decode_photo(data.tobytes())


def _blur(photo: Photo, generator: np.random.Generator, *, noise: float) -> Photo:
    """Blur by a fortieth of the shorter side, as if out of focus; then the sensor's noise."""
    sigma = min(photo.shape[:2]) / 40
    blurred = cv2.GaussianBlur(photo, (0, 0), sigma).astype(np.float32)
    return _stored(blurred + noise * generator.standard_normal(photo.shape, np.float32))


SPOILT: dict[str, Callable[[Photo, np.random.Generator], Photo]] = {
    "strong blur": lambda photo, rng: _blur(photo, rng, noise=0),
    "strong blur, then noise of 1 level": lambda photo, rng: _blur(photo, rng, noise=1),
    "dark, an eighth of the light": lambda photo, _: _stored(photo / 8.0),
    "bright, six times the light": lambda photo, _: _stored(photo * 6.0),
    "bright, behind a white veil": lambda photo, _: _stored(photo * 0.15 + 217.0),
}


def _page(generator: np.random.Generator, *, paper: int, ink: int) -> Photo:
    page = np.full((900, 640, 3), paper, np.uint8)
    size = float(generator.uniform(0.5, 1.2))
    for line in range(40, 880, int(30 * size) + 6):
        text = "".join(map(chr, generator.integers(97, 123, 60)))
        cv2.putText(page, text, (20, line), cv2.FONT_HERSHEY_SIMPLEX, size, (ink,) * 3, 1)
    return page


def _face(generator: np.random.Generator, *, wall: int) -> Photo:
    """Draw skin, eyes, a mouth and hair before a wall: simple, but of a face's hue and layout."""
    face = np.full((600, 480, 3), wall, np.uint8)
    skin = tuple(int(v) for v in np.array([205, 150, 120]) * generator.uniform(0.4, 1.1))
    cv2.ellipse(face, (240, 640), (230, 180), 0, 0, 360, (60, 70, 110), -1)
    cv2.rectangle(face, (195, 400), (285, 520), skin, -1)
    cv2.ellipse(face, (240, 270), (140, 185), 0, 0, 360, skin, -1)
    cv2.ellipse(face, (240, 150), (150, 90), 0, 180, 360, (50, 35, 25), -1)
    for x in (185, 295):
        cv2.ellipse(face, (x, 250), (26, 13), 0, 0, 360, (235, 235, 235), -1)
        cv2.circle(face, (x, 250), 10, (40, 30, 20), -1)
    cv2.ellipse(face, (240, 370), (50, 16), 0, 0, 360, (150, 60, 60), -1)
    noise = generator.normal(0, 3, face.shape)
    return _stored(cv2.GaussianBlur(face, (0, 0), 1.5) + noise)


def _smooth_noise(generator: np.random.Generator) -> Photo:
    coarse = generator.integers(0, 256, (12, 16, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (640, 480), interpolation=cv2.INTER_CUBIC), np.uint8)


FOREIGN: dict[str, Callable[[np.random.Generator], Photo]] = {
    "noise": lambda rng: rng.integers(0, 256, (400, 400, 3), np.uint8),
    "grey noise": lambda rng: np.repeat(rng.integers(0, 256, (400, 500, 1), np.uint8), 3, axis=2),
    "smooth noise": _smooth_noise,
    "black": lambda rng: rng.integers(0, int(rng.integers(1, 12)), (480, 640, 3), np.uint8),
    "white": lambda rng: rng.integers(int(rng.integers(230, 255)), 256, (480, 640, 3), np.uint8),
    "one colour": lambda rng: np.tile(rng.integers(0, 256, 3, np.uint8), (480, 640, 1)),
    "black on white page": lambda rng: _page(rng, paper=245, ink=20),
    "white on black page": lambda rng: _page(rng, paper=5, ink=240),
    "face before a wall": lambda rng: _face(rng, wall=int(rng.integers(40, 250))),
    "face before black": lambda rng: _face(rng, wall=0),
}


if __name__ == "__main__":
    main()
