"""Make the table that the package's model is trained on: labels.csv over links to the photographs.

It takes all of ``multi-camera`` and the trustworthy part of ``eye-disease-dataset``: EyePACS
photographs of its retinopathy folder under the class that their own grade says, none of rejected
quality; no augmented copy (``_<i>_<hash>.jpg``); no photograph that ``multi-camera`` has too, or
that stands under two labels. Splits are kept, but what ``fundus-edge audit`` finds in two of them
is left out: people of ``multi-camera`` in another split of it, eyes that stand under two numbers,
and the ``.png`` files of ``val_dir`` and ``test_dir``, near copies of which are in ``train_dir``.

    python benchmarks/default_dataset.py OUT
"""

import csv
import os
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

DATA = Path(os.environ.get("FUNDUS_EDGE_DATA", Path(__file__).parents[2] / "shared" / "data"))
TABLE, FOLDERS, GRADES = "multi-camera", "eye-disease-dataset", "eyepacs_grades.csv"
COLUMNS = ("file", "label", "source", "camera", "patient", "split", "grade")
SPLITS = {"train_dir": "train", "val_dir": "val", "test_dir": "test"}
ONE_EYE_TWO_PATIENTS = ("odir_330", "odir_553", "odir_560", "odir_2229")
EYE = re.compile(r"(\d+)_(left|right)")


def main(out: Path) -> None:
    """Write the folder ``out`` and print what is in it."""
    out.mkdir(parents=True)
    for name in (TABLE, FOLDERS):
        (out / name).symlink_to((DATA / name).resolve())
    rows = [*_cameras(), *_folders()]
    with (out / "labels.csv").open("x", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    counts = Counter((row["source"], row["split"], row["label"]) for row in rows)
    for (source, split, label), count in sorted(counts.items()):
        print(f"{source:10} {split:6} {label:22} {count:5}")
    print(f"{len(rows)} photographs in {out}")


def _cameras() -> list[dict[str, str]]:
    return [
        {**row, "file": f"{TABLE}/{row['file']}"}
        for row in _read(DATA / TABLE / "labels.csv")
        if row["patient"] not in ONE_EYE_TWO_PATIENTS
    ]


def _folders() -> list[dict[str, str]]:
    known = {(row["source"], Path(row["file"]).stem) for row in _cameras()}
    places = {row["patient"]: row["split"] for row in _cameras() if row["patient"]}
    grades = {row["file"]: row for row in _read(DATA / GRADES)}
    rows = []
    for path in sorted((DATA / FOLDERS).glob("*_dir/*/*")):
        split, label, _ = place = path.relative_to(DATA / FOLDERS).parts
        eye = EYE.fullmatch(path.stem)
        grade = grades.get("/".join(place), {})
        source = "eyepacs" if grade else "odir" if eye else "cvblab"
        is_copy = path.stem.startswith("_")
        if is_copy or grade.get("eyeq_quality") == "reject" or (source, path.stem) in known:
            continue
        patient = f"{source}_{eye[1] if eye else path.stem}"
        elsewhere = places.get(patient, SPLITS[split]) != SPLITS[split]
        is_png_held_out = source == "cvblab" and split != "train_dir"
        if elsewhere or is_png_held_out or patient in ONE_EYE_TWO_PATIENTS:
            continue
        if grade:
            label = "normal" if grade["level"] == "0" else "diabetic_retinopathy"
        rows.append(
            {
                "file": "/".join((FOLDERS, *place)),
                "label": label,
                "source": source,
                "camera": "",
                "patient": patient,
                "split": SPLITS[split],
                "grade": f"EyePACS grade {grade['level']}" if grade else "",
            }
        )
    labels = defaultdict(set)
    for row in rows:
        labels[row["source"], Path(row["file"]).stem].add(row["label"])
    return [row for row in rows if len(labels[row["source"], Path(row["file"]).stem]) == 1]


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
