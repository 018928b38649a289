"""Measure what the log costs: an entry, a photograph of a station, and a photo of predict --out.

Copies of a photograph, each made a file of its own content, are taken in by a station's intake and
by ``predict --out``, in turns with the log, without it, and without it once more to tell the noise;
the intake's time is from the file to the record on the disk, without the wait for the camera.
Wall time is what a person waits; processor time tells the same on a computer that others use too.

python benchmarks/log_cost.py [PHOTO] [--photos 12] [--turns 9] [--folder WHERE]
"""

import argparse
import contextlib
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from edge_runtime import Classifier, load_bundle
from edge_runtime.predict.screening import screen
from edge_runtime.results.folder import ResultFolder
from edge_runtime.results.run import describe_run
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.intake import Intake
from edge_runtime.station.open_log import logged
from edge_runtime.system.machine import processor
from edge_runtime.tlog.entry import Thing
from edge_runtime.tlog.examine import examine
from edge_runtime.tlog.stored import StoredLog
from edge_runtime.tlog.writer import Log

_WAYS = ("without", "with the log", "without, once more")


class _Clock:
    """A clock that is turned on, so that nobody waits for a camera."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def main() -> None:
    """Print the median of an entry's time, and a Markdown table of the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).parents[1]
    parser.add_argument("photo", type=Path, nargs="?", default=root / "examples/retina.jpg")
    parser.add_argument("--photos", type=int, default=12)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured")
    options = parser.parse_args()
    classifier = Classifier(load_bundle())
    with tempfile.TemporaryDirectory(dir=options.folder) as made:
        work = Path(made)
        photos = work / "photos"
        photos.mkdir()
        for number in range(options.photos):
            data = options.photo.read_bytes() + b"%d" % number
            (photos / f"{number:03}_OD.jpg").write_bytes(data)
        print(f"{processor().model}, {options.photos} photos, {options.turns} turns\n")
        _entries(work / "log")
        print("\n| a photo | wall ms | against the one without | processor ms | likewise |")
        print("|---|---:|---:|---:|---:|")
        for name, once in (("station", _station), ("predict --out", _predict)):
            _compare(name, once, classifier, photos, work, options.turns)


def _entries(folder: Path) -> None:
    times = []
    with Log(folder) as log:
        for number in range(1000):
            began = time.perf_counter()
            log.append(Thing("photo", b"%d" % number * 700))
            times.append(1000 * (time.perf_counter() - began))
    began = time.perf_counter()
    examine(folder)
    verified_s = time.perf_counter() - began
    size = StoredLog(folder).size
    p99 = statistics.quantiles(times, n=100)[98]
    print(f"an entry: median {statistics.median(times):.2f} ms, p99 {p99:.2f}; ", end="")
    print(f"{size} entries examined in {verified_s:.2f} s")


def _compare(
    name: str,
    once: Callable[[Classifier, Path, Path, bool], None],
    classifier: Classifier,
    photos: Path,
    work: Path,
    turns: int,
) -> None:
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in _WAYS}
    count = len(list(photos.iterdir()))
    for turn in range(-1, turns):  # the first warms up
        for at in range(len(_WAYS)):
            way = _WAYS[(turn + at) % len(_WAYS)]
            folder = work / "turn"
            began, before = time.perf_counter(), time.process_time()
            once(classifier, photos, folder, way == "with the log")
            used_s, wall_s = time.process_time() - before, time.perf_counter() - began
            if turn >= 0:
                times[way].append((1000 * wall_s / count, 1000 * used_s / count))
            shutil.rmtree(folder)
    for way, taken in times.items():
        told = []
        for kind in (0, 1):
            pairs = zip(taken, times["without"], strict=True)
            ratio = statistics.median(one[kind] / other[kind] for one, other in pairs)
            told.append(f"{statistics.median(each[kind] for each in taken):.1f} | {ratio:.3f}")
        print(f"| {name}, {way} | {' | '.join(told)} |", flush=True)


def _station(classifier: Classifier, photos: Path, folder: Path, has_log: bool) -> None:
    with contextlib.closing(CampStore(folder)) as store:
        with logged(store) if has_log else contextlib.nullcontext():
            intake, clock = Intake(photos, store, classifier), _Clock()
            intake.arrivals.clock = clock
            for _ in range(3):
                intake.sweep()
                clock.seconds += 1
        if not store.camp.photos:
            raise RuntimeError("no photograph was taken in")


def _predict(classifier: Classifier, photos: Path, folder: Path, has_log: bool) -> None:
    folder.mkdir()
    named, run = sorted(photos.iterdir()), describe_run(classifier, choice="top")
    with (
        Log(folder / "log") if has_log else contextlib.nullcontext() as log,
        ResultFolder(
            folder / "results", classifier, run=run, choice="top", photos=named, log=log
        ) as results,
    ):
        for screened in screen(classifier, named, kept=True):
            results.add(screened)


if __name__ == "__main__":
    main()
