"""Write small datasets that are tables."""

import csv
from pathlib import Path

from make_fundus import draw_fundus

from tests.train.copied_photos import write


def write_table(root: Path, rows, *, columns=("file", "label"), draw=False) -> Path:
    """Write labels.csv and a file for each row: drawn, or bytes that nothing decodes."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(columns)
        table.writerows(rows)
    for number, row in enumerate(rows):
        path = root / row[0]
        if draw:
            write(path, draw_fundus(row[1].removeprefix("!"), seed=700 + number))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(str(number).encode())
    return root


def eyes(source: str, label: str, people: int, *, split=None, start=0):
    """Make rows of file, label, source, patient and split: two eyes of each person."""
    return [
        (
            f"{source}/{label.replace('!', 'not-')}{person}_{eye}.png",
            label,
            source,
            f"p{person}",
            split or "",
        )
        for person in range(start, start + people)
        for eye in ("OD", "OS")
    ]


COLUMNS = ("file", "label", "source", "patient", "split")
