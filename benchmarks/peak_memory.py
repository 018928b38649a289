"""Measure the peak of memory of whole ``fundus-edge predict`` runs, each a process of its own.

python benchmarks/peak_memory.py PHOTOS [--bundle BUNDLE] [--turns 3]
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_MEASURED = (
    "import sys; from edge_runtime.commands.main import main\n"
    "try: main()\n"
    "finally: print(open('/proc/self/status').read(), file=sys.stderr)"
)
_RUNS = {
    "`predict PHOTOS --json`": ["--json"],
    "`predict PHOTOS --out OUT`": ["--out", "{out}"],
    "`predict PHOTOS --out OUT --class all`": ["--out", "{out}", "--class", "all"],
    "`predict PHOTOS --out OUT --no-cache`": ["--out", "{out}", "--no-cache"],
}


def main() -> None:
    """Print a Markdown table of medians and of the largest peak seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    bundle = ["--bundle", str(options.bundle.resolve())] if options.bundle else []
    print("| | median MiB | largest MiB |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        _peak_mib([str(options.photos.resolve()), *bundle], Path(folder))  # fills the cache
        for name, more in _RUNS.items():
            peaks = []
            for _ in range(options.turns):
                with tempfile.TemporaryDirectory() as out:
                    arguments = [part.format(out=out) for part in more]
                    command = [str(options.photos.resolve()), *bundle, *arguments]
                    peaks.append(_peak_mib(command, Path(folder)))
            print(f"| {name} | {statistics.median(peaks):.0f} | {max(peaks):.0f} |")


def _peak_mib(arguments: list[str], cache: Path) -> float:
    environment = os.environ | {"FUNDUS_EDGE_CACHE": str(cache / "c"), "PYTHONPATH": str(_ROOT)}
    ran = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", _MEASURED, "predict", *arguments],
        env=environment, cwd=_ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    found = re.search(r"VmHWM:\s*(\d+) kB", ran.stderr)
    return int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    main()
