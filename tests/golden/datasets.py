"""Write the datasets that the golden test shows to the product: sound ones and wrong tables."""

import shutil
from pathlib import Path

from make_fundus import draw_fundus

from tests.edge_runtime.files import encoded

COLUMNS = "file,label,source,camera,patient,split,weight"

# What labels.csv holds, by the name of its folder. a.jpg and b.jpg exist, other files don't.
WRONG_TABLES = {
    "absolute_path": "file,label\na.jpg,normal\n/etc/hostname,glaucoma\n",
    "bad_split": "file,label,split\na.jpg,normal,train\nb.jpg,glaucoma,dev\n",
    "bad_weight": "file,label,weight\na.jpg,normal,1\nb.jpg,glaucoma,much\n",
    "class_with_slash": "file,label\na.jpg,normal\nb.jpg,a/b\n",
    "duplicate": "file,label\na.jpg,normal\nb.jpg,glaucoma\n./a.jpg,normal\n",
    "empty": "",
    "header_only": "file,label\n",
    "less_columns": "file,label\na.jpg,normal\nb.jpg\n",
    "missing_column": "file,source\na.jpg,x\nb.jpg,y\n",
    "missing_file": "file,label\na.jpg,normal\ngone.jpg,glaucoma\n",
    "no_label": "file,label\na.jpg,normal\nb.jpg,\n",
    "one_class": "file,label\na.jpg,normal\nb.jpg,normal\n",
    "open_quote": 'file,label\na.jpg,normal\n"b.jpg,glaucoma\n',
    "outside": "file,label\na.jpg,normal\n../a.jpg,glaucoma\n",
    "semicolons": "file;label\na.jpg;normal\nb.jpg;glaucoma\n",
    "split_missing": "file,label,split\na.jpg,normal,train\nb.jpg,glaucoma,\n",
    "train_without_val": "file,label,split\na.jpg,normal,train\nb.jpg,glaucoma,train\n",
    "twice_a_column": "file,label,label\na.jpg,normal,x\nb.jpg,glaucoma,x\n",
    "unknown_class": "file,label\na.jpg,normal\nb.jpg,!drusen\n",
}


def write_datasets(work: Path) -> None:
    """Write ``folders``, ``table`` and a folder in ``wrong`` for each wrong table."""
    write_folders(work / "folders")
    write_table(work / "table")
    (work / "one_class" / "normal").mkdir(parents=True)
    for name, text in WRONG_TABLES.items():
        folder = work / "wrong" / name
        folder.mkdir(parents=True)
        (folder / "labels.csv").write_text(text, "utf-8")
        for file in ("a.jpg", "b.jpg"):
            (folder / file).write_bytes(file.encode())


def write_folders(root: Path) -> None:
    """Write a folder for each class: both eyes of three people, a copy, and what is no good."""
    seed = 0
    for kind in ("diabetic_retinopathy", "glaucoma", "normal"):
        (root / kind).mkdir(parents=True)
        for person in range(3):
            for eye in ("left", "right"):
                seed += 1
                write(root / kind / f"{kind[0]}{person}_{eye}.png", kind, seed)
    shutil.copy(root / "normal/n0_left.png", root / "normal/copy9_left.png")
    shutil.copy(root / "normal/n1_left.png", root / "glaucoma/other9_left.png")
    (root / "normal/broken7_left.png").write_bytes(b"no photo")
    write(root / "normal/tiny8_left.png", "normal", 99, size=(40, 40))


def write_table(root: Path) -> None:
    """Write labels.csv and its photos: two sources, one of which looked for glaucoma alone."""
    rows = [COLUMNS]
    seed = 700
    for source, label, people in (
        ("clinic", "normal", (0, 1, 2)),
        ("clinic", "glaucoma", (0, 1, 2)),
        ("study", "!glaucoma", (5, 6)),
        ("study", "glaucoma", (8, 9)),
    ):
        kind = label.removeprefix("!")
        for person in people:
            for eye in ("OD", "OS"):
                seed += 1
                name = f"{source}/{label.replace('!', 'not-')}{person}_{eye}.png"
                (root / source).mkdir(parents=True, exist_ok=True)
                write(root / name, kind, seed)
                rows.append(f"{name},{label},{source},Canon CR-2,p{person},,1")
    (root / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")


def write(path: Path, kind: str, seed: int, *, size: tuple[int, int] = (240, 320)) -> None:
    """Draw a photo into a file."""
    path.write_bytes(encoded(draw_fundus(kind, seed=seed, size=size), ".png"))
