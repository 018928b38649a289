"""Write a split as a dataset folder."""

import csv
import shutil
from collections import defaultdict
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.system.folders import new_folder
from train.audit.split import DatasetSplit
from train.data.table import FILE, LABELS_CSV, SPLIT, is_table, read_rows

SPLIT_CSV = "split.csv"


def write_split(split: DatasetSplit, out: Path, *, copy: bool = False) -> None:
    """Write ``<split>/<class>/<name>`` for each photo, and ``split.csv``, which names them all.

    Where two photos of a class have one name, the later one gets a number. The split of a table is
    a table with all of its columns, the photos where they were. ``split.csv`` has the photos that
    were left out too, with the reason.

    Args:
        split: From ``split_dataset``.
        out: A folder that doesn't exist; it appears when it is complete.
        copy: Copy the photos; otherwise they are links to where they are.

    Raises:
        OutputExistsError: There is something at ``out``.
        OutputFailedError: It can't be written there.
    """
    # Copied photos aren't synced: there are thousands, and they still stand where they were.
    with new_folder(out, sync=not copy) as folder:
        places = _stay(split, folder) if is_table(split.root) else _places(split)
        _fill(split, places, folder, copy=copy)


def _places(split: DatasetSplit) -> list[Path]:
    """Choose ``<split>/<class>/<name>`` for each photo."""
    taken: dict[Path, set[str]] = defaultdict(set)
    return [
        place / _free_name(photo, taken[place])
        for photo, place in zip(split.photos, map(Path, split.splits, split.classes), strict=True)
    ]


def _stay(split: DatasetSplit, folder: Path) -> list[Path]:
    """Write the table of the photos that are in, and give their places in it."""
    rows = read_rows(split.root)
    chosen = dict(zip(split.photos, split.splits, strict=True))
    columns = dict.fromkeys((*rows[0].cells, SPLIT))
    with (folder / LABELS_CSV).open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        for row in rows:
            if name := chosen.get(split.root / row.cells[FILE]):
                table.writerow({**row.cells, SPLIT: name.removesuffix("_dir")})
    return [photo.relative_to(split.root) for photo in split.photos]


def _fill(split: DatasetSplit, places: list[Path], folder: Path, *, copy: bool) -> None:
    with (folder / SPLIT_CSV).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "split", "class", "group", "file", "left_out"])
        columns = zip(split.photos, places, split.splits, split.classes, split.groups, strict=True)
        for photo, place, name, label, group in columns:
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            if copy:
                shutil.copy2(photo, folder / place)
            else:
                (folder / place).symlink_to(photo.resolve())
            rows.writerow([printable(photo), name, label, group, printable(place), ""])
        for photo, reason in split.left_out.items():
            rows.writerow([printable(photo), "", "", "", "", reason])


def _free_name(photo: Path, taken: set[str]) -> str:
    """Choose a name that no other photo of the folder has, also where case doesn't count."""
    name, number = photo.name, 1
    while name.casefold() in taken:
        number += 1
        name = f"{photo.stem}-{number}{photo.suffix}"
    taken.add(name.casefold())
    return name
