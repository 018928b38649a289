"""Measure the audit's groups against what the file names of the four-class set reveal.

python benchmarks/audit_recall.py DATASET

There, files of one class that are called _<i>_<number>.jpg with the same i are augmented copies of
one photo. The audit doesn't know that.
"""

import argparse
import re
import resource
import time
from collections import defaultdict
from itertools import combinations
from pathlib import Path

from train.audit.audit import read_pool
from train.copies.facts import Facts
from train.copies.groups import find_groups

_COPY = re.compile(r"_(\d+)_\d+$")


def main() -> None:
    """Print how many pairs of copies are in one group, and how many photos with another class."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--cache", type=Path, help="by default nothing is kept, so time counts")
    options = parser.parse_args()
    dataset = read_pool(options.dataset)
    rows = [photo for photos in dataset.splits.values() for photo in photos]
    start = time.perf_counter()
    groups = find_groups(rows, patient_pattern=None, cache=options.cache)
    elapsed = time.perf_counter() - start
    copies = defaultdict(list)
    members = defaultdict(list)
    for index, photo in enumerate(rows):
        members[int(groups.ids[index])].append(index)
        if match := _COPY.fullmatch(photo.path.stem):
            copies[photo.label, match[1]].append(index)
    pairs = [pair for same in copies.values() for pair in combinations(same, 2)]
    together = sum(groups.ids[first] == groups.ids[second] for first, second in pairs)
    mixed = [group for group in members.values() if len({rows[i].label for i in group}) > 1]
    true = [group for group in mixed if _has_one_file_under_two_labels(group, rows, groups.facts)]
    false = sum(map(len, mixed)) - sum(map(len, true))
    print(f"{len(rows)} photos in {elapsed:.0f} s, {_peak_mib()} MiB at most")
    print(f"pairs of copies in one group: {together} of {len(pairs)}, {together / len(pairs):.1%}")
    print(f"photos with another class: {false} of {len(rows)}, {false / len(rows):.1%}")
    print(f"photos in true conflicts, not counted: {sum(map(len, true))} in {len(true)} groups")


def _has_one_file_under_two_labels(group: list[int], rows: list, facts: tuple) -> bool:
    """Tell a true conflict: the same bytes stand in two classes."""
    labels = defaultdict(set)
    for index in group:
        if isinstance(facts[index], Facts):
            labels[facts[index].digest].add(rows[index].label)
    return any(len(found) > 1 for found in labels.values())


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
