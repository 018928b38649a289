"""Measure what `predict` refuses: of real photos by source and class, of spoilt ones, of others.

python benchmarks/quality_gate.py DATASET [--splits train_dir val_dir] [--also FOLDER]
    [--foreign FOLDER] [--bundle BUNDLE]
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import repeat
from pathlib import Path

import cv2
import numpy as np
from spoilt_photos import SPOILT, as_stored

from calibration.familiarity.drawn import KINDS, draw_picture
from edge_runtime import Classifier, load_bundle
from edge_runtime.errors import PhotoUngradableError
from edge_runtime.photo.decode import Photo, decode_photo
from edge_runtime.photo.find import find_photos
from train.data.dataset import LabelledPhoto, read_dataset

_SEED = 1000  # another than that of the drawings which a bundle learns from


def main() -> None:
    """Print the share of each kind that is refused, and the reasons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--bundle", type=Path, help="default: the package's")
    parser.add_argument("--splits", nargs="+", default=["train_dir", "val_dir"])
    parser.add_argument("--real", type=int, help="photos of each source and class; default: all")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="folders of fundus photos")
    parser.add_argument("--foreign", type=Path, nargs="*", default=[], help="of other pictures")
    parser.add_argument("--spoilt", type=int, default=5, help="of each source and class, each way")
    parser.add_argument("--drawn", type=int, default=60, help="pictures of each kind")
    options = parser.parse_args()
    refusal = partial(_refusal, Classifier(load_bundle(options.bundle)))
    dataset = read_dataset(options.dataset)
    cells: dict[tuple[str, str], list[LabelledPhoto]] = {}
    photos = [photo for split in options.splits for photo in dataset.splits[split]]
    generator = np.random.default_rng(_SEED)
    for index in generator.permutation(len(photos)):
        photo = photos[index]
        cell = photo.source or "all", photo.label_name(dataset.classes)
        cells.setdefault(cell, []).append(photo)
    print("| kind | photos | refused | reasons |\n|---|---|---|---|")
    by_source: dict[str, list[str | None]] = {}
    for (source, name), found in sorted(cells.items()):
        said = _row(f"{source}, {name}", refusal, map(_read, _paths(found[: options.real])))
        by_source.setdefault(source, []).extend(said)
        by_source.setdefault(f"each {name}", []).extend(said)
    for source, said in by_source.items():
        _show(source, said)
    _show("all real photos", [one for name, said in by_source.items()
                              if not name.startswith("each ") for one in said])  # fmt: skip
    for folder in options.also:
        _row(f"real, {folder.name}", refusal, map(_read, find_photos([folder]).photos))
    chosen = [photo for found in cells.values() for photo in found[: options.spoilt]]
    _rows("all spoilt", refusal, {
        kind: map(partial(_spoilt, kind, generator=generator), _paths(chosen)) for kind in SPOILT
    })  # fmt: skip
    draw = {kind: partial(draw_picture, kind) for kind in KINDS} | FOREIGN
    _rows("all drawn", refusal, {
        f"{kind} (drawn)": map(one, repeat(generator, options.drawn)) for kind, one in draw.items()
    })  # fmt: skip
    for folder in options.foreign:
        _row(f"no fundus, {folder.name}", refusal, map(_read, find_photos([folder]).photos))


def _paths(photos: Iterable[LabelledPhoto]) -> Iterator[Path]:
    return (photo.path for photo in photos)


def _read(path: Path) -> Photo:
    return decode_photo(path.read_bytes(), path=path)


def _spoilt(kind: str, path: Path, *, generator: np.random.Generator) -> Photo:
    photo = _read(path)
    size = min(1.0, 900 / min(photo.shape[:2]))
    small = cv2.resize(photo, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
    return SPOILT[kind](np.asarray(small, np.uint8), generator)


def _refusal(classifier: Classifier, photo: Photo) -> str | None:
    try:
        classifier.predict(photo)
    except PhotoUngradableError as error:
        return error.reason
    return None


_Refusal = Callable[[Photo], str | None]


def _row(kind: str, refusal: _Refusal, photos: Iterator[Photo]) -> list[str | None]:
    said = [refusal(photo) for photo in photos]
    _show(kind, said)
    return said


def _rows(together: str, refusal: _Refusal, kinds: dict[str, Iterator[Photo]]) -> None:
    _show(together, [one for kind, photos in kinds.items() for one in _row(kind, refusal, photos)])


def _show(kind: str, said: list[str | None]) -> None:
    reasons = Counter(reason for reason in said if reason)
    told = "; ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    share = reasons.total() / max(1, len(said))
    print(f"| {kind} | {len(said)} | {share:.1%} | {told} |", flush=True)


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
    return as_stored(cv2.GaussianBlur(face, (0, 0), 1.5) + noise)


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
