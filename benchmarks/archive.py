"""Measure what an archive's screening costs beside the prediction itself, in one run.

    python benchmarks/archive.py PHOTOS OUT [--photos 400] [--rows 1000000]

PHOTOS is a folder of JPEGs, of which the first so many are screened: by ``screen`` as ``predict``
does it, in this process on one thread, the network alone and with all that comes before it; then by
``archive`` with one worker, and with two. A damaged copy of each hundredth is among them. Then a
list of a million rows is made, of paths that aren't there, of which 99 % have records, and gone on
with. All is written below OUT, a new folder. Figures are printed as JSON, one a line.
"""

import json
import resource
import shutil
import sys
import threading
import time
from pathlib import Path

import click
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from edge_runtime.archive.commit import Totals, to_parquet
from edge_runtime.archive.done import Done
from edge_runtime.archive.listing import Listed, entries
from edge_runtime.archive.place import part_name, place_of
from edge_runtime.archive.schema import COLUMNS, schema
from edge_runtime.archive.screening import Job, screen_archive
from edge_runtime.archive.worker import Setup, open_for
from edge_runtime.predict.screening import screen, to_record


def say(**figures):
    """Print figures."""
    print(json.dumps(figures), flush=True)


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


def plain_rates(photos):
    """Give photos a second of the network alone, and of all that ``predict`` does."""
    classifier = open_for(Setup(None, ""))
    screened = [*screen(classifier, photos[:8], kept=True)]
    ready = [each.prepared for each in screened if each.prediction is not None]
    infer, started = [], time.perf_counter()
    for each in screen(classifier, photos, kept=True):
        record = to_record(each, classifier, choice="top", overlays={})
        if each.prediction is not None:
            infer.append(each.prediction.times_ms["infer"] + each.prediction.times_ms["explain"])
        del record
    whole = len(photos) / (time.perf_counter() - started)
    started = time.perf_counter()
    turns = max(1, len(photos) // max(1, len(ready)))
    for _ in range(turns):
        for each in ready:
            classifier.answer(each)
    alone = turns * len(ready) / (time.perf_counter() - started)
    return alone, whole


def archive_rate(folder, out, workers):
    """Screen a folder, and give photos a second from the first rows to the last, and the rest."""
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
    return {
        "workers": workers,
        "photos": totals.photos,
        "errors": totals.statuses["error"],
        "photos_per_s": round((after - before) / max(1e-9, last - first), 2),
        "first_record_s": round(first - begun, 1),
        "whole_s": round(whole_s, 1),
        "worker_mb": round(watch.worker),
        "decoder_mb": round(watch.decoder),
    }


def long_list(out, rows):
    """Give how long a list of so many rows takes to be listed, and to be found done of 99 %."""
    paths = [f"/archive/{number // 1000:05d}/{number:09d}.jpg" for number in range(rows)]
    parquet.write_table(pa.table({"path": paths}), out / "list.parquet")
    place = place_of(str(out / "records"))
    none = dict.fromkeys((each.name for each in COLUMNS), None)
    for number in range(rows * 99 // 100 // 1000):
        part = [none | {"path": path, "status": "error"} for path in paths[number * 1000 :][:1000]]
        place.write(part_name(number), to_parquet(pa.Table.from_pylist(part, schema=schema())))
    del paths
    source = place_of(str(out / "list.parquet"))
    started, listed = time.perf_counter(), Listed()
    count = sum(1 for _ in entries(str(out / "list.parquet"), listed))
    listing_s = time.perf_counter() - started
    started = time.perf_counter()
    done = Done(place)
    left = sum(1 for _ in done.without(entries(str(out / "list.parquet"), Listed()), source))
    return {
        "rows": count, "listing_s": round(listing_s, 1), "left": left,
        "going_on_s": round(time.perf_counter() - started, 1),
        "driver_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
    }  # fmt: skip


@click.command()
@click.argument("photos", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--photos", "count", default=400)
@click.option("--rows", default=1_000_000)
def main(photos, out, count, rows):
    """Measure."""
    out.mkdir()
    found = sorted(photos.rglob("*.jpg"))[:count]
    folder = out / "photos"
    folder.mkdir()
    for number, file in enumerate(found):
        shutil.copy(file, folder / f"{number:05d}.jpg")
        if number % 100 == 0:
            (folder / f"{number:05d}-damaged.jpg").write_bytes(file.read_bytes()[:2000])
    alone, whole = plain_rates(sorted(folder.iterdir()))
    say(network_per_s=round(alone, 2), predict_per_s=round(whole, 2))
    rates = [archive_rate(folder, out / f"records-{n}", n) for n in (1, 2)]
    for rate in rates:
        ratio = rate["photos_per_s"]
        say(**rate, of_network=round(ratio / alone, 3), of_predict=round(ratio / whole, 3))
    say(two_of_one=round(rates[1]["photos_per_s"] / rates[0]["photos_per_s"], 3))
    say(**long_list(out, rows))
    assert np.isfinite(alone)


if __name__ == "__main__":
    sys.exit(main())
