"""Measure what an archive's screening comes to beside the prediction itself, in one run.

    python benchmarks/archive.py PHOTOS OUT [--photos 400] [--turns 1]

PHOTOS is a folder of JPEGs, of which the first so many are screened, a damaged copy of each
hundredth among them. In turns: the network alone on prepared photographs, on one thread; ``screen``
as ``predict`` does it, on one thread, which decodes the next photograph in another; two of those
side by side, each with half of the photographs; ``archive`` with one worker, with two, and with one
where all of it has a single processor. Each is a process of its own, and its rate that from the
first answers to the last. All is written below OUT, a new folder. Figures are printed as JSON, one
a line; a rate is photographs a second.
"""

import json
import multiprocessing
import os
import shutil
import statistics
import sys
import threading
import time
from pathlib import Path

import click

from edge_runtime.archive.commit import Totals
from edge_runtime.archive.listing import Listed
from edge_runtime.archive.place import place_of
from edge_runtime.archive.screening import Job, screen_archive
from edge_runtime.archive.worker import Setup, open_for
from edge_runtime.predict.record import to_json
from edge_runtime.predict.screening import screen, to_record

APART = multiprocessing.get_context("spawn")


def size_mb(process, mark):
    """Give the proportional set size of a process of a kind, in MB; 0 of another."""
    try:
        if mark not in (process / "cmdline").read_bytes():
            return 0.0
        rows = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(row.split()[1]) / 1000 for row in rows if row.startswith("Pss:"))


def memory_mb(mark):
    """Give the largest size of the processes of a kind, in MB."""
    return max(size_mb(each, mark) for each in Path("/proc").iterdir() if each.name.isdecimal())


class Watch(threading.Thread):
    """Looks each half second how large workers and what decodes for them are."""

    def __init__(self):
        super().__init__(daemon=True)
        self.worker = self.decoder = 0.0
        self.over = threading.Event()

    def run(self):
        """Look until it is over."""
        while not self.over.wait(0.5):
            self.worker = max(self.worker, memory_mb(b"ray::MapWorker"))
            self.decoder = max(self.decoder, memory_mb(b"edge_runtime.archive.decoding"))


def network_rate(photos):
    """Give the rate of the network alone."""
    classifier = open_for(Setup(None, ""))
    screened = screen(classifier, photos, kept=True)
    ready = [each.prepared for each in screened if each.prediction is not None]
    started = time.perf_counter()
    for each in ready:
        classifier.answer(each)
    return len(ready) / (time.perf_counter() - started)


def predict_rate(photos, ready=None):
    """Give the rate of ``predict``, once all who measure beside each other are ready."""
    classifier = open_for(Setup(None, ""))
    for _ in screen(classifier, photos[:8], kept=True):
        pass
    if ready is not None:
        ready.wait()
    started = time.perf_counter()
    for each in screen(classifier, photos, kept=True):
        to_json(to_record(each, classifier, choice="top", overlays={}))
    return len(photos) / (time.perf_counter() - started)


def archive_rate(folder, out, workers, processors=None):
    """Screen a folder, and give the rate and the rest."""
    if processors is not None:
        os.sched_setaffinity(0, processors)
    marks, watch, totals = [], Watch(), Totals()
    begun = time.perf_counter()
    watch.start()
    job = Job(str(folder), place_of(str(out)), Setup(None, ""), workers=workers)
    screen_archive(
        job, Listed(), totals, lambda far: marks.append((time.perf_counter(), far.photos))
    )
    watch.over.set()
    whole_s = time.perf_counter() - begun
    (first, before), (last, after) = marks[0], marks[-1]
    return (after - before) / max(1e-9, last - first), {
        "photos": totals.photos, "errors": totals.statuses["error"],
        "first_record_s": round(first - begun, 1), "whole_s": round(whole_s, 1),
        "worker_mb": round(watch.worker), "decoder_mb": round(watch.decoder),
    }  # fmt: skip


def apart(function, *arguments):
    """Call a function in a process of its own."""
    with APART.Pool(1) as pool:
        return pool.apply(function, arguments)


def two_predict_rate(photos):
    """Give the rate of two that predict half of the photographs each, at the same time."""
    with APART.Manager() as manager, APART.Pool(2) as pool:
        ready = manager.Barrier(2)
        halves = [(photos[::2], ready), (photos[1::2], ready)]
        return sum(pool.starmap(predict_rate, halves))


def write_photos(found, folder):
    """Copy photographs, and a damaged copy of each hundredth."""
    folder.mkdir()
    for number, file in enumerate(found):
        shutil.copy(file, folder / f"{number:05d}.jpg")
        if number % 100 == 0:
            (folder / f"{number:05d}-damaged.jpg").write_bytes(file.read_bytes()[:2000])
    return sorted(folder.iterdir())


@click.command()
@click.argument("photos", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--photos", "count", default=400)
@click.option("--turns", default=1)
def main(photos, out, count, turns):
    """Measure."""
    out.mkdir()
    folder = out / "photos"
    paths = write_photos(sorted(photos.rglob("*.jpg"))[:count], folder)
    rates = {}

    def tell(what, rate, **more):
        rates.setdefault(what, []).append(rate)
        print(json.dumps({"what": what, "rate": round(rate, 2), **more}), flush=True)

    for turn in range(turns):
        tell("network", apart(network_rate, paths))
        tell("predict", apart(predict_rate, paths))
        tell("predict, two", two_predict_rate(paths))
        for what, workers, processors in (
            ("archive, one worker", 1, None),
            ("archive, two workers", 2, None),
            ("archive, one worker, one processor", 1, {0}),
        ):
            place = out / f"records-{turn}-{workers}-{processors is None}"
            rate, more = apart(archive_rate, folder, place, workers, processors)
            tell(what, rate, **more)
    middle = {what: statistics.median(found) for what, found in rates.items()}
    ratios = {
        f"{what} / {of}": round(middle[what] / middle[of], 3)
        for what, of in (
            ("archive, one worker", "network"), ("archive, one worker", "predict"),
            ("archive, two workers", "archive, one worker"),
            ("archive, two workers", "predict, two"), ("predict, two", "predict"),
            ("archive, two workers", "archive, one worker, one processor"),
        )
    }  # fmt: skip
    print(json.dumps({"load": os.getloadavg()[0], **ratios}))


if __name__ == "__main__":
    sys.exit(main())
