"""Measure how an archive's list of a million rows is read, and gone on with.

    python benchmarks/archive_list.py OUT [--rows 1000000]

The list is of paths that aren't there, of which 99 % have records. All is written below OUT, a new
folder. Figures are printed as JSON.
"""

import json
import resource
import sys
import time
from pathlib import Path

import click
import pyarrow as pa
from pyarrow import parquet

from edge_runtime.archive.commit import to_parquet
from edge_runtime.archive.done import Done
from edge_runtime.archive.listing import Listed, entries
from edge_runtime.archive.place import part_name, place_of
from edge_runtime.archive.schema import COLUMNS, schema


def long_list(out, rows):
    """Give how long a list of so many rows takes to be listed, and to be found done of 99 %."""
    paths = [f"/archive/{number // 1000:05d}/{number:09d}.jpg" for number in range(rows)]
    parquet.write_table(pa.table({"path": paths}), out / "list.parquet")
    place = place_of(str(out / "records"))
    none = dict.fromkeys((each.name for each in COLUMNS), None)
    for number in range(rows * 99 // 100 // 1000):
        part = [
            none | {"path": path, "status": "ok", "sha256": f"{at:064x}"}
            for at, path in enumerate(paths[number * 1000 :][:1000], number * 1000)
        ]
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
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--rows", default=1_000_000)
def main(out, rows):
    """Measure."""
    out.mkdir()
    print(json.dumps(long_list(out, rows)))


if __name__ == "__main__":
    sys.exit(main())
