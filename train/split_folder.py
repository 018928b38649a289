"""Write a split as a dataset folder."""

import csv
import shutil
from collections import defaultdict
from pathlib import Path

from edge_runtime.errors import printable
from train.new_folder import new_folder
from train.split import Split

SPLIT_CSV = "split.csv"


def write_split(split: Split, out: Path, *, copy: bool = False) -> None:
    """Write ``<split>/<class>/<name>`` for each photo, and ``split.csv``, which names them all.

    Where two photos of a class have one name, the later one gets a number. ``split.csv`` has the
    photos that were left out too, with the reason.

    Args:
        split: From ``split_dataset``.
        out: A folder that doesn't exist; it appears when it is complete.
        copy: Copy the photos; otherwise they are links to where they are.

    Raises:
        OutputExistsError: There is something at ``out``.
        OutputFailedError: It can't be written there.
    """
    with new_folder(out) as folder:
        _fill(split, folder, copy=copy)


def _fill(split: Split, folder: Path, *, copy: bool) -> None:
    taken: dict[Path, set[str]] = defaultdict(set)
    with (folder / SPLIT_CSV).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "split", "class", "group", "file", "left_out"])
        columns = zip(split.photos, split.splits, split.classes, split.groups, strict=True)
        for photo, name, label, group in columns:
            place = Path(name, label)
            (folder / place).mkdir(parents=True, exist_ok=True)
            place /= _free_name(photo, taken[place])
            if copy:
                shutil.copy2(photo, folder / place)
            else:
                (folder / place).symlink_to(photo.resolve())
            rows.writerow([printable(photo), name, label, group, printable(place), ""])
        for each in split.left_out:
            rows.writerow([printable(each.path), "", "", "", "", each.reason])


def _free_name(photo: Path, taken: set[str]) -> str:
    """Choose a name that no other photo of the folder has, also where case doesn't count."""
    name, number = photo.name, 1
    while name.casefold() in taken:
        number += 1
        name = f"{photo.stem}-{number}{photo.suffix}"
    taken.add(name.casefold())
    return name
