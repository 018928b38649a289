"""Measure how often an evaluation's intervals hold the truth, on simulated patients.

Each patient has two photographs of one class that share most of what decides on the prediction.

    python benchmarks/interval_coverage.py
"""

import numpy as np
import numpy.typing as npt

from train.metrics.classification import evaluate
from train.metrics.intervals import Bootstrap

TRIALS, DRAWS = 300, 400
CLASSES = ("a", "b", "c")
FIGURES = ("accuracy", "macro_f1", "macro_auroc", "nll", "ece")


def simulate(
    seed: int, patients: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Draw probabilities (N, 3), labels (N,) and patients (N,) of N = 2 * ``patients`` photos."""
    generator = np.random.default_rng((seed, patients))
    labels = np.repeat(generator.integers(0, 3, patients), 2)
    shared = np.repeat(generator.normal(size=(patients, 3)), 2, axis=0)
    raw = np.exp(
        1.5 * np.eye(3)[labels] + 0.9 * shared + 0.4 * generator.normal(size=(len(labels), 3))
    )
    probabilities = (raw / raw.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities, labels, np.repeat(np.arange(patients), 2)


def main() -> None:
    """Print, per number of patients, the share of trials whose interval holds the truth."""
    probabilities, labels, _ = simulate(0, 100_000)
    truth = evaluate(probabilities, labels, CLASSES)
    for patients in (10, 20, 60, 170):
        held, given = dict.fromkeys(FIGURES, 0), dict.fromkeys(FIGURES, 0)
        for trial in range(1, TRIALS + 1):
            probabilities, labels, groups = simulate(trial, patients)
            found = evaluate(
                probabilities, labels, CLASSES, groups=groups, bootstrap=Bootstrap(DRAWS, trial)
            )
            for name in FIGURES:
                interval = found.figure(name).interval
                given[name] += interval is not None
                held[name] += (
                    interval is not None and interval[0] <= truth.figure(name).value <= interval[1]
                )
        shares = ", ".join(f"{name} {held[name] / given[name]:.2f}" for name in FIGURES)
        print(f"{patients} patients: {shares}", flush=True)


if __name__ == "__main__":
    main()
