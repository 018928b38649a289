"""Measure what all classes' exact maps cost beside the plain classifier, in turns, one thread.

The plain classifier is cut out of the same ONNX file: it gives the probabilities and nothing else.

python benchmarks/explanation_cost.py [BUNDLE] [--model NAME] [--turns 300]
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx.utils
import onnxruntime

from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.contract import CAM, CAM_BIAS, IMAGE, LOGITS, PROBABILITIES
from edge_runtime.explain.gradcam import completeness_gap
from edge_runtime.system.machine import processor

_BOUND = 1.02


def main() -> None:
    """Print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path, nargs="?")
    parser.add_argument("--model")
    parser.add_argument("--turns", type=int, default=300)
    options = parser.parse_args()
    bundle = load_bundle(options.bundle)
    name, _, file = bundle.model(options.model)
    height, width = bundle.manifest.input_size
    with tempfile.TemporaryDirectory() as folder:
        cut = Path(folder, "plain.onnx")
        onnx.utils.extract_model(str(file), str(cut), [IMAGE], [PROBABILITIES])
        plain, whole, twin = open_model(cut), open_model(file), open_model(cut)
    generator = np.random.default_rng(0)
    image = generator.integers(0, 256, (1, height, width, 3), dtype=np.uint8)

    def classify(session: onnxruntime.InferenceSession) -> None:
        session.run([PROBABILITIES], {IMAGE: image})

    def explain() -> None:
        _, logits, cam, bias = whole.run([PROBABILITIES, LOGITS, CAM, CAM_BIAS], {IMAGE: image})
        completeness_gap(logits, cam, bias)

    runs = {
        "plain": lambda: classify(plain),
        "explained": explain,
        "plain again": lambda: classify(twin),
    }
    times: dict[str, list[float]] = {run: [] for run in runs}
    for turn in range(options.turns + 10):
        order = list(runs) if turn % 2 else list(runs)[::-1]  # nobody is always the first
        for run in order:
            started = time.perf_counter()
            runs[run]()
            if turn >= 10:
                times[run].append(time.perf_counter() - started)
    median = {run: 1000 * statistics.median(found) for run, found in times.items()}
    fastest = {run: 1000 * min(found) for run, found in times.items()}
    print(f"{processor().model}, model {name}, 1 thread, {options.turns} turns\n")
    print("| | median ms | fastest ms | median / plain |\n|---|---|---|---|")
    for run, value in median.items():
        print(f"| {run} | {value:.2f} | {fastest[run]:.2f} | {value / median['plain']:.3f} |")
    each = [b / a for a, b in zip(times["plain"], times["explained"], strict=True)]
    print(f"\nMedian of the turns' own ratios: {statistics.median(each):.3f}; bound {_BOUND}")


def open_model(file: Path) -> onnxruntime.InferenceSession:
    """Open a model for one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


if __name__ == "__main__":
    main()
