"""A stream of photographs is cut into windows that are large, and soon begun."""

import itertools

from edge_runtime.archive.listing import Entry
from edge_runtime.archive.windows import windows


def cut(count, *, each_s, workers=1, partition=10):
    """Cut a stream whose photographs take so long to list each; gives the windows' sizes."""
    now = [0.0]

    def listed():
        for number in range(count):
            now[0] += each_s
            yield Entry(f"/{number}.jpg")

    made = [*windows(listed(), first_part=3, workers=workers, partition=partition,
                     clock=lambda: now[0])]  # fmt: skip
    numbers = [number for window in made for number in window.partitions]
    assert numbers == [*range(3, 3 + len(numbers))]
    paths = [entry.path for window in made for part in window.partitions.values() for entry in part]
    assert paths == [f"/{number}.jpg" for number in range(count)]
    return [len(window.partitions) for window in made]


def test_what_is_listed_at_once_is_few_windows():
    assert cut(1_285, each_s=0.0001) == [64, 64, 1]
    assert cut(1_285, each_s=0.0001, workers=2) == [128, 1]


def test_a_slow_listing_begins_soon_and_takes_longer_each_time():
    assert cut(1_000, each_s=0.125) == [5, 9, 17, 33, 36]
    assert cut(60, each_s=10) == [2, 2, 2]
    assert cut(60, each_s=10, workers=2) == [4, 2]


def test_no_window_is_too_large_for_the_drivers_memory_however_many_workers_there_are():
    assert cut(20_050, each_s=0.0001, workers=1600) == [1000, 1000, 5]


def test_nothing_is_no_window():
    assert cut(0, each_s=1) == []


def test_each_worker_has_several_blocks_and_none_is_large():
    (window,) = windows(map(Entry, map(str, range(1000))), first_part=0, workers=2, partition=250)
    blocks = window.blocks(workers=2)
    assert {block.num_rows for block in blocks} <= {64, 250 - 3 * 64}
    assert sum(block.num_rows for block in blocks) == 1000
    few = next(windows(map(Entry, "abcdefgh"), first_part=0, workers=2)).blocks(workers=2)
    assert [block.num_rows for block in few] == [1] * 8
    told = {each["path"] for each in itertools.chain.from_iterable(b.to_pylist() for b in few)}
    assert told == {each.encode() for each in "abcdefgh"}
