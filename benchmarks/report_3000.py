"""Run ``predict --out`` on thousands of photos, and measure the report as a browser opens it.

python benchmarks/report_3000.py PHOTOS WORK [--number 3000] [--chromium chromium]

WORK gets the folder ``photos`` with so many copies of the photos, each a little brighter or darker,
and ``results``; results that are there already are taken as they are, so that the report of another
version can be measured by the same command. Linux only.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from edge_runtime.photo.find import find_photos

_ROOT = Path(__file__).parents[1]
_SIZES = {"desk": (1200, 2000), "phone": (400, 800)}
_TURNS = 3
_AS_WITH_A_WINDOW = "--blink-settings=lazyLoadEnabled=true"  # without one it loads all pictures

_MEASURED = (
    "import sys; from edge_runtime.commands.main import main\n"
    "from edge_runtime.system.machine import peak_rss_mib\n"
    "try: main()\n"
    "finally: print(peak_rss_mib(), file=sys.stderr)"
)

#: Shows a page in a frame, and writes down the milliseconds until it has loaded.
_FRAME = """<!doctype html><body><script>
const frame = document.createElement("iframe"), begun = performance.now();
frame.width = {width}; frame.height = {height}; frame.src = "{page}";
frame.onload = () => document.body.dataset.loaded = performance.now() - begun;
document.body.append(frame);
</script></body>"""


def main() -> None:
    """Print what the run took, how large its files are, and how the pages open and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--number", type=int, default=3000)
    parser.add_argument("--chromium", default="chromium")
    options = parser.parse_args()
    photos, out = options.work / "photos", options.work / "results"
    if not out.exists():
        _make(find_photos([options.photos]).photos, photos, options.number)
        _predict(photos, out)
    for path in sorted(out.iterdir()):
        files = [path] if path.is_file() else [*path.iterdir()]
        size = sum(file.stat().st_size for file in files)
        print(f"{path.name}: {size / 1e6:.1f} MB in {len(files)} file(s)")
    print("\n| page | on a | load event, s | memory of the browser, MiB | sheets of A4 |")
    print("|---|---|---|---|---|", flush=True)
    for page in (out / "report.html", *sorted(out.glob("report/*-001.html"))):
        sheets = _sheets(options.chromium, page)
        for name, size in _SIZES.items():
            opened = [_open(options.chromium, page, size) for _ in range(_TURNS)]
            seconds, mib = (statistics.median(found) for found in zip(*opened, strict=True))
            print(f"| {page.name} | {name} | {seconds:.2f} | {mib:.0f} | {sheets} |", flush=True)


def _make(sources: tuple[Path, ...], folder: Path, number: int) -> None:
    folder.mkdir(parents=True)
    for which, source in enumerate(sources):
        picture = np.asarray(cv2.imread(str(source)), np.int16)
        for index in range(which, number, len(sources)):
            shade = index // len(sources)
            changed = np.clip(picture + (shade % 41 - 20), 0, 255).astype(np.uint8)
            changed[0, 0] = (shade // 41, 0, 0)
            cv2.imwrite(str(folder / f"{index:05d}.jpg"), changed)


def _predict(photos: Path, out: Path) -> None:
    command = [sys.executable, "-c", _MEASURED, "predict", str(photos), "--out", str(out)]
    started = time.perf_counter()
    ran = subprocess.run(  # noqa: S603 - our own command
        command, env=os.environ | {"PYTHONPATH": str(_ROOT)}, check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    seconds, peak = time.perf_counter() - started, float(ran.stderr.split()[-1])
    print(f"predict --out: {seconds:.0f} s, peak {peak:.0f} MiB\n", flush=True)


def _open(chromium: str, page: Path, size: tuple[int, int]) -> tuple[float, float]:
    """Open a page; give the seconds to its load event and the browser's memory at the most."""
    with tempfile.TemporaryDirectory() as folder:
        frame = Path(folder, "frame.html")
        source = _FRAME.format(width=size[0], height=size[1], page=page.resolve().as_uri())
        frame.write_text(source, "utf-8")
        said, mib = _run(chromium, folder, "--timeout=120000", "--dump-dom", frame.as_uri())
    found = re.search(r'data-loaded="([\d.]+)"', said)
    return float(found[1]) / 1000 if found else float("nan"), mib


def _sheets(chromium: str, page: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder, "page.pdf")
        _run(chromium, folder, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri())
        return len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))


def _run(chromium: str, folder: str, *arguments: str) -> tuple[str, float]:
    """Run the browser without a window; give what it prints, and the most MiB of all processes."""
    options = "--headless", "--no-sandbox", _AS_WITH_A_WINDOW, f"--user-data-dir={folder}"
    command = [chromium, *options, *arguments]
    most = 0.0
    with subprocess.Popen(  # noqa: S603 - as named by the user
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        done = threading.Event()

        def watch() -> None:
            nonlocal most
            while not done.wait(0.1):
                most = max(most, _memory_mib(folder))

        watcher = threading.Thread(target=watch)
        watcher.start()
        said, _ = process.communicate()
        done.set()
        watcher.join()
    return said, most


def _memory_mib(marked: str) -> float:
    """Add up the shares of memory of the processes that have a word in their command lines."""
    total = 0
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            if marked.encode() in (place / "cmdline").read_bytes():
                found = re.search(r"^Pss:\s*(\d+)", (place / "smaps_rollup").read_text(), re.M)
                total += int(found[1]) if found else 0
    return total / 1024


if __name__ == "__main__":
    main()
