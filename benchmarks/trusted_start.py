"""Measure what ``--trust`` adds to a whole ``fundus-edge predict PHOTO --json``, in turns.

Three starts take turns: the bundle in the package made into another one by a blank in its manifest,
and signed; without ``--trust``, with it, and, to tell the noise, without it once more. So do two of
the bundle in the package itself, which is trusted by its pin.

python benchmarks/trusted_start.py [PHOTO] [--turns 31] [--kind P-256]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from edge_runtime.contract import DEFAULT_BUNDLE, MANIFEST
from edge_runtime.system.machine import processor
from edge_runtime.trust.private_keys import make_key, open_key, public_file, read_private_key
from edge_runtime.trust.sign import sign_folder

_ROOT = Path(__file__).parents[1]
_START = "from edge_runtime.commands.main import run; run()"


def main() -> None:
    """Print a Markdown table: the median time, and the median of the ratios turn by turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", type=Path, nargs="?", default=_ROOT / "examples/retina.jpg")
    parser.add_argument("--turns", type=int, default=31)
    parser.add_argument("--kind", default="P-256")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        key, bundle = folder / "key", folder / "bundle"
        make_key(key, None, kind=options.kind)
        shutil.copytree(DEFAULT_BUNDLE, bundle)
        with (bundle / MANIFEST).open("a") as file:
            file.write(" ")
        sign_folder(bundle, open_key(key, read_private_key(key), None))
        trust = ["--trust", str(public_file(key))]
        signed = ["--bundle", str(bundle)]
        ways = {
            "signed, without --trust": signed,
            "signed, with --trust": [*signed, *trust],
            "signed, without --trust, once more": signed,
            "in the package, without --trust": [],
            "in the package, with --trust": trust,
        }
        times = _measure(ways, options.photo.resolve(), options.turns, folder / "cache")
    print(f"{processor().model}, {options.turns} turns, key {options.kind}\n")
    print("| start | ms, median | against the one without --trust, median of the turns |")
    print("|---|---:|---:|")
    for name, taken in times.items():
        base = times["signed, without --trust" if "signed" in name else _of_package()]
        ratio = statistics.median(one / other for one, other in zip(taken, base, strict=True))
        print(f"| {name} | {statistics.median(taken):.1f} | {ratio:.3f} |")


def _of_package() -> str:
    return "in the package, without --trust"


def _measure(
    ways: dict[str, list[str]], photo: Path, turns: int, cache: Path
) -> dict[str, list[float]]:
    """Time every way once a turn, each first in its turn as often as the others."""
    environment = os.environ | {
        "FUNDUS_EDGE_CACHE": str(cache),
        "PYTHONPATH": str(_ROOT),
        # Compiled once, as an installed package is, whatever this shell says of it.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": f"{cache}-py",
    }
    environment.pop("FUNDUS_EDGE_TRUST", None)
    times: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for turn in range(-2, turns):  # the first two fill the caches
        for at in range(len(names)):
            name = names[(turn + at) % len(names)]
            command = [sys.executable, "-c", _START, "predict", str(photo), "--json", *ways[name]]
            began = time.perf_counter()
            subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: S603
            if turn >= 0:
                times[name].append(1000 * (time.perf_counter() - began))
    return times


if __name__ == "__main__":
    main()
