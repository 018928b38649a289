"""Compare the rate of ``explain store`` with that of ``predict --json``, and weigh a store.

python benchmarks/explain_store.py PHOTOS [--bundle B] [--number 150] [--turns 5] [--large 1200]

Each turn runs both commands as a user does, on the same photos, the start included; each is the
first in turn. Then two stores, of --number and of --large photos, are made and read, and what
10,000 photos take of the disk and of memory is extrapolated from their difference.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from edge_runtime.photo.find import find_photos
from edge_runtime.system.machine import processor

_COMMAND = (sys.executable, "-m", "edge_runtime.commands.main")
_READ = (
    "import sys; from pathlib import Path\n"
    "from calibration.explanations.store.read import read_store\n"
    "print(len(read_store(Path(sys.argv[1])).photos))"
)


def main() -> None:
    """Print the rates as a Markdown table, and what stores take in two lines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--number", type=int, default=150, help="photos of a turn")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--large", type=int, default=1200, help="photos of the larger store")
    options = parser.parse_args()
    found = [path.resolve() for path in find_photos([options.photos]).photos]
    large = found[:: max(1, len(found) // options.large)][: options.large]
    few = large[:: max(1, len(large) // options.number)][: options.number]
    if not 0 < len(few) < len(large):
        parser.error(f"{len(found)} photos found; --large takes more of them than --number")
    bundle = ["--bundle", options.bundle] if options.bundle else []
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        _rates(_linked(few, here / "few"), len(few), here, bundle, options.turns)
        _sizes({len(few): here / "few", len(large): _linked(large, here / "large")}, here, bundle)


def _linked(photos: Sequence[Path], folder: Path) -> Path:
    folder.mkdir()
    for number, photo in enumerate(photos):
        (folder / f"{number:05}_{photo.name}").symlink_to(photo)
    return folder


def _rates(photos: Path, number: int, here: Path, bundle: Sequence[object], turns: int) -> None:
    seconds: dict[str, list[float]] = {"predict --json": [], "explain store": []}
    processor_s: dict[str, list[float]] = {name: [] for name in seconds}
    for turn in range(turns + 1):  # the first one warms up
        works = {
            "predict --json": ["predict", photos, "--json", *bundle],
            "explain store": ["explain", "store", photos, "--out", here / f"turn{turn}", *bundle],
        }
        for name in sorted(works, reverse=bool(turn % 2)):
            spent, usage = _run([*_COMMAND, *works[name]])
            if turn:
                seconds[name].append(spent)
                processor_s[name].append(usage.ru_utime + usage.ru_stime)
    print(f"{processor().model}, {os.cpu_count()} cores, {number} photos, {turns} turns\n")
    print("| command | photos/s, median | lowest | highest | processor ms a photo, median |")
    print("|---|---|---|---|---|")
    for name, spent_in in seconds.items():
        rates = sorted(number / each for each in spent_in)
        spent_ms = statistics.median(processor_s[name]) / number * 1000
        shown = " | ".join(
            f"{rate:.1f}" for rate in (statistics.median(rates), rates[0], rates[-1])
        )
        print(f"| {name} | {shown} | {spent_ms:.1f} |")
    for what, spent_by in (("rate", seconds), ("rate by processor time", processor_s)):
        ratios = [a / b for a, b in zip(*spent_by.values(), strict=True)]
        print(
            f"\n{what} of explain store / predict, turn by turn: median "
            f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
        )


def _sizes(stores: dict[int, Path], here: Path, bundle: Sequence[object]) -> None:
    rows: dict[int, tuple[float, float, float]] = {}
    for number, photos in stores.items():
        out = here / f"store{number}"
        _, making = _run([*_COMMAND, "explain", "store", photos, "--out", out, *bundle])
        _, reading = _run([sys.executable, "-c", _READ, out])
        disk = sum(each.stat().st_size for each in out.rglob("*") if each.is_file()) / 2**20
        rows[number] = disk, making.ru_maxrss / 1024, reading.ru_maxrss / 1024
    (few, first), (many, last) = rows.items()
    steps = [(b - a) / (many - few) for a, b in zip(first, last, strict=True)]
    rows[10_000] = tuple(b + (10_000 - many) * step for b, step in zip(last, steps, strict=True))
    for number, (disk, making, reading) in rows.items():
        print(
            f"{number:,} photos: {disk:.1f} MiB of disk; peak memory {making:.0f} MiB to make it, "
            f"{reading:.0f} MiB to read it whole" + (" (extrapolated)" if number == 10_000 else "")
        )


def _run(command: Sequence[object]) -> tuple[float, resource.struct_rusage]:
    """Run a command; give its seconds and what it used."""
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(map(str, command))} failed")
    return time.perf_counter() - started, usage


if __name__ == "__main__":
    main()
