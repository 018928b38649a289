"""Measure what ``explain stability`` costs beside bare inferences of as many prepared pictures.

Both go over the same photos in turns, a photo at a time, in batches of the same size: once all of
it (decoding, perturbing in a thread, inference, carrying maps back, comparing), once the model
alone on pictures that lie ready. The processor's time is measured beside the clock's, since other
programs slow down whichever turn they meet. The figures' summary at the end is timed apart.

python benchmarks/explain_stability.py PHOTOS... [--bundle BUNDLE] [--threads 2] [--limit 20]
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from calibration.explanations.known_photos import KnownPhoto, choose, known_photos
from calibration.explanations.stability.perturbations import PERTURBATIONS, perturb
from calibration.explanations.stability.shake import BATCH, read_field, shake
from calibration.explanations.stability.shaken import ShakeOptions
from calibration.explanations.stability.stability import summarise
from calibration.models.model_under_test import ModelUnderTest, open_model, run_model
from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.photo.find import find_photos
from edge_runtime.photo.prepare import decode_timed, prepare_timed
from edge_runtime.system.machine import processor

_BOUND = 1.15


def main() -> None:
    """Print the times of both and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--group", type=int, default=2, help="photos in a turn: read ahead counts")
    given = parser.parse_args()
    bundle, options = load_bundle(given.bundle), ShakeOptions()
    tested = replace(open_model(bundle, None, threads=given.threads), batch=BATCH)
    found = known_photos(given.photos, find_photos(given.photos).photos)
    limits, size = bundle.manifest.quality, tested.input_size
    photos = [photo for photo in choose(found, given.limit, seed=0) if good(photo, size, limits)]
    groups = [photos[at : at + given.group] for at in range(0, len(photos), given.group)]
    times, parts = [], []
    bare(tested, groups[0], options)  # warms up
    for turn, group in enumerate(groups):
        row = {}
        for what in ("all", "bare") if turn % 2 else ("bare", "all"):
            if what == "bare":
                row["bare"] = bare(tested, group, options)
                continue
            started = time.perf_counter(), time.process_time()
            parts.append(shake(tested, group, options=options, limits=limits))
            row["all"] = since(started)
        if len(parts[-1].untouched.photos) == len(group):  # a refused photo asks for less
            times.append(row)
            print(f"{row['all'][0]:.2f} s, bare {row['bare'][0]:.2f} s", flush=True)
    started = time.perf_counter()
    summarise(parts[0], model="", bundle=("", ""), size=size, options=options)
    summary = time.perf_counter() - started
    pictures = sum(map(len, groups[: len(times)])) * options.pictures
    print(f"\n{processor().model}, {given.threads} threads, batches of {BATCH}")
    print(f"{len(times)} turns of {given.group} photos, {pictures} pictures; bound {_BOUND}")
    for number, clock in enumerate(("clock", "processor")):
        whole, alone = (sum(row[key][number] for row in times) for key in ("all", "bare"))
        ratio = statistics.median(row["all"][number] / row["bare"][number] for row in times)
        print(
            f"{clock}: bare {1000 * alone / pictures:.1f} ms a picture, all / bare "
            f"{whole / alone:.3f}, median of the turns {ratio:.3f}"
        )
    print(f"summary of {given.group} photos: {summary:.2f} s")


def good(photo: KnownPhoto, size: tuple[int, int], limits: QualityLimits) -> bool:
    """Say whether the quality gate lets a photo pass."""
    decoded, decode_ms = decode_timed(photo.path)
    return prepare_timed(decoded, size=size, limits=limits, decode_ms=decode_ms).fault is None


def since(started: tuple[float, float]) -> tuple[float, float]:
    """Tell the seconds by the clock and of the processor since then."""
    return time.perf_counter() - started[0], time.process_time() - started[1]


def bare(
    tested: ModelUnderTest, photos: Sequence[KnownPhoto], options: ShakeOptions
) -> tuple[float, float]:
    """Time the model alone on as many pictures as the analysis asks about, prepared before."""
    ready = []
    for photo in photos:
        image, inside = read_field(photo.path, size=tested.input_size)
        made = [
            perturb(image, inside, name, amount=amount, seed=0).image
            for name in options.names
            for amount in PERTURBATIONS[name].amounts
        ]
        ready.append(np.stack([*made, *[image] * options.ball.draws]))
    started = time.perf_counter(), time.process_time()
    for pictures in ready:
        run_model(tested, pictures[:1], tested.classes)
        run_model(tested, pictures, tested.classes)
    return since(started)


if __name__ == "__main__":
    main()
