"""Measure a whole ``fundus-edge predict PHOTO --json`` against one warm inference, in turns.

python benchmarks/cold_start.py [PHOTO] [--bundle BUNDLE] [--turns 15] [--before CHECKOUT]
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.contract import CAM, PROBABILITIES
from edge_runtime.engine.onnx import Session
from edge_runtime.system.machine import processor

_ROOT = Path(__file__).parents[1]
#: The installed script, here and in a checkout from before the rooms.
_START = (
    "import importlib.util as u; there = u.find_spec('edge_runtime.commands')\n"
    "if there: from edge_runtime.commands.main import run\n"
    "else: from edge_runtime.cli import run\n"
    "run()"
)
_MEASURED = (
    "import sys; from edge_runtime.commands.main import main\n"
    "try: main()\n"
    "finally: print(open('/proc/self/status').read(), file=sys.stderr)"
)


def main() -> None:
    """Print a Markdown table, and the bound that the project keeps to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", type=Path, nargs="?", default=_ROOT / "examples/retina.jpg")
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--before", type=Path, help="another checkout, to compare with")
    options = parser.parse_args()
    bundle = load_bundle(options.bundle)
    session = Session(bundle)
    image = np.zeros((1, *bundle.manifest.input_size, 3), np.uint8)
    arguments = ["predict", str(options.photo.resolve()), "--json"]
    if options.bundle:
        arguments += ["--bundle", str(options.bundle.resolve())]
    with tempfile.TemporaryDirectory() as cache:

        def command(*more: str, root: Path = _ROOT, code: str = _START) -> str:
            environment = os.environ | {
                "FUNDUS_EDGE_CACHE": f"{cache}/models",
                "PYTHONPATH": str(root),
            }
            # Compiled once, as an installed package is, whatever this shell says of it.
            environment |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": f"{cache}/py"}
            ran = subprocess.run(  # noqa: S603 - our own command
                [sys.executable, "-c", code, *arguments, *more],
                env=environment, cwd=root, check=True, capture_output=True, text=True,
            )  # fmt: skip
            return ran.stderr

        command()  # fills the cache
        contenders: dict[str, Callable[[], object]] = {
            "one warm inference": lambda: session.run(image, (PROBABILITIES, CAM)),
            "predict, optimised model from the cache": command,
            "predict --no-cache": lambda: command("--no-cache"),
            "python -c pass": lambda: _python("pass"),
            "importing numpy, OpenCV, ONNX Runtime, click": lambda: _python(
                "import numpy, cv2, onnxruntime, click"
            ),
        }
        before = options.before
        if before:
            contenders["predict, before"] = lambda: command(root=before.resolve())
        times = _turns(contenders, options.turns)
        peaks = {
            "predict, optimised model from the cache": _peak_mib(command(code=_MEASURED)),
            "predict --no-cache": _peak_mib(command("--no-cache", code=_MEASURED)),
        }
    print(f"{processor().model}, {os.cpu_count()} cores, {options.turns} turns, medians\n")
    print("| | median ms | fastest ms | peak MiB |\n|---|---|---|---|")
    for name, found in times.items():
        peak = f"{peaks[name]:.0f}" if name in peaks else ""
        median, fastest = 1000 * statistics.median(found), 1000 * min(found)
        print(f"| {name} | {median:.0f} | {fastest:.0f} | {peak} |")
    bound = 4 * statistics.median(times["one warm inference"]) + 0.35
    print(f"\nThe bound, 4 warm inferences + 350 ms: {1000 * bound:.0f} ms")


def _turns(contenders: dict[str, Callable[[], object]], turns: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(turns):
        for name, run in contenders.items():
            started = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - started)
    return times


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own code


def _peak_mib(status: str) -> float:
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    main()
