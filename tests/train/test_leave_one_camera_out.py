"""The benchmark of cameras never seen: what it trains, what it leaves, and what it compares."""

import csv
import importlib.util

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.conftest import ROOT

CLASSES = ("glaucoma", "normal")


@pytest.fixture
def benchmark():
    path = ROOT / "benchmarks" / "leave_one_camera_out.py"
    spec = importlib.util.spec_from_file_location("leave_one_camera_out", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_run(run, split, rows):
    """Write what a complete run has of an evaluation: photo, source, true class, p(glaucoma)."""
    folder = run / f"evaluation_{split}"
    folder.mkdir(parents=True)
    with (folder / "predictions.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["photo", "group", "source", "true", "p_glaucoma", "p_normal"])
        for group, (photo, source, true, score) in enumerate(rows):
            writer.writerow([photo, group, source, true, score, 1 - score])
    (run / "metrics.json").write_text("{}")


def drawn(seed, names, source, negative="normal"):
    """Draw scores of photos, every other of which has glaucoma."""
    scores = np.random.default_rng(seed).uniform(0, 1, len(names))
    return [
        (name, source, negative if at % 2 else "glaucoma", float(score))
        for at, (name, score) in enumerate(zip(names, scores, strict=True))
    ]


def area(rows):
    return roc_auc_score([row[2] == "glaucoma" for row in rows], [row[3] for row in rows])


@pytest.mark.parametrize("negative", ["normal", "!glaucoma"])
def test_seen_and_never_seen_are_compared_on_the_same_photos(benchmark, tmp_path, negative):
    train, val = ([f"{name}{at}" for at in range(30)] for name in ("t", "v"))
    seen = drawn(1, val, "bus", negative)
    unseen = drawn(2, train + val, "bus", negative)
    write_run(tmp_path / "all", "val_dir", [*seen, *drawn(3, ["x", "y"], "clinic")])
    write_run(tmp_path / "without-bus", "left_out", unseen)
    ((source, disease, against, whole, same, own),) = benchmark.rows_of(tmp_path, "bus")
    assert (source, disease, against) == ("bus", "glaucoma", negative)
    assert whole.startswith(f"{area(unseen):.3f} (")
    assert same.startswith(f"{area(unseen[30:]):.3f} (")
    assert own.startswith(f"{area(seen):.3f} (")
    assert whole.endswith("30 / 30")
    assert own.endswith("15 / 15")


def test_only_runs_that_are_not_complete_are_trained(
    benchmark, tmp_path, dataset, monkeypatch, capsys
):
    write_run(tmp_path / "all", "val_dir", drawn(1, ["a", "b"], "bus"))
    commands = []

    def train(command, check):
        commands.append(command[3:])
        write_run(tmp_path / "without-bus", "left_out", drawn(2, ["a", "b", "c", "d"], "bus"))

    monkeypatch.setattr(benchmark.subprocess, "run", train)
    arguments = [str(dataset), str(tmp_path), "--sources", "bus", "--", "--fine-epochs", "0"]
    monkeypatch.setattr("sys.argv", ["leave_one_camera_out.py", *arguments])
    benchmark.main()
    first = capsys.readouterr().out
    benchmark.main()
    assert commands == [
        ["train", str(dataset), "--out", str(tmp_path / "without-bus"), "--resume",
         "--features", str(tmp_path / "features"), "--leave-out", "bus", "--fine-epochs", "0"]
    ]  # fmt: skip
    assert capsys.readouterr().out == first
    assert first.startswith("| source | disease | told from | AUROC, never seen")
    assert "| bus | glaucoma | normal | " in first
