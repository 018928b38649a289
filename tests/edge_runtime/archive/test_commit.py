"""A partition is written once all of it is there, each row once, in order."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from edge_runtime.archive.commit import Committer, Totals
from edge_runtime.archive.errors import DestinationError
from edge_runtime.archive.place import part_name, place_of
from edge_runtime.archive.schema import COLUMNS, worker_schema


def rows(*places):
    none = dict.fromkeys(column.name for column in COLUMNS)
    return pa.Table.from_pylist(
        [
            none | {"partition": part, "ordinal": at, "path": f"{part}-{at}", "status": "ok"}
            for part, at in places
        ],
        schema=worker_schema(),
    )


def test_rows_that_come_mixed_late_and_again_are_written_once_in_order(tmp_path):
    totals = Totals()
    committer = Committer(place_of(str(tmp_path)), {3: 3, 4: 2}, totals)
    assert committer.add(rows((4, 1), (3, 2), (3, 0))) == 0
    assert committer.add(rows((3, 2), (3, 0))) == 0
    assert [*tmp_path.iterdir()] == []
    assert (committer.missing, committer.gathered) == (5, 3)
    assert committer.add(rows((4, 0), (3, 1))) == 2
    assert committer.add(rows((3, 1), (4, 0))) == 0  # a task that Ray did again
    for number, count in ((3, 3), (4, 2)):
        paths = parquet.read_table(tmp_path / part_name(number))["path"].to_pylist()
        assert paths == [f"{number}-{at}" for at in range(count)]
    assert (totals.photos, totals.partitions, committer.missing) == (5, 2, 0)


def test_any_order_of_any_repeats_comes_to_the_same(tmp_path):
    generator = np.random.default_rng(0)
    every = [(part, at) for part in range(4) for at in range(5)]
    for turn in range(10):
        out = tmp_path / str(turn)
        committer = Committer(place_of(str(out)), dict.fromkeys(range(4), 5), Totals())
        while committer.missing:
            chosen = generator.choice(len(every), size=4)
            committer.add(rows(*(every[each] for each in chosen)))
        found = [parquet.read_table(file)["path"].to_pylist() for file in sorted(out.iterdir())]
        assert [path for part in found for path in part] == [f"{p}-{a}" for p, a in every]


def test_a_place_that_can_not_be_written_is_said_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    committer = Committer(place_of(str(tmp_path / "file" / "out")), {0: 1}, Totals())
    with pytest.raises(DestinationError, match="not a directory"):
        committer.add(rows((0, 0)))
