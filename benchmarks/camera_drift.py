"""Measure how often the station says of a good camera that it drifts, and of a bad one that not.

    python benchmarks/camera_drift.py DATASET --source srahim [--days 300] [--photos 600]

DATASET has a table ``labels.csv`` with file, source and patient of each photograph; those of one
source are of one camera. Days are simulated of its patients in random order, eight hours each, a
number of people an hour, and the station looks at the end of each hour. A false day is one on which
it said of the camera as it is that it drifts. Then the second half of each day is taken with a lens
that somebody touched, out of focus, with half the flash, or with another white balance.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.photo.decode import decode
from edge_runtime.photo.prepare import prepare_timed
from edge_runtime.station.camera_look import camera_look
from edge_runtime.station.drift import Values, drifts

Picture = npt.NDArray[Any]
HOURS, PEOPLE = 8, (4, 8, 12, 24)


def smeared(picture: Picture) -> Picture:
    """Veil a picture, as a fingerprint does: softer, paler, with light where there was none."""
    soft = cv2.GaussianBlur(picture, (0, 0), picture.shape[0] / 100).astype(np.float32)
    return 0.5 * picture + 0.3 * soft + 25 * (picture.max(axis=2, keepdims=True) > 20)


def out_of_focus(picture: Picture) -> Picture:
    """Blur a picture by a 120th of its height, which the gate doesn't refuse yet."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), picture.shape[0] / 120))


def less_flash(picture: Picture) -> Picture:
    """Halve the light, as a camera's encoding shows that."""
    return picture * 0.5 ** (1 / 2.2)


def other_white(picture: Picture) -> Picture:
    """Shift the white balance from lamp light to daylight: more red, less blue (BGR)."""
    return picture * np.array([0.7, 0.95, 1.15])


CHANGES: dict[str, Callable[[Picture], Picture]] = {
    "as it is": lambda picture: picture,
    "smeared": smeared,
    "out of focus": out_of_focus,
    "less flash": less_flash,
    "other white": other_white,
}


def measured(picture: Picture) -> list[float] | None:
    """Measure a picture as the station does, from its file on."""
    data = cv2.imencode(".jpg", np.clip(picture, 0, 255).astype(np.uint8))[1].tobytes()
    decoded = decode(data, path=Path("photo.jpg"))
    look = camera_look(prepare_timed(decoded, size=(224, 224), limits=QualityLimits(), decode_ms=0))
    return look and [look.sharpness, look.brightness, look.red, look.blue]


def people_of(dataset: Path, source: str, most: int) -> dict[str, Values]:
    """Measure each patient's photographs, changed in each way: (patients, measures)."""
    patients: dict[str, list[str]] = defaultdict(list)
    with (dataset / "labels.csv").open(newline="", encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["source"] == source]
    for row in rows[:most]:
        patients[row["patient"] or row["file"]].append(row["file"])
    found: dict[str, list[Values]] = {name: [] for name in CHANGES}
    for files in patients.values():
        pictures = [cv2.imread(str(dataset / file)) for file in files[:2]]
        for name, change in CHANGES.items():
            looks = [look for each in pictures if (look := measured(change(each)))]
            found[name].append(np.mean(looks, axis=0) if looks else np.full(4, np.nan))
    kept = np.all([np.isfinite(each).all(axis=1) for each in map(np.array, found.values())], axis=0)
    return {name: np.array(each)[kept] for name, each in found.items()}


def is_said(people: dict[str, Values], change: str, order: Values, per: int) -> bool:
    """Simulate a day whose second half is changed, and tell whether drift is ever said of it."""
    hours = []
    for hour in range(HOURS):
        those = order[hour * per : (hour + 1) * per]
        hours.append(people[change if hour >= HOURS // 2 else "as it is"][those])
    return any(drifts(hours[:end]) for end in range(1, HOURS + 1))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--source", required=True)
    parser.add_argument("--days", type=int, default=300)
    parser.add_argument("--photos", type=int, default=600)
    given = parser.parse_args()
    people, generator = (
        people_of(given.dataset, given.source, given.photos),
        np.random.default_rng(0),
    )
    count = len(people["as it is"])
    print(f"{given.source}: {count} people, {given.days} days each")
    for per in PEOPLE:
        if per * HOURS > count:
            break
        orders = [generator.permutation(count) for _ in range(given.days)]
        for change in CHANGES:
            said = np.mean([is_said(people, change, order, per) for order in orders])
            print(f"{per:3} people an hour, {change}: said on {said:.1%} of the days")


if __name__ == "__main__":
    main()
