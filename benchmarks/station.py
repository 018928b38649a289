"""Measure the camp station: start, from the camera's file to the page, and pages of a large camp.

    python benchmarks/station.py PHOTOS [--photos 60] [--people 10000] [--cores 1] [--throttle 0.5]

A station runs as a process with the default bundle. Photographs of the folder, each made a file of
its own content, are copied into its inbox one after the other, and the page is asked until it
shows each. Then a camp of made-up people is put into a store, and every page is asked 100 times.
With ``--cores`` the station runs on so many, and with ``--throttle`` for that share of the time: it
is stopped for the rest of each tenth of a second, as a core that is too hot or shared is.
"""

import argparse
import http.client
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.photo.find import find_photos
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.screening import screen, to_record
from edge_runtime.station.camera_look import camera_look
from edge_runtime.station.camp_photo import camp_photo
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import PersonOpened, PhotoAssigned
from edge_runtime.station.open_log import logged

_TURN = 0.1  # seconds

RUN = "from edge_runtime.commands.process import run; run()"


@dataclass(frozen=True)
class Limits:
    """What a station has of the computer: cores, None for all, and which share of their time."""

    cores: int | None = None
    share: float = 1.0


def started(inbox: Path, limits: Limits) -> tuple[subprocess.Popen[str], int, float]:
    """Start a station, and give it with its port and the seconds until its page was there."""
    bound = [] if limits.cores is None else ["taskset", "-c", f"0-{limits.cores - 1}"]
    begun = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*bound, sys.executable, "-c", RUN, "station", "--inbox", str(inbox), "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    if limits.share < 1:
        threading.Thread(target=_throttle, args=(process, limits.share), daemon=True).start()
    assert process.stdout is not None
    port = int(process.stdout.readline().split()[1].rstrip("/").rsplit(":", 1)[1])
    ask(port, "/")
    return process, port, time.monotonic() - begun


def _throttle(process: subprocess.Popen[str], share: float) -> None:
    while process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        time.sleep(_TURN * (1 - share))
        process.send_signal(signal.SIGCONT)
        time.sleep(_TURN * share)


def ask(port: int, path: str) -> str:
    """Ask for a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer


def stop(process: subprocess.Popen[str]) -> int:
    """End a station, and give the most memory that it held, in KiB."""
    status = Path(f"/proc/{process.pid}/status").read_text("utf-8")
    (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    process.send_signal(signal.SIGINT)
    process.wait(60)
    return int(peak)


def told(name: str, seconds: list[float]) -> None:
    """Print the median and the 95th percentile of some times."""
    median, late = np.percentile(seconds, [50, 95])
    print(f"{name}: median {median:.3f} s, p95 {late:.3f} s, n {len(seconds)}")


def photos_to_page(folder: Path, photos: tuple[Path, ...], count: int, limits: Limits) -> None:
    """Measure from a photograph's file in the inbox to the page that shows it."""
    inbox = folder / "inbox"
    inbox.mkdir()
    process, port, seconds = started(inbox, limits)
    print(f"start to page: {seconds:.2f} s")
    ask(port, "/")
    took = []
    for number in range(count):
        data = photos[number % len(photos)].read_bytes() + bytes(number)
        name = f"Q{number}_OD.jpg"
        (inbox / name).write_bytes(data)
        begun = time.monotonic()
        while name not in ask(port, "/"):
            time.sleep(0.02)
        took.append(time.monotonic() - begun)
    told("photograph in the inbox to result on the page", took)
    print(f"peak memory: {stop(process) / 1024:.0f} MiB")


def large_camp(folder: Path, photo: Path, people: int, limits: Limits) -> None:
    """Measure the pages of a camp of so many people, both eyes each."""
    inbox = folder / "large"
    inbox.mkdir()
    classifier = Classifier(load_bundle())
    (screened,) = screen(classifier, [photo], kept=True)
    record = to_record(screened, classifier, choice="top", overlays={})
    when, look = datetime.now(timezone.utc), camera_look(screened.prepared)
    store = CampStore(folder / "large-station")
    with store.lock, store.at_once() as put:  # all at once: one by one it would take minutes
        for person in range(1, people + 1):
            _put(put, record, when, person, look)
    with logged(store):
        pass  # the station that took them would have logged them one by one
    store.close()
    process, port, seconds = started(inbox, limits)
    print(f"start to page with {people} people: {seconds:.2f} s")
    for path in ("/", "/worklist", "/worklist?q=77", "/person/77", "/slip/77", "/files", "/day"):
        took = []
        for _ in range(100):
            begun = time.monotonic()
            ask(port, path)
            took.append(time.monotonic() - begun)
        told(path, took)
    print(f"peak memory: {stop(process) / 1024:.0f} MiB")


def _put(put, record, when, person: int, look) -> None:
    from edge_runtime.predict.record import to_json
    from edge_runtime.system.codec import to_line

    events = [PersonOpened(person, f"N{person}")]
    for side, number in (("OD", 2 * person - 1), ("OS", 2 * person)):
        path = Path(f"N{person}_{side}.jpg")
        short = camp_photo(record, number=number, path=path, arrived=when, taken=None, camera=look)
        row = number, f"{number:064}", short.arrived, to_line(short), to_json(record)
        put("INSERT INTO photos VALUES (?, ?, ?, ?, ?)", row)
        events.append(PhotoAssigned(number, person))
    for offset, event in enumerate(events):
        row = 3 * person - 2 + offset, when.isoformat(), to_line(event)
        put("INSERT INTO history (number, at, event) VALUES (?, ?, ?)", row)


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--cores", type=int)
    parser.add_argument("--throttle", type=float, default=1.0, metavar="SHARE")
    given = parser.parse_args()
    limits = Limits(given.cores, given.throttle)
    print(f"load before: {os.getloadavg()[0]:.1f}")
    found = find_photos([given.folder]).photos
    with tempfile.TemporaryDirectory() as folder:
        if given.photos:
            photos_to_page(Path(folder), found, given.photos, limits)
        if given.people:
            large_camp(Path(folder), found[0], given.people, limits)
    print(f"load at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
