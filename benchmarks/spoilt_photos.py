"""Spoil fundus photographs in ways for which a person would take them again."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.photo.decode import Photo, decode_photo
from edge_runtime.photo.find_field import find_field

Values = npt.NDArray[np.floating] | Photo
Spoil = Callable[[Photo, np.random.Generator], Photo]


def as_stored(values: Values) -> Photo:
    """Store as a camera does, JPEG of quality 92, and read again."""
    pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    data = cv2.imencode(".jpg", np.ascontiguousarray(pixels[..., ::-1]), [1, 92])[1]
    return decode_photo(data.tobytes())


def _place(photo: Photo) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating], float]:
    """Give each pixel's place from the field's centre, x and y, and the field's diameter."""
    field = find_field(photo).field
    rows, columns = np.mgrid[: photo.shape[0], : photo.shape[1]]
    return columns - field.x, rows - field.y, (field.major + field.minor) / 2


def _blurred(photo: Photo, generator: np.random.Generator, *, share: float) -> Photo:
    """Blur by a share of the field's diameter, then the sensor's noise."""
    blurred = cv2.GaussianBlur(photo, (0, 0), share * _place(photo)[2]).astype(np.float32)
    return as_stored(blurred + generator.standard_normal(photo.shape, np.float32))


def _moved(photo: Photo, generator: np.random.Generator, *, share: float) -> Photo:
    """Move by a share of the field's diameter, in any direction, while it is taken."""
    length, angle = share * _place(photo)[2], generator.uniform(0, np.pi)
    middle = int(length) // 2 + 1
    across = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    start, end = (tuple(map(int, np.rint(middle + s * across))) for s in (-1, 1))
    kernel = np.zeros((2 * middle + 1, 2 * middle + 1), np.float32)
    cv2.line(kernel, start, end, 1.0, 1, cv2.LINE_AA)
    moved = cv2.filter2D(photo, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
    return as_stored(moved + generator.standard_normal(photo.shape, np.float32))


def _part(photo: Photo, generator: np.random.Generator, *, shape: str, fill: str) -> Photo:
    """Lose a half of 40 to 60 % or a sector of 90 to 160 degrees, black, dark or grey."""
    x, y, diameter = _place(photo)
    if shape == "half":
        turn = generator.integers(4) * np.pi / 2
        along = (x * np.cos(turn) + y * np.sin(turn)) / diameter + 0.5
        lost = along < generator.uniform(0.4, 0.6)
    else:
        turned = (np.arctan2(y, x) - generator.uniform(0, 2 * np.pi)) % (2 * np.pi)
        lost = turned < generator.uniform(0.5, 0.9) * np.pi
    to = {
        "black": 0.0,
        "dark": photo * generator.uniform(0.03, 0.12),
        "grey": float(generator.integers(90, 160)),
    }
    return as_stored(np.where(lost[..., None], to[fill], photo))


def _grey_below(photo: Photo, generator: np.random.Generator) -> Photo:
    """Be the begin of a damaged JPEG, as some readers fill it."""
    cut = photo.copy()
    cut[int(len(cut) * generator.uniform(0.35, 0.7)) :] = 128
    return cut


def _reflex(photo: Photo, generator: np.random.Generator) -> Photo:
    """Be lit by the flash in a spot of a third of the field or more."""
    x, y, diameter = _place(photo)
    turn, away = generator.uniform(0, 2 * np.pi), generator.uniform(0, 0.25) * diameter
    far = (x - away * np.cos(turn)) ** 2 + (y - away * np.sin(turn)) ** 2
    spread = generator.uniform(0.16, 0.26) * diameter
    light = np.clip(1.6 * np.exp(-far / spread**2), 0, 1)
    lit = photo.max(axis=2) > 12
    return as_stored(photo + (250.0 - photo) * (light * lit)[..., None])


def _crescent(photo: Photo, generator: np.random.Generator) -> Photo:
    """Have the haze of a pupil that the camera missed along one side."""
    x, y, diameter = _place(photo)
    turn = generator.uniform(0, 2 * np.pi)
    far = np.hypot(x + 0.28 * diameter * np.cos(turn), y + 0.28 * diameter * np.sin(turn))
    light = np.clip((far / diameter - 0.47) / 0.1, 0, 1) * (photo.max(axis=2) > 12)
    return as_stored(photo + (np.array([235.0, 225.0, 245.0]) - photo) * light[..., None])


def _two(photo: Photo, generator: np.random.Generator) -> Photo:
    """Be both eyes side by side or one above the other, touching or apart, alike or not."""
    lit = photo.max(axis=2) > 14
    rows, columns = (np.flatnonzero(lit.mean(axis=axis) > 0.02) for axis in (1, 0))
    one = photo[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    size = generator.choice([1.0, 0.8])
    other = cv2.resize(np.ascontiguousarray(one[:, ::-1]), None, fx=size, fy=size)
    if generator.random() < 0.5:
        one, other = one.transpose(1, 0, 2), other.transpose(1, 0, 2)
    gap = int(one.shape[1] * generator.choice([0, 0.03, 0.15]))
    both = np.zeros((one.shape[0], one.shape[1] + gap + other.shape[1], 3), np.uint8)
    both[:, : one.shape[1]] = one
    first = (one.shape[0] - other.shape[0]) // 2
    both[first : first + other.shape[0], one.shape[1] + gap :] = other
    return as_stored(both)


#: What a photo can suffer.
SPOILT: dict[str, Spoil] = {
    "out of focus by 1/112 of the field": lambda photo, rng: _blurred(photo, rng, share=1 / 112),
    "out of focus by 1/60": lambda photo, rng: _blurred(photo, rng, share=1 / 60),
    "out of focus by 1/40": lambda photo, rng: _blurred(photo, rng, share=1 / 40),
    "moved by 1/22": lambda photo, rng: _moved(photo, rng, share=1 / 22),
    "moved by 1/15": lambda photo, rng: _moved(photo, rng, share=1 / 15),
    "moved by 1/10": lambda photo, rng: _moved(photo, rng, share=1 / 10),
    **{
        f"{shape} {fill}": lambda photo, rng, shape=shape, fill=fill: _part(  # type: ignore[misc]
            photo, rng, shape=shape, fill=fill
        )
        for shape in ("half", "sector")
        for fill in ("black", "dark", "grey")
    },
    "grey below": _grey_below,
    "flash reflex": _reflex,
    "haze along one side": _crescent,
    "two fields": _two,
    "dark, an eighth of the light": lambda photo, _: as_stored(photo / 8.0),
    "bright, six times the light": lambda photo, _: as_stored(photo * 6.0),
    "bright, behind a white veil": lambda photo, _: as_stored(photo * 0.15 + 217.0),
}
