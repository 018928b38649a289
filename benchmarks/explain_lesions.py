"""Measure what ``explain lesions`` costs beside bare inferences of the same prepared photos.

In turns of some photos each: once all of it (decoding photos and masks, inference, judging maps
and the random ones), once the model alone on pictures that lie ready. The processor's time counts,
since other programs slow down the clock's. The figures' summary and the page are timed apart.

python benchmarks/explain_lesions.py DATASET [--bundle BUNDLE] [--threads 2] [--limit 24]
"""

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from calibration.explanations.known_photos import choose
from calibration.explanations.lesions.judged import judge_eyes
from calibration.explanations.lesions.marked_eyes import read_marked_eyes
from calibration.explanations.lesions.marked_photos import find_marked_photos
from calibration.explanations.lesions.run import LesionsOptions, run_lesions
from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.contract import CAM, PROBABILITIES
from edge_runtime.photo.prepare import decode_timed
from edge_runtime.predict.classifier import Classifier
from edge_runtime.system.machine import processor

_TURN = 4  # photos


def main() -> None:
    """Print the times of each part and their ratio to bare inferences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=24)
    given = parser.parse_args()
    classifier = Classifier(load_bundle(given.bundle), threads=given.threads)
    classes, options = classifier.bundle.manifest.classes, LesionsOptions()
    photos = choose(find_marked_photos(given.dataset), given.limit, seed=0)
    times: dict[str, list[float]] = {"bare": [], "read and explained": [], "judged": []}
    for at in range(0, len(photos), _TURN):
        turn = photos[at : at + _TURN]
        images = [
            classifier.prepare_decoded(decode_timed(each.photo.path)[0], decode_ms=0.0).image[None]
            for each in turn
        ]

        def bare(images: list = images) -> None:
            for image in images:
                classifier.session.run(image, (PROBABILITIES, CAM))

        if not at:
            bare()  # warms up
        times["bare"].append(timed(bare)[0])
        read, (eyes, _) = timed(lambda turn=turn: read_marked_eyes(classifier, turn))
        judged, _ = timed(
            lambda eyes=eyes: judge_eyes(
                eyes, classes=classes, named=classes.index(options.named), draws=options.draws,
                seed=options.seed,
            )
        )  # fmt: skip
        times["read and explained"].append(read)
        times["judged"].append(judged)
    whole, _ = timed(lambda: run_lesions(classifier, photos, options=options))
    alone = sum(times["bare"])
    print(f"{processor().model}, {given.threads} threads, {len(photos)} photos, processor's time")
    for name, parts in times.items():
        ratio = statistics.median(a / b for a, b in zip(parts, times["bare"], strict=True))
        print(f"{name}: {1000 * sum(parts) / len(photos):.0f} ms a photo, {ratio:.2f} x bare")
    print(f"all with its summary: {whole:.1f} s, {whole / alone:.2f} x bare")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Do some work, and give the seconds of the processor and what came of it."""
    started = time.process_time()
    found = work()
    return time.process_time() - started, found


if __name__ == "__main__":
    main()
