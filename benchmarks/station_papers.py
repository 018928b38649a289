"""Measure what a camp hands out: slips as PDF, folders for a stick, backups.

    python benchmarks/station_papers.py PHOTO [--people 500]

Two photographs of each of so many made-up people are put into a store, with one photograph's
pictures and record. Slips and receipts are made of 20 of them, then an export and a backup are
written to a file, piece by piece as a station sends them.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.photo.find import Stamp
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.screening import screen, to_record
from edge_runtime.results.embedded import small_jpeg
from edge_runtime.results.legend import draw_overlay
from edge_runtime.station.backup import backup_entries
from edge_runtime.station.camp_photo import camp_photo
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import PersonOpened, PhotoAssigned
from edge_runtime.station.intake import Intake
from edge_runtime.station.moment import now
from edge_runtime.station.papers.camp_folder import export_entries
from edge_runtime.station.papers.receipt_pdf import receipt_pdf
from edge_runtime.station.papers.slip import slip_of
from edge_runtime.station.papers.slip_pdf import slip_pdf
from edge_runtime.station.parcel import Entry, zipped
from edge_runtime.station.web.frame import Station


def peak_mib() -> float:
    """Give the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fill(store: CampStore, classifier: Classifier, photo: Path, people: int) -> None:
    """Put people into a store, both eyes each."""
    ((screened),) = screen(classifier, [photo], kept=True)
    record = to_record(screened, classifier, choice="top", overlays={})
    prediction, picture = screened.prediction, screened.photo
    assert prediction is not None
    assert picture is not None
    overlay = draw_overlay(picture, prediction, prediction.class_name)
    pictures = {
        "photo": small_jpeg(picture, side=1280),
        "overlay": small_jpeg(overlay, side=1280),
        "small": small_jpeg(picture, side=192),
    }
    for number in range(1, people * 2 + 1):
        person, eye = (number + 1) // 2, "OD" if number % 2 else "OS"
        path = Path(f"P{person}_{eye}.jpg")
        short = camp_photo(record, number=number, path=path, arrived=now(), taken=None)
        opened = [PersonOpened(person, f"P{person}")] if number % 2 else []
        store.add(
            lambda _, short=short: (record, short, pictures),  # type: ignore[misc]
            sha256=f"{number:064x}", path=path, stamp=Stamp(1, number),
            events=lambda number, whose=opened, of=person: [*whose, PhotoAssigned(number, of)],  # type: ignore[misc]
        )  # fmt: skip


def told(name: str, seconds: list[float], sizes: list[int]) -> None:
    """Print what something takes."""
    print(
        f"{name}: {statistics.median(seconds):.3f} s in the median, {max(seconds):.3f} s at most; "
        f"{max(sizes) / 1000:.0f} kB at most; {peak_mib():.0f} MiB until here"
    )


def papers(station: Station, count: int) -> None:
    """Make slips and receipts."""
    makers: dict[str, Callable[[int], bytes]] = {
        "slip": lambda number: slip_pdf(slip_of(station, number), station.store.picture),
        "receipt": lambda number: receipt_pdf(slip_of(station, number)),
    }
    for name, make in makers.items():
        seconds, sizes = [], []
        for number in range(1, count + 1):
            begun = time.monotonic()
            sizes.append(len(make(number)))
            seconds.append(time.monotonic() - begun)
        told(name, seconds, sizes)


def written(name: str, entries: Iterator[Entry], file: Path) -> None:
    """Write an archive and print what that takes."""
    begun = time.monotonic()
    with file.open("wb") as target:
        target.writelines(zipped(entries))
    took = time.monotonic() - begun
    print(f"{name}: {took:.1f} s, {file.stat().st_size / 1e6:.0f} MB; {peak_mib():.0f} MiB")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("photo", type=Path)
    parser.add_argument("--people", type=int, default=500)
    given = parser.parse_args()
    classifier = Classifier(load_bundle())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(CampStore(folder / "data")) as store:
            fill(store, classifier, given.photo, given.people)
            intake = Intake(folder, store, classifier)
            station = Station(store, intake, classifier, "")
            print(f"{given.people} people: {peak_mib():.0f} MiB before anything is handed out")
            papers(station, min(20, given.people))
            written("export", export_entries(station), folder / "export.zip")
            written("backup", backup_entries(store, station.texts), folder / "backup.zip")
            begun = time.monotonic()
            store.copy_to(folder / "copy.sqlite")
            took = time.monotonic() - begun
            print(f"the store's copy, for which others wait: {took:.2f} s")


if __name__ == "__main__":
    main()
