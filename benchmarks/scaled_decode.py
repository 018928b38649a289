"""Compare photos decoded at the needed scale with the same photos decoded in full.

python benchmarks/scaled_decode.py DATASET CAMERA_PHOTOS [--bundle BUNDLE] [--split val_dir]

Camera photos are taken as they are; photos of the dataset are enlarged to a camera's size and
stored as JPEG again. Times are of one thread, the best of five turns, medians over the photos.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from edge_runtime import Classifier, load_bundle
from edge_runtime.contract import CAM, PROBABILITIES
from edge_runtime.photo.decode import Decoded, decode
from edge_runtime.photo.find import find_photos
from edge_runtime.photo.round_field import prepare
from edge_runtime.predict.prediction import Prediction
from train.data.dataset import read_dataset

_CAMERA = 2848  # pixels of the shorter side


def main() -> None:
    """Print one row of a Markdown table for each set, and the times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("camera_photos", type=Path)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--split", default="val_dir")
    parser.add_argument("--photos", type=int, default=400, help="of the dataset, at most")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    classifier = Classifier(load_bundle(options.bundle), threads=1, quality_gate=False)
    camera = [path.read_bytes() for path in find_photos([options.camera_photos]).photos]
    paths = [photo.path for photo in read_dataset(options.dataset).splits[options.split]]
    print(
        "| photos | number | same class | probability, largest difference | its 99th percentile "
        "| map correlation, lowest | median | field, largest difference in % of its diameter |"
    )
    print("|---|---|---|---|---|---|---|---|")
    _row(classifier, "camera", iter(camera))
    _row(classifier, f"{options.split}, enlarged", map(_enlarged, paths[: options.photos]))
    _times(classifier, camera)


def _row(classifier: Classifier, name: str, files: Iterator[bytes]) -> None:
    same, difference, correlation, field = [], [], [], []
    for data in files:
        full, scaled = _full(data), decode(data)
        if scaled.pixels.shape == full.pixels.shape:
            raise SystemExit("a photo is too small to be decoded at another scale")
        a, b = (
            classifier.predict_prepared(classifier.prepare_decoded(photo, decode_ms=0))
            for photo in (full, scaled)
        )
        same.append(a.class_name == b.class_name)
        difference.append(
            max(abs(a.probabilities[c] - b.probabilities[c]) for c in a.probabilities)
        )
        correlation.append(_correlation(a, b))
        sides = ("x", "y", "major", "minor")
        field.append(
            max(abs(getattr(a.field, s) - getattr(b.field, s)) for s in sides) / a.field.major
        )
    print(
        f"| {name} | {len(same)} | {np.mean(same):.4f} | {max(difference):.4f} "
        f"| {np.percentile(difference, 99):.4f} | {min(correlation):.4f} "
        f"| {np.median(correlation):.5f} | {max(field):.2%} |",
        flush=True,
    )


def _correlation(a: Prediction, b: Prediction) -> float:
    """Correlate the maps of the class that the full photo has."""
    row = list(a.probabilities).index(a.class_name)
    return float(np.corrcoef(a.cam[row].ravel(), b.cam[row].ravel())[0, 1])


def _full(data: bytes) -> Decoded:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    return Decoded(np.asarray(pixels, np.uint8), pixels.shape[:2])


def _enlarged(path: Path) -> bytes:
    photo = cv2.imread(str(path))
    scale = _CAMERA / min(photo.shape[:2])
    large = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


def _times(classifier: Classifier, files: list[bytes]) -> None:
    rows = []
    size = classifier.bundle.manifest.input_size
    for data in files:
        image = prepare(decode(data).pixels, size=size)[None]
        works = (
            lambda data=data: prepare(_full(data).pixels, size=size),
            lambda data=data: prepare(decode(data).pixels, size=size),
            lambda image=image: classifier.session.run(image, (PROBABILITIES, CAM)),
        )
        times = [[_ms(work) for work in works] for _ in range(5)]
        rows.append(np.min(times, axis=0))
    full_ms, scaled_ms, infer_ms = np.median(rows, axis=0)
    ratio = np.median([row[1] / row[2] for row in rows])
    print(
        f"\nDecode and field, camera photos: {full_ms:.1f} ms in full, {scaled_ms:.1f} ms scaled; "
        f"inference {infer_ms:.1f} ms; scaled / inference {ratio:.2f} in the median."
    )


def _ms(work: Callable[[], object]) -> float:
    """Take the processor's time rather than the clock's, so that other work matters less."""
    started = time.thread_time()
    work()
    return (time.thread_time() - started) * 1000


if __name__ == "__main__":
    main()
