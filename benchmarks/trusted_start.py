"""Measure what ``--trust`` adds to a whole ``fundus-edge predict PHOTO --json``, in turns.

Wall time is what a person waits; processor time tells the same on a computer that others use too.
Three starts take turns: the bundle in the package made into another one by a blank in its manifest,
and signed; without ``--trust``, with it, and, to tell the noise, without it once more. So do two of
the bundle in the package itself, which is trusted by its pin.

python benchmarks/trusted_start.py [PHOTO] [--turns 31] [--kind P-256]
"""

import argparse
import os
import resource
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
    print("| start | wall ms | against the one without | processor ms | against the one without |")
    print("|---|---:|---:|---:|---:|")
    for name, taken in times.items():
        base = times[f"{name.partition(',')[0]}, without --trust"]
        told = []
        for kind in (0, 1):
            ratios = [one[kind] / other[kind] for one, other in zip(taken, base, strict=True)]
            told.append(f"{statistics.median(each[kind] for each in taken):.1f}")
            told.append(f"{statistics.median(ratios):.3f}")
        print(f"| {name} | {' | '.join(told)} |")


def _measure(
    ways: dict[str, list[str]], photo: Path, turns: int, cache: Path
) -> dict[str, list[tuple[float, float]]]:
    """Time every way once a turn, each first as often as the others: wall and processor, ms."""
    environment = os.environ | {
        "FUNDUS_EDGE_CACHE": str(cache),
        "PYTHONPATH": str(_ROOT),
        "XDG_STATE_HOME": f"{cache}-states",
        # Compiled once, as an installed package is, whatever this shell says of it.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": f"{cache}-py",
    }
    environment.pop("FUNDUS_EDGE_TRUST", None)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    names = list(ways)
    for turn in range(-2, turns):  # the first two fill the caches
        for at in range(len(names)):
            name = names[(turn + at) % len(names)]
            command = [sys.executable, "-c", _START, "predict", str(photo), "--json", *ways[name]]
            began, before = time.perf_counter(), _processor_s()
            subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: S603
            if turn >= 0:
                wall_s = time.perf_counter() - began
                times[name].append((1000 * wall_s, 1000 * (_processor_s() - before)))
    return times


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
