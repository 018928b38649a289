"""Measure what ``explain shortcuts`` costs beside bare inferences of as many pictures.

Both go over the same photos in turns, some photos at a time, in batches of the same size: once all
of it (reading donors, swapping in a thread, inference), once the model alone on as many pictures
that lie ready. The processor's time is measured beside the clock's.

python benchmarks/explain_shortcuts.py PHOTOS... [--bundle BUNDLE] [--threads 2] [--limit 16]
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from calibration.explanations.known_photos import choose, known_photos
from calibration.explanations.shortcuts.audit import audit
from calibration.explanations.shortcuts.donors import Donors, draw_donors
from calibration.explanations.shortcuts.eye import read_eye
from calibration.explanations.shortcuts.pool import ask_pool
from calibration.explanations.shortcuts.swaps import PROPERTIES
from calibration.explanations.stability.shake import BATCH
from calibration.models.model_under_test import open_model, run_model
from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.photo.find import find_photos
from edge_runtime.system.machine import processor


def main() -> None:
    """Print the times of both and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=16)
    parser.add_argument("--group", type=int, default=4, help="photos in a turn: read ahead counts")
    given = parser.parse_args()
    bundle = load_bundle(given.bundle)
    tested = replace(open_model(bundle, None, threads=given.threads), batch=BATCH)
    found = known_photos(given.photos, find_photos(given.photos).photos)
    asked = choose(found, 5 * given.limit, seed=0)
    pool = ask_pool(tested, asked, limits=bundle.manifest.quality)
    every = draw_donors(pool.explained, limit=given.limit, seed=0)
    counted = 0

    def counting(images: np.ndarray) -> dict[str, np.ndarray]:
        nonlocal counted
        counted += len(images)
        return tested.run(images)

    def whole(donors: Donors) -> None:
        audit(replace(tested, run=counting), pool, donors, names=PROPERTIES, seed=0)

    totals, pictures = np.zeros((2, 2)), 0
    image = read_eye(Path(pool.explained.photos[0].path), size=tested.input_size).seen.image
    whole(_part(every, 0, 1))  # warms up
    for at in range(0, len(every.chosen), given.group):
        counted = 0
        started = _now()
        whole(_part(every, at, given.group))
        between = _now()
        run_model(tested, np.stack([image] * counted), tested.classes)
        totals += [between - started, _now() - between]
        pictures += counted
    print(f"{processor().model}, {given.threads} threads, batches of {BATCH}, {pictures} pictures")
    for clock, (all_of_it, alone) in zip(("clock", "processor"), totals.T, strict=True):
        print(
            f"{clock}: bare {1000 * alone / pictures:.1f} ms a picture, all / bare "
            f"{all_of_it / alone:.3f}"
        )


def _part(donors: Donors, at: int, count: int) -> Donors:
    part = slice(at, at + count)
    return Donors(donors.chosen[part], donors.donors[part], donors.same_source[part])


def _now() -> np.ndarray:
    """Tell the seconds by the clock and of the processor."""
    return np.array([time.perf_counter(), time.process_time()])


if __name__ == "__main__":
    main()
