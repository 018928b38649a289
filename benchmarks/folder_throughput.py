"""Compare the rate of a whole folder with that of the network alone, on the same threads, in turns.

python benchmarks/folder_throughput.py PHOTOS [--bundle BUNDLE] [--threads 1 2] [--turns 5]

The folder's photos go through decoding, field, quality gate, network and map, as in ``predict``
without ``--out``; the network alone gets the same photos prepared beforehand. Then the folder is
gone through again and again with the last number of threads, to see whether memory grows.
"""

import argparse
import os
import statistics
import time
from pathlib import Path

from edge_runtime import Classifier, load_bundle
from edge_runtime.photo.find import find_photos
from edge_runtime.photo.prepare import decode_timed
from edge_runtime.predict.screening import screen
from edge_runtime.system.machine import peak_rss_mib, processor, rss_mib


def main() -> None:
    """Print a Markdown table, and what the process holds after one round and after many."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--number", type=int, default=24, help="photos of a turn, at most")
    options = parser.parse_args()
    paths = find_photos([options.photos]).photos[: options.number]
    print(f"{processor().model}, {os.cpu_count()} cores, {len(paths)} photos\n")
    print("| threads | network alone, photos/s | folder, photos/s | folder / network |")
    print("|---|---|---|---|", flush=True)
    for threads in options.threads:
        classifier = Classifier(load_bundle(options.bundle), threads=threads)
        print(f"| {threads} | {_row(classifier, paths, options.turns)} |", flush=True)
    first = rss_mib()
    rounds = 4 * options.turns
    for _ in range(rounds):
        _folder(classifier, paths)
    print(
        f"\nHeld {first:.0f} MiB before and {rss_mib():.0f} MiB after {rounds * len(paths)} more "
        f"photos; peak {peak_rss_mib():.0f} MiB."
    )


def _row(classifier: Classifier, paths: tuple[Path, ...], turns: int) -> str:
    prepared = []
    for path in paths:
        decoded, decode_ms = decode_timed(path)
        prepared.append(classifier.prepare_decoded(decoded, decode_ms=decode_ms))
    if any(each.fault for each in prepared):
        raise SystemExit("choose photos that can be graded: the network sees no others")
    works = {
        "network": lambda: [classifier.predict_prepared(each) for each in prepared],
        "folder": lambda: _folder(classifier, paths),
    }
    rates: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(turns + 1):  # the first one warms up
        for name in sorted(works, reverse=bool(turn % 2)):  # each is the first in turn
            started = time.perf_counter()
            works[name]()
            if turn:
                rates[name].append(len(paths) / (time.perf_counter() - started))
    ratio = statistics.median(b / a for a, b in zip(rates["network"], rates["folder"], strict=True))
    alone, folder = (statistics.median(rates[name]) for name in ("network", "folder"))
    return f"{alone:.1f} | {folder:.1f} | {ratio:.3f}"


def _folder(classifier: Classifier, paths: tuple[Path, ...]) -> None:
    for _ in screen(classifier, paths):
        pass


if __name__ == "__main__":
    main()
