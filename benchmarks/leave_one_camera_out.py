"""Measure what a training makes of cameras that it has never seen, source by source.

    python benchmarks/leave_one_camera_out.py DATASET OUT [--sources a,b] -- TRAIN_OPTIONS

Trains once on all of DATASET (OUT/all) and once without each source (OUT/without-SOURCE), each with
the options of 'fundus-edge train' after '--', and prints a Markdown table: how each disease is told
from healthy eyes of the same source by the model that never saw the source, and by the one that
did. Both are asked about the same photos, those of the source in val_dir; the first also about all
photos of the source, which it can be. A run that is complete is left as it is, one that was
stopped goes on, so the same call goes on where it was. What the frozen backbone makes of a photo is
computed once for all of them (OUT/features).

A source counts as never seen where the starting weights haven't seen it either: with weights that
were trained on a source, the table says what the head alone makes of it.
"""

import argparse
import csv
import subprocess
import sys
from pathlib import Path

import numpy as np

from train.data.contrasts import contrasts
from train.data.dataset import LabelledPhoto, read_dataset
from train.data.truth import truth_of
from train.evaluation.by_source import by_source
from train.evaluation.markdown import cell, figure, table

ALL = "all"


def options():
    """Read the arguments; what stands after '--' goes to 'fundus-edge train' as it is."""
    arguments = sys.argv[1:]
    place = arguments.index("--") if "--" in arguments else len(arguments)
    own, passed = arguments[:place], arguments[place + 1 :]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sources", default="", help="these alone, with commas between them")
    return parser.parse_args(own), passed


def train(dataset, run, passed):
    """Make a run, or go on with it, or leave it where it is complete."""
    if (run / "metrics.json").is_file():
        print(f"{run} is complete", file=sys.stderr)
        return
    start = [sys.executable, "-c", "from edge_runtime.commands.main import run; run()"]
    subprocess.run(  # noqa: S603 - our own command
        [
            *start, "train", str(dataset), "--out", str(run), "--resume",
            "--features", str(run.parent / "features"), *passed,
        ],
        check=True,
    )  # fmt: skip


def measured(predictions, source, *, photos=None):
    """Measure the photos of a source by what an evaluation wrote, all or some of them.

    Returns:
        The figures by disease, and the names of the photos.
    """
    with predictions.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        rows = [row for row in csv.DictReader(file) if row.get("source") == source]
    rows = [row for row in rows if photos is None or row["photo"] in photos]
    if not rows:
        return {}, set()
    classes = tuple(name[2:] for name in rows[0] if name.startswith("p_"))
    known = []
    for row in rows:
        name = row["true"]
        excluded = classes.index(name[1:]) if name not in classes else None
        label = classes.index(name) if excluded is None else None
        known.append(LabelledPhoto(Path(row["photo"]), label, excluded, source))
    found = by_source(
        np.array([[row[f"p_{name}"] for name in classes] for row in rows], np.float32),
        truth_of(known),
        np.array([int(row["group"]) for row in rows]),
        classes,
    )
    return found.sources[source].diseases, {row["photo"] for row in rows}


def shown(found, disease):
    """Write a disease's AUROC with its interval and photos."""
    entry = found.get(disease)
    if entry is None or entry.auroc.value is None:
        return "-"
    return f"{figure(entry.auroc)}, {entry.photos} / {entry.photos_against}"


def rows_of(out, source):
    """List the table's rows about one source."""
    seen, photos = measured(out / ALL / "evaluation_val_dir" / "predictions.csv", source)
    unseen = out / f"without-{source}" / "evaluation_left_out" / "predictions.csv"
    whole, _ = measured(unseen, source)
    same, _ = measured(unseen, source, photos=photos)
    return [
        [cell(source), cell(disease), cell(whole[disease].against),
         *(shown(found, disease) for found in (whole, same, seen))]
        for disease in whole
    ]  # fmt: skip


def main():
    """Train and print."""
    chosen, passed = options()
    dataset = read_dataset(chosen.dataset)
    truth = truth_of([photo for photos in dataset.splits.values() for photo in photos])
    told = {each.source for each in contrasts(truth, dataset.classes) if each.negative.any()}
    wanted = [name for name in chosen.sources.split(",") if name] or sorted(told - {""})
    train(chosen.dataset, chosen.out / ALL, passed)
    for source in wanted:
        run = chosen.out / f"without-{source}"
        train(chosen.dataset, run, ["--leave-out", source, *passed])
    heads = ["source", "disease", "told from", "AUROC, never seen: all its photos",
             "never seen: those of val_dir", "seen: those of val_dir"]  # fmt: skip
    print(table(heads, [row for source in wanted for row in rows_of(chosen.out, source)]))


if __name__ == "__main__":
    main()
