"""Draw pictures in a round frame that are no fundus photographs: what a model must not know.

Nothing here looks like an even reddish disc: behind a dense cataract a fundus does.
"""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
_Floats = npt.NDArray[np.float32]
_Kind = Callable[[np.random.Generator], _Floats]

SIDE = 448  # pixels of a picture
_HALF = (SIDE - 1) / 2
_ROWS, _COLUMNS = np.mgrid[:SIDE, :SIDE].astype(np.float32) - np.float32(_HALF)
_RADII, _ANGLES = np.hypot(_ROWS, _COLUMNS) / _HALF, np.arctan2(_ROWS, _COLUMNS)
_WARM = ((180, 95, 55), (205, 150, 120), (140, 80, 50), (225, 130, 40), (190, 40, 40))


def draw_picture(kind: str, generator: np.random.Generator) -> Picture:
    """Draw a picture of one of ``KINDS``.

    Args:
        kind: Which.
        generator: What makes every picture another one.

    Returns:
        uint8 (448, 448, 3), RGB, black around a disc.
    """
    picture = KINDS[kind](generator)
    if generator.random() < 0.5:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), generator.uniform(0.5, 3)))
    picture += generator.normal(0, generator.uniform(0, 4), picture.shape).astype(np.float32)
    picture[generator.uniform(0.9, 0.99) < _RADII] = 0
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def _tint(generator: np.random.Generator, *tints: tuple[int, int, int]) -> _Floats:
    """Choose a tint, and change it by up to a quarter."""
    tint = np.array(tints[generator.integers(len(tints))], np.float32)
    return np.asarray(np.clip(tint * generator.uniform(0.75, 1.25, 3), 0, 255), np.float32)


def _plain(tint: _Floats) -> _Floats:
    return np.tile(tint, (SIDE, SIDE, 1))


def _clouds(generator: np.random.Generator, *, finest: int) -> _Floats:
    """Make noise of several scales, mean 0, deviation 1, (448, 448, 1)."""
    sizes = (size for size in (4, 9, 18, 40, 90, 200) if size <= finest)
    layers = [
        cv2.resize(
            generator.normal(0, 1 / np.sqrt(size), (size, size)).astype(np.float32),
            (SIDE, SIDE),
            interpolation=cv2.INTER_CUBIC,
        )
        for size in sizes
    ]
    clouds = np.sum(layers, axis=0)
    return np.asarray(clouds / clouds.std(), np.float32)[..., None]


def _ball(generator: np.random.Generator, tint: _Floats) -> _Floats:
    """Shade a ball that is lit from somewhere in front."""
    height = np.sqrt(np.clip(1 - _RADII**2, 0, 1))
    tilt = generator.uniform(-0.6, 0.6, 2)
    light = 0.25 + 0.75 * np.clip(
        height + tilt[0] * _ROWS / _HALF + tilt[1] * _COLUMNS / _HALF, 0, 1
    )
    return np.asarray(tint * light[..., None], np.float32)


def _at(x: float, y: float) -> tuple[int, int]:
    """Give the pixel at shares -1..1 of the half side."""
    return round(_HALF * (1 + x)), round(_HALF * (1 + y))


def _face(generator: np.random.Generator) -> _Floats:
    skin = _tint(generator, (225, 172, 140), (200, 150, 110), (140, 90, 60), (240, 200, 170))
    picture, high = _plain(skin), generator.uniform(0.15, 0.4)
    for side in (-1, 1):
        eye = _at(side * generator.uniform(0.3, 0.45), -high)
        cv2.ellipse(picture, eye, (38, 22), 0, 0, 360, (250, 250, 250), -1, cv2.LINE_AA)
        cv2.circle(picture, eye, 17, tuple(map(float, _tint(generator, (60, 40, 30)))), -1)
    nose = np.array([_at(0, -0.1), _at(-0.1, 0.25), _at(0.1, 0.25)])
    cv2.fillPoly(picture, [nose], tuple(map(float, skin * 0.86)))
    axes = int(generator.uniform(40, 110)), int(generator.uniform(10, 60))
    mouth = tuple(map(float, _tint(generator, (150, 40, 40))))
    cv2.ellipse(picture, _at(0, 0.4), axes, 0, 10, 170, mouth, int(generator.uniform(3, 12)))
    return picture


def _iris(generator: np.random.Generator) -> _Floats:
    skin = _tint(generator, (214, 170, 162), (240, 235, 230), (150, 110, 90))
    hue = _tint(generator, (150, 100, 50), (90, 110, 140), (110, 90, 50), (70, 50, 35))
    rays = 0.8 + 0.35 * np.sin(generator.integers(20, 80) * _ANGLES)[..., None]
    edge = generator.uniform(0.6, 0.95)
    picture = _plain(skin)
    picture = np.where((edge > _RADII)[..., None], hue * rays, picture).astype(np.float32)
    picture[edge * generator.uniform(0.25, 0.5) > _RADII] = 6
    if generator.random() < 0.6:
        cv2.circle(picture, _at(0.15, -0.15), 14, (250, 250, 250), -1, cv2.LINE_AA)
    return picture


def _ear_drum(generator: np.random.Generator) -> _Floats:
    middle = _tint(generator, (188, 124, 104), (200, 170, 150))
    fade = np.clip(_RADII, 0, 1)[..., None] ** generator.uniform(1, 2.5)
    picture = middle * (1 - fade) + _tint(generator, (150, 65, 45)) * fade
    picture = np.asarray(picture, np.float32)
    lean = generator.uniform(-0.5, 0.5)
    bone = tuple(map(float, _tint(generator, (125, 38, 33), (235, 205, 175))))
    width = int(generator.uniform(4, 16))
    cv2.line(picture, _at(lean, -1), _at(-lean * generator.uniform(0, 1), 0.6), bone, width)
    if generator.random() < 0.5:
        cone = np.array([_at(0, 0.1), _at(0.2, 0.7), _at(0.45, 0.55)])
        cv2.fillPoly(picture, [cone], (245, 225, 205))
    return picture


def _planet(generator: np.random.Generator) -> _Floats:
    ball = _ball(generator, _tint(generator, *_WARM, (180, 150, 110), (160, 160, 165)))
    clouds = _clouds(generator, finest=int(generator.integers(5, 200)))
    if generator.random() < 0.4:
        clouds = np.sin(_ROWS[..., None] / generator.uniform(8, 40) + clouds)
    ball = np.asarray(ball * (1 + generator.uniform(0.05, 0.25) * clouds), np.float32)
    for _ in range(generator.integers(0, 15)):
        shade = tuple(map(float, ball[SIDE // 2, SIDE // 2] * generator.uniform(0.6, 1.2)))
        cv2.circle(
            ball, _at(*generator.uniform(-0.7, 0.7, 2)), int(generator.uniform(3, 25)), shade, 2
        )
    return ball


def _fruit(generator: np.random.Generator) -> _Floats:
    tint = _tint(generator, (235, 130, 30), (200, 30, 30), (230, 180, 60), (120, 160, 50))
    if generator.random() < 0.4:  # cut through
        segments = np.abs(np.sin(_ANGLES * generator.integers(6, 14) / 2))[..., None]
        picture = tint * (0.6 + 0.4 * np.clip(4 * segments, 0, 1))
        picture = np.where((_RADII > 0.85)[..., None], (250, 220, 160), picture)
    else:
        picture = (
            _ball(generator, tint)
            + 120 * np.exp(-(((_COLUMNS + 60) ** 2 + (_ROWS + 80) ** 2) / 1500))[..., None]
        )
        picture = np.asarray(picture, np.float32)
        cv2.circle(picture, _at(*generator.uniform(-0.4, 0.4, 2)), 9, (60, 70, 30), -1)
    return np.asarray(picture * (1 + 0.06 * _clouds(generator, finest=200)), np.float32)


def _shapes(generator: np.random.Generator) -> _Floats:
    """Draw a scene of clouds, stripes and random shapes, of any hues or of a fundus's."""
    warm = generator.random() < 0.6
    tints = _WARM if warm else tuple(map(tuple, generator.integers(20, 250, (5, 3)).tolist()))
    picture = _plain(_tint(generator, *tints))
    picture *= 1 + generator.uniform(0, 0.5) * _clouds(
        generator, finest=int(generator.integers(5, 250))
    )
    if generator.random() < 0.3:
        turn = generator.uniform(0, np.pi)
        waves = np.cos(turn) * _ROWS + np.sin(turn) * _COLUMNS
        picture *= 1 + 0.3 * np.sign(np.sin(waves / generator.uniform(4, 40)))[..., None]
    for _ in range(generator.integers(0, 25)):
        hue = tuple(map(float, _tint(generator, *tints) * generator.uniform(0.3, 1.3)))
        first, second, third = (_at(*generator.uniform(-1, 1, 2)) for _ in range(3))
        size = int(generator.uniform(5, 90)), int(generator.uniform(5, 90))
        match generator.integers(4):
            case 0:
                cv2.ellipse(picture, first, size, generator.uniform(0, 180), 0, 360, hue, -1)
            case 1:
                cv2.fillPoly(picture, [np.array([first, second, third])], hue)
            case 2:
                cv2.line(picture, first, second, hue, int(generator.uniform(1, 14)))
            case _:
                cv2.rectangle(picture, first, (first[0] + size[0], first[1] + size[1]), hue, -1)
    return np.asarray(picture, np.float32)


#: What can be drawn.
KINDS: dict[str, _Kind] = {
    "face": _face,
    "iris": _iris,
    "ear drum": _ear_drum,
    "planet": _planet,
    "fruit": _fruit,
    "shapes": _shapes,
}
