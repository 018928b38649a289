"""Measure what ONNX Runtime's options cost and save, each in processes of its own, in turns.

python benchmarks/engine_options.py [MODEL.onnx] [--threads 2] [--turns 5]
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

from edge_runtime.contract import CAM, DEFAULT_BUNDLE, IMAGE, PROBABILITIES
from edge_runtime.system.machine import (
    peak_rss_mib,
    processor,
    release_memory,
    rss_mib,
    spare_memory,
)

_CHOICES = {
    "as fundus-edge opens it": (),
    "from the cache of optimised models": ("cached",),
    "spinning": ("spinning",),
    "without memory arena": ("no arena",),
    "without memory arena, from the cache": ("no arena", "cached"),
    "with memory pattern": ("pattern",),
    "without prepacked weights": ("no prepacking",),
    "freed memory is kept": ("kept",),
}


def main() -> None:
    """Print a Markdown table; called with a choice, measure that one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?", default=str(DEFAULT_BUNDLE / "model.int8.onnx"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--optimised", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(one(options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        optimised = str(Path(folder, "model.onnx"))
        save(options.model, optimised)
        found: dict[str, list[dict[str, float]]] = {name: [] for name in _CHOICES}
        for _ in range(options.turns):
            for name in _CHOICES:
                command = [sys.executable, __file__, *sys.argv[1:], "--one", name]
                ran = subprocess.run(  # noqa: S603 - ourselves
                    [*command, "--optimised", optimised], check=True, capture_output=True
                )
                found[name].append(json.loads(ran.stdout))
    print(f"{processor().model}, {options.threads} threads, {options.turns} turns, medians\n")
    keys = list(found["spinning"][0])
    print(f"| | {' | '.join(keys)} |\n|---|{'---|' * len(keys)}")
    for name, runs in found.items():
        values = (statistics.median(run[key] for run in runs) for key in keys)
        print(f"| {name} | {' | '.join(f'{value:.1f}' for value in values)} |")


def save(model: str, optimised: str) -> None:
    """Write the optimised model as the cache has it."""
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = optimised
    prefix = "session.optimized_model_external_initializers"
    options.add_session_config_entry(f"{prefix}_file_name", "model.weights")
    options.add_session_config_entry(f"{prefix}_min_size_in_bytes", "1024")
    options.log_severity_level = 3
    onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def one(arguments: argparse.Namespace) -> dict[str, float]:
    """Measure one choice in this process."""
    choice = _CHOICES[arguments.one]
    if "kept" not in choice:
        spare_memory()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = arguments.threads
    options.enable_mem_pattern = "pattern" in choice
    options.enable_cpu_mem_arena = "no arena" not in choice
    spin, prepack = "spinning" in choice, "no prepacking" not in choice
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spin)))
    options.add_session_config_entry("session.disable_prepacking", str(int(not prepack)))
    file = arguments.model
    if "cached" in choice:
        file = arguments.optimised
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    started, cpu = time.perf_counter(), time.process_time()
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    load_ms, load_cpu_ms = (
        1000 * (time.perf_counter() - started),
        1000 * (time.process_time() - cpu),
    )
    if "kept" not in choice:
        release_memory()
    shape = (1, *session.get_inputs()[0].shape[1:])
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    times = []
    for _ in range(21):
        started = time.perf_counter()
        session.run([PROBABILITIES, CAM], {IMAGE: image})
        times.append(1000 * (time.perf_counter() - started))
    return {
        "load ms": load_ms,
        "load, processor ms": load_cpu_ms,
        "first inference ms": times[0],
        "warm inference ms": statistics.median(times[1:]),
        "peak MiB": peak_rss_mib(),
        "held MiB": rss_mib() or 0.0,
    }


if __name__ == "__main__":
    main()
