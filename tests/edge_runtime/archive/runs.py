"""Run an archive's screening in this process, and read what it wrote."""

import json
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
from make_fundus import draw_fundus
from pyarrow import parquet

from edge_runtime.archive.commit import Totals
from edge_runtime.archive.listing import Listed
from edge_runtime.archive.place import place_of
from edge_runtime.archive.screening import Job, screen_archive
from edge_runtime.archive.worker import Setup, open_for
from edge_runtime.predict.record import to_json
from edge_runtime.predict.screening import screen as screen_one
from edge_runtime.predict.screening import to_record

KINDS = ("normal", "glaucoma", "diabetic_retinopathy")


def write_photos(folder, numbers):
    """Draw a small photograph for each number."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        photo = draw_fundus(KINDS[number % 3], seed=number, size=(160, 200))
        cv2.imwrite(str(folder / f"{number}.jpg"), np.ascontiguousarray(photo[..., ::-1]))


def write_archive(folder, count):
    """Write so many small photographs, of which one is broken."""
    write_photos(folder, range(count - 1))
    (folder / "broken.jpg").write_bytes((folder / "0.jpg").read_bytes()[:2000])
    return folder


def screen(source, out, *, address=None, **options):
    """Screen, and give what was listed, what it came to, and how many were done before."""
    setup = options.pop("setup", Setup(None, ""))
    listed, totals = Listed(), Totals()
    job = Job(str(source), place_of(str(out)), setup, address, workers=2, **options)
    before = screen_archive(job, listed, totals, lambda progress: None)
    return listed, totals, before


def predicted(paths):
    """Give the records that ``predict`` makes of photographs by their paths, without times."""
    classifier = open_for(Setup(None, ""))
    return {
        str(each.path): timeless(to_json(to_record(each, classifier, choice="top", overlays={})))
        for each in screen_one(classifier, map(Path, paths), kept=True)
    }


def rows_in(out):
    """Read all rows, in the order of the files."""
    files = sorted(out.glob("part-*.parquet"))
    return pa.concat_tables([parquet.read_table(file) for file in files]).to_pylist()


def timeless(line):
    """Give a record without the times that it took."""
    record = json.loads(line)
    record.pop("times_ms", None)
    return record


def records_in(out):
    """Give the records by path, without times; each path must be there once."""
    rows = rows_in(out)
    found = {row["path"]: timeless(row["record"]) for row in rows}
    assert len(found) == len(rows)
    return found
