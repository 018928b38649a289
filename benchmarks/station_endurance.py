"""Run a camp of a day through a station as fast as it goes: memory, times, errors, what is kept.

    python benchmarks/station_endurance.py [--people 2000] [--seed 0]

A station runs as a process with the default bundle. People come, both eyes each: a quarter of them
is called to the camera, and their two photographs come one after the other, timed from the file to
the page; of the others a card reader brings twenty at once. Meanwhile readers open pages,
listeners hear the news and leave, and operators send the forms of people's pages, drawn from seeded
generators. At the end the store is compared with what was photographed and with what the station
said that it took. The photographs are those of the demonstration, each turned, tinted and scaled as
no other one.
"""

import argparse
import contextlib
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from station import Limits, started
from station_clients import TAGS, Shared, listen, operate, read_pages

from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.demo import photos

#: What can't be any better is an error: seconds until a photograph must be on the page.
_LATEST = 120.0
_AT_ONCE = 20  # people whose photographs a card reader brings together
_SIDES = 450, 900  # pixels


@dataclass(frozen=True)
class Endured:
    """What came of it: memory in KiB, times in seconds, and what is wrong with what was kept."""

    warm_kib: int
    end_kib: int
    pages: list[float]
    to_page: list[float]
    errors: list[str]
    wrong: list[str]
    forms: int
    refused: int
    photos: int
    seconds: float

    @property
    def growth_mib(self) -> float:
        """How much memory came to what was there after the warm-up."""
        return (self.end_kib - self.warm_kib) / 1024


def endure(
    folder: Path,
    *,
    people: int,
    warm_up: int,
    seed: int,
    called: float = 0.25,
    is_told: bool = False,
) -> Endured:
    """Run a camp.

    Args:
        folder: An empty one.
        people: How many come, two photographs each.
        called: The share of them that is called to the camera, 0..1.
        warm_up: Photographs after which memory is taken as settled.
        seed: Of all that is drawn.
        is_told: Whether to print memory now and then.
    """
    inbox = folder / "inbox"
    inbox.mkdir()
    begun = time.monotonic()
    process, port, _ = started(inbox, Limits())
    shared = Shared(port)
    kinds = [read_pages, read_pages, read_pages, listen, listen, listen, operate, operate]
    clients = [
        threading.Thread(target=_guarded, args=(kind, shared, seed + number))
        for number, kind in enumerate(kinds)
    ]
    camera = _Camera(inbox, shared, seed, called)
    try:
        for client in clients:
            client.start()
        warm = 0
        while camera.people < people:
            camera.go_on(people)
            if not warm and camera.written >= warm_up:
                warm = _settled_kib(process.pid)
            if is_told:
                told = f"{camera.written} photographs: {_resident_kib(process.pid) / 1024:.1f} MiB"
                print(told, f"after {time.monotonic() - begun:.0f} s", flush=True)
        end = _settled_kib(process.pid)
    finally:
        shared.stop.set()
        for client in clients:
            client.join()
        process.send_signal(signal.SIGINT)
        process.wait(60)
        process.stdout.close()
    took = time.monotonic() - begun
    return Endured(
        warm, end, shared.seconds, camera.took, shared.errors, _wrong(folder, camera, shared),
        len(shared.acknowledged), shared.refused, camera.written, took,
    )  # fmt: skip


class _Camera:
    """Who takes the photographs; ``took`` are the seconds until one was on the page."""

    def __init__(self, inbox: Path, shared: Shared, seed: int, called: float) -> None:
        self.people, self.written = 0, 0
        self.took: list[float] = []
        self.names: set[str] = set()
        self._inbox, self._shared = inbox, shared
        self._called = _AT_ONCE * called / (1 - called + _AT_ONCE * called)  # of all that happens
        self._draw = np.random.default_rng([seed, 1])
        self._pictures = [make() for _, make in photos()]

    def go_on(self, people: int) -> None:
        """Take the photographs of the next person, or of those whom a card reader brings."""
        if self._draw.uniform() < self._called:
            self.people += 1
            token = self._shared.token()
            self._shared.send("call", {"token": token, "given_id": f"E{self.people}", "back": "/"})
            for _ in range(2):
                self._show(self._write(f"IMG_{self.written:06}.jpg"))
        else:
            self._shared.send("call", {"token": self._shared.token(), "nobody": "1", "back": "/"})
            for number in range(self.people + 1, min(people, self.people + _AT_ONCE) + 1):
                self.people = number
                for eye in ("OD", "OS"):
                    self._write(f"E{number}_{eye}.jpg")
            end = time.monotonic() + _LATEST
            while self._shared.photos < self.written and time.monotonic() < end:
                time.sleep(0.05)
            if self._shared.photos < self.written:
                self._shared.errors.append(f"{self._shared.photos} of {self.written} came in")
        self._shared.people = self.people

    def _write(self, name: str) -> str:
        (self._inbox / name).write_bytes(self._photo())
        self.written += 1
        self.names.add(name)
        return name

    def _photo(self) -> bytes:
        """Take one of the few photographs as another eye: larger or smaller, turned and tinted."""
        picture = self._pictures[int(self._draw.integers(len(self._pictures)))]
        side = int(self._draw.integers(*_SIDES))
        turn = cv2.getRotationMatrix2D((450, 450), self._draw.uniform(-25, 25), 1)
        turned = cv2.warpAffine(picture, turn, (900, 900)) * self._draw.uniform(0.8, 1.05, 3)
        small = cv2.resize(turned.clip(0, 255).astype(np.uint8), (side, side))
        return cv2.imencode(".jpg", small)[1].tobytes()

    def _show(self, name: str) -> None:
        begun = time.monotonic()
        while name not in self._shared.ask("/")[2]:
            time.sleep(0.05)
            if time.monotonic() - begun > _LATEST:
                self._shared.errors.append(f"{name} isn't on the page")
                return
        self.took.append(time.monotonic() - begun)


def _guarded(client, shared: Shared, seed: int) -> None:
    """Let a client work; whatever it meets, the camp goes on, and it is kept as an error."""
    while not shared.stop.is_set():
        with _kept(shared, client.__name__):
            client(shared, seed)


@contextlib.contextmanager
def _kept(shared: Shared, name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        shared.errors.append(f"{name}: {type(error).__name__} {error}")
        time.sleep(1)


def _resident_kib(process: int) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def _settled_kib(process: int) -> int:
    """Take the median of some seconds: pages and photographs come and go."""
    found = []
    for _ in range(20):
        found.append(_resident_kib(process))
        time.sleep(0.25)
    return int(np.median(found))


def _wrong(folder: Path, camera: _Camera, shared: Shared) -> list[str]:
    """Compare what was kept with what was photographed and with what was acknowledged."""
    wrong = []
    with contextlib.closing(CampStore(folder / "inbox-station")) as store:
        camp = store.camp
        paths = [each.path for each in camp.photos.values()]
        if sorted(paths) != sorted(camera.names):
            wrong.append(f"{len(paths)} photographs, {len(camera.names)} were taken")
        if camp.told.keys() != camp.photos.keys():
            wrong.append("a photograph is nobody's")
        wrong += [
            f"photograph {number} has no picture"
            for number in camp.photos
            if cv2.imread(str(store.picture(number, "photo"))) is None
        ]
        history = {each.number: each.event for each in camp.history}
        undone = {each.event for each in history.values() if hasattr(each, "event")}
        for kind, form, number in shared.acknowledged:
            event = history.get(number or 0)
            if kind == "undo":
                is_kept = int(form["event"]) in undone
            else:
                is_kept = event is not None and event.__struct_config__.tag == TAGS[kind]
                for field in {"photo", "reason", "name"} & form.keys():
                    is_kept = is_kept and str(getattr(event, field)) == form[field]
            if not is_kept:
                wrong.append(f"{kind} {form} isn't event {number}")
    return wrong


def main() -> None:
    """Run it, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--warm-up", type=int, default=200)
    parser.add_argument("--called", type=float, default=0.25)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        came = endure(
            Path(folder), people=given.people, warm_up=given.warm_up, seed=given.seed,
            called=given.called, is_told=True,
        )  # fmt: skip
    print(f"{came.photos} photographs in {came.seconds:.0f} s")
    print(f"forms: {came.forms} taken, {came.refused} refused")
    print(f"load: {before:.1f} before, {os.getloadavg()[0]:.1f} at the end")
    print(f"memory after {given.warm_up} photographs: {came.warm_kib / 1024:.1f} MiB")
    print(f"growth from there: {came.growth_mib:.1f} MiB")
    for name, seconds in (("pages", came.pages), ("file to page", came.to_page)):
        median, late = np.percentile(seconds, [50, 95])
        print(f"{name}: median {median:.3f} s, p95 {late:.3f} s, n {len(seconds)}")
    print(f"errors: {len(came.errors)}", *came.errors[:10], sep="\n  ")
    print(f"not as it was said to be: {len(came.wrong)}", *came.wrong[:10], sep="\n  ")


if __name__ == "__main__":
    main()
