"""Play a small camp into an inbox, so that anybody can see the station at work in a minute."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge_runtime.system.files import write_file

Picture = np.ndarray[Any, np.dtype[np.uint8]]

_PAUSE = 6.0  # seconds between two photographs
_RETINA = Path(__file__).with_suffix(".jpg")


def play(inbox: Path, stop: threading.Event, *, pause: float = _PAUSE) -> None:
    """Write one photograph after the other into an inbox, as a camera would.

    Args:
        inbox: The folder.
        stop: Ends it early.
        pause: Seconds between two.
    """
    for name, make in photos():
        if stop.wait(pause):
            return
        (inbox / name).parent.mkdir(exist_ok=True)
        write_file(inbox / name, cv2.imencode(".jpg", make())[1].tobytes(), private=True)


def photos() -> Iterator[tuple[str, Callable[[], Picture]]]:
    """List the photographs of the demonstration: file names, and what draws each.

    All are of one healthy left eye (CC0, see ``examples/README.md``): mirrored for a right one,
    turned and tinted for other persons, out of focus for one to take again, with spots drawn for
    one to refer.
    """
    yield "DEMO-1_OD.jpg", lambda: _mirrored(_eye())
    yield "DEMO-1_OS.jpg", _eye
    yield "DEMO-2_OD.jpg", lambda: _blurred(_mirrored(_turned(_eye(), 7)))
    yield "DEMO-2_OS.jpg", lambda: _spotted(_turned(_eye(), 7))
    yield "DEMO-2_OD_2.jpg", lambda: _mirrored(_spotted(_turned(_eye(), 7)))
    yield "DEMO-3/IMG_0001.jpg", lambda: _tinted(_turned(_eye(), -6))
    yield "DEMO-3/IMG_0002.jpg", lambda: _mirrored(_tinted(_turned(_eye(), -6)))
    yield "DEMO-4_OS.jpg", lambda: _tinted(_turned(_eye(), 11))


def _eye() -> Picture:
    return np.asarray(cv2.imread(str(_RETINA)), np.uint8)


def _mirrored(picture: Picture) -> Picture:
    return np.ascontiguousarray(picture[:, ::-1])


def _turned(picture: Picture, degrees: float) -> Picture:
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(picture, turn, (width, height)), np.uint8)


def _tinted(picture: Picture) -> Picture:
    return np.asarray(np.clip(picture * np.array([0.8, 0.95, 1.05]), 0, 255), np.uint8)


def _blurred(picture: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), picture.shape[0] / 60), np.uint8)


def _spotted(picture: Picture) -> Picture:
    """Draw soft bright and dark spots, as exudates and haemorrhages are."""
    random = np.random.default_rng(1)
    height, width = picture.shape[:2]
    bright, dark = (np.zeros((height, width), np.float32) for _ in range(2))
    for number in range(40):
        angle, far = random.uniform(0, 2 * np.pi), random.uniform(0.08, 0.33) * height
        centre = int(width / 2 + far * np.cos(angle)), int(height / 2 + far * np.sin(angle))
        cv2.circle(bright if number % 2 else dark, centre, int(random.integers(2, 5)), 1.0, -1)
    bright, dark = (0.9 * cv2.GaussianBlur(each, (0, 0), 1.5)[..., None] for each in (bright, dark))
    colours = np.array([90.0, 190.0, 235.0])
    spotted = (picture * (1 - bright) + bright * colours) * (1 - 0.75 * dark)
    return np.asarray(np.clip(spotted, 0, 255), np.uint8)
