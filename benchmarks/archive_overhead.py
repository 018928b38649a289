"""Measure what reading, Ray and committing cost beside workers that take a fixed time a photograph.

    python benchmarks/archive_overhead.py PHOTO OUT [--rows 100000] [--workers 2] [--ms 20]

A list names so many links to one photograph, and is screened by workers that answer about each
after a fixed time, with the record that the model gives of it: no network computes. The least that
this can take is the time of all photographs by the number of workers; what it takes more is the
overhead, once with Ray's start and once from the first records on. With it stands the most memory
that the process held that leads the run. Figures are printed as JSON.
"""

import json
import resource
import sys
import time
from pathlib import Path

import click
import pyarrow as pa
from pyarrow import parquet

from edge_runtime.archive.commit import Totals
from edge_runtime.archive.listing import Entry, Listed
from edge_runtime.archive.place import place_of
from edge_runtime.archive.reading import Reader
from edge_runtime.archive.schema import worker_schema
from edge_runtime.archive.screening import Job, screen_archive
from edge_runtime.archive.windows import Window
from edge_runtime.archive.worker import Setup, Worker

ANSWER = "answer.parquet"
_LINKS = 1000  # to one file: some file systems take no more than some tens of thousands


class FixedTimeWorker:
    """Answers about each photograph after ``seconds``, without a model: a stand-in."""

    folder, seconds = "", 0.0

    def __init__(self, _: Setup) -> None:
        """Read what is to be answered."""
        self.answer = parquet.read_table(Path(self.folder, ANSWER))

    def __call__(self, table):
        """Wait for as long as the photographs take, and answer."""
        until = time.monotonic() + self.seconds * len(table)
        made = pa.concat_tables([self.answer] * len(table)).combine_chunks()
        own = {"partition": table["partition"], "ordinal": table["ordinal"]}
        own["path"] = table["path"].cast(pa.string())
        columns = {name: own.get(name, made[name]) for name in made.column_names}
        time.sleep(max(0.0, until - time.monotonic()))
        return pa.table(columns, schema=worker_schema())


def write_answer(photo, folder):
    """Keep what the model says of the photograph."""
    (block,) = Window({0: [Entry(str(photo))]}).blocks(workers=1)
    (read,) = Reader(place_of(str(photo)), max_pixels=10**9)(block)
    parquet.write_table(Worker(Setup(None, ""))(read), folder / ANSWER)


def write_list(photo, folder, rows):
    """Link the photograph so many times, and list the links, a thousand at once."""
    content, listed = photo.read_bytes(), folder / "list.parquet"
    with parquet.ParquetWriter(listed, pa.schema({"path": pa.string()})) as out:
        for first in range(0, rows, _LINKS):
            inner = folder / f"{first // _LINKS:04d}"
            inner.mkdir()
            paths = [inner / f"{n:03d}.jpg" for n in range(min(_LINKS, rows - first))]
            paths[0].write_bytes(content)
            for path in paths[1:]:
                path.hardlink_to(paths[0])
            out.write_table(pa.table({"path": [*map(str, paths)]}))
    return listed


@click.command()
@click.argument("photo", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--rows", default=100_000)
@click.option("--workers", default=2)
@click.option("--ms", default=20.0, help="Of each answer.")
def main(photo, out, rows, workers, ms):
    """Measure."""
    out = out.resolve()
    out.mkdir()
    stand_in = out / "stand-in"
    stand_in.mkdir()
    write_answer(photo.resolve(), stand_in)
    listed = write_list(photo, out, rows)
    marks, totals = [], Totals()
    kind = type("Fixed", (FixedTimeWorker,), {"folder": str(stand_in), "seconds": ms / 1000})
    job = Job(
        str(listed), place_of(str(out / "records")), Setup(None, ""), workers=workers,
        worker=kind,
    )  # fmt: skip
    begun = time.perf_counter()
    screen_archive(
        job, Listed(), totals, lambda far: marks.append((time.perf_counter(), far.photos))
    )
    whole = time.perf_counter() - begun
    (first, before), (last, after) = marks[0], marks[-1]
    least = ms / 1000 / workers
    print(
        json.dumps(
            {
                "rows": totals.photos,
                "statuses": dict(totals.statuses),
                "workers": workers,
                "least_s": round(least * rows, 1),
                "whole_s": round(whole, 1),
                "overhead": round(whole / (least * rows) - 1, 4),
                "overhead_from_the_first_on": round(
                    (last - first) / (least * (after - before)) - 1, 4
                ),
                "first_records_s": round(first - begun, 1),
                "driver_peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


if __name__ == "__main__":
    sys.exit(main())
