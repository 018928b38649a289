"""Photographs with marked disc and fovea, and how fitting varies them."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.explain.landmark_network import SIDE, network_input
from edge_runtime.photo.decode import decode_photo, read_photo
from edge_runtime.photo.round_field import round_field

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
from make_fundus import draw_fundus

STORED = 144  # pixels a side of the round fields that are kept in memory
_GRID = (np.mgrid[:SIDE, :SIDE].astype(np.float32) - (SIDE - 1) / 2) / (SIDE / 2)
_Y, _X = _GRID
_OUT = np.hypot(_X, _Y)

Floats = npt.NDArray[np.float32]
Point = npt.NDArray[np.float64]
_FOVEAS = Path(__file__).with_name("idrid_foveas.csv")


@dataclass(frozen=True, eq=False)
class Marked:
    """A round field and its landmarks in radii of the field from its centre.

    ``disc`` is None where it isn't visible. ``fovea`` is None where it isn't, and ``fovea_known``
    false where nobody said.
    """

    image: npt.NDArray[np.uint8]
    inside: npt.NDArray[np.bool_]
    disc: Point | None = None
    radius: float = 0.0
    fovea: Point | None = None
    fovea_known: bool = False


def read_round(path: Path, *, size: int = STORED) -> Marked:
    """Read a photo's round field, unmarked."""
    found = round_field(decode_photo(read_photo(path)), size=(size, size))
    return Marked(found.image, found.inside)


def read_idrid(folder: Path, *, size: int = STORED) -> dict[str, Marked]:
    """Read the photographs of the folder idrid-segmentation by name, with the masks' discs.

    A disc is the circle of its mask's centre and area. The foveas were marked by eye, by no
    ophthalmologist, for this fit.
    """
    foveas = {
        name: np.array([float(x), float(y)])
        for name, x, y in (line.split(",") for line in _FOVEAS.read_text().splitlines()[1:])
    }
    marked = {}
    for path in sorted((folder / "images").glob("*.jpg")):
        photo = decode_photo(read_photo(path))
        found = round_field(photo, size=(size, size))
        mask = cv2.imread(str(folder / "masks/optic_disc" / f"{path.stem}.png"), 0)
        mask = cv2.resize(mask, photo.shape[1::-1], interpolation=cv2.INTER_AREA)
        mask = cv2.warpAffine(mask, found.field.to_square((size, size)), (size, size)) / mask.max()
        at = (np.arange(size) - (size - 1) / 2) / (size / 2)
        area = mask.sum()
        disc = np.array([(mask @ at).sum(), (at @ mask).sum()]) / area
        radius = float(np.sqrt(area / np.pi) / (size / 2))
        marked[path.stem] = Marked(
            found.image, found.inside, disc, radius, foveas[path.stem], fovea_known=True
        )
    return marked


def draw_marked(count: int) -> list[Marked]:
    """Draw eyes as examples/make_fundus.py does, so that demonstrations work too.

    Their disc is the brightest green, a sixth of the field in radius. The tests' seeds are others.
    """
    drawn = []
    for number in range(count):
        photo = draw_fundus(("normal", "glaucoma", "cataract")[number % 3], seed=1000 + number)
        found = round_field(photo, size=(STORED, STORED))
        rows, columns = np.nonzero(found.image[..., 1] > 170)
        disc = (np.array([columns.mean(), rows.mean()]) - (STORED - 1) / 2) / (STORED / 2)
        fovea = np.array([-0.15 * np.sign(disc[0]), 0.0])
        drawn.append(Marked(found.image, found.inside, disc, 1 / 6, fovea, fovea_known=True))
    return drawn


def vary(photo: Marked, generator: np.random.Generator) -> tuple[Floats, Marked]:
    """Show a photo as another camera and another eye might: the network's input, and its marks."""
    if photo.disc is not None and abs(photo.disc[0]) > 0.4 and generator.random() < 0.1:
        photo = _without_disc(photo)
    moved = _moved(photo, generator)
    image = moved.image.astype(np.float32)
    if generator.random() < 0.1:
        image, moved = _opaque(image, moved, generator)
    for spots, chance in ((_bright_spots, 0.35), (_dark_spots, 0.25), (_reflex, 0.25)):
        if generator.random() < chance:
            image = spots(image, moved, generator)
    for change, chance in ((_rim_glare, 0.2), (_uneven, 0.7), (_hazy, 0.4)):
        if generator.random() < chance:
            image = change(image, generator)
    image = _other_colours(image, generator)
    image[~moved.inside] = 0
    return network_input(image, moved.inside), moved


def _without_disc(photo: Marked) -> Marked:
    """Paint the disc over with the other side of the same photo."""
    at = (np.arange(STORED) - (STORED - 1) / 2) / (STORED / 2)
    away = np.hypot(at - photo.disc[0], (at - photo.disc[1])[:, None]) / photo.radius
    weight = np.clip((2.0 - away) / 0.7, 0, 1) * photo.inside
    ring = (weight > 0) & (weight < 1) & photo.inside[:, ::-1]
    mirrored = photo.image[:, ::-1].astype(np.float32)
    if not ring.any():
        return photo
    shift = photo.image[ring].mean(axis=0) - mirrored[ring].mean(axis=0)
    patch = np.where(photo.inside[:, ::-1, None], mirrored + shift, photo.image[ring].mean(axis=0))
    image = photo.image * (1 - weight[..., None]) + np.clip(patch, 0, 255) * weight[..., None]
    return replace(photo, image=image.astype(np.uint8), disc=None)


def _moved(photo: Marked, generator: np.random.Generator) -> Marked:
    """Turn, mirror, scale, squeeze and shift; what leaves the field isn't visible."""
    turn = generator.normal(0, 0.21) if generator.random() < 0.85 else generator.uniform(-3.1, 3.1)
    scale, squeeze = np.exp(generator.normal((-0.04, 0.0), (0.2, 0.05)))
    cos, sin = np.cos(turn), np.sin(turn)
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.diag(
        [scale * squeeze * generator.choice([-1, 1]), scale / squeeze]
    )
    shift = generator.normal(0, 0.12 if generator.random() < 0.7 else 0.45, 2) * [1, 0.7]
    to = matrix * (SIDE / STORED)
    middle = shift * SIDE / 2 + (SIDE - 1) / 2 - to @ np.full(2, (STORED - 1) / 2)
    warp = np.column_stack([to, middle])
    image = np.asarray(cv2.warpAffine(photo.image, warp, (SIDE, SIDE)), np.uint8)
    lit = cv2.warpAffine(photo.inside.view(np.uint8) * 255, warp, (SIDE, SIDE))
    inside = (np.asarray(lit) > 127) & (_OUT <= 0.98)
    if generator.random() < 0.15:
        inside &= np.abs(_Y) < generator.uniform(0.65, 0.95)

    def place(point: Point | None) -> Point | None:
        moved = None if point is None else matrix @ point + shift
        if moved is None or np.hypot(*moved) > 1:
            return None
        return moved if (inside & (np.hypot(_X - moved[0], _Y - moved[1]) < 0.07)).any() else None

    radius = photo.radius * float(scale)
    return Marked(image, inside, place(photo.disc), radius, place(photo.fovea), photo.fovea_known)


def _bright_spots(image: Floats, photo: Marked, generator: np.random.Generator) -> Floats:
    """Scatter exudates, drusen and reflexes of up to a disc's size, beside the disc."""
    lit = image[photo.inside] if photo.inside.any() else np.full((1, 3), 100.0)
    brightest = np.percentile(lit, 98, axis=0)
    for _ in range(generator.integers(1, 9)):
        at = generator.uniform(-0.9, 0.9, 2).astype(np.float32)
        if photo.disc is not None and np.hypot(*(at - photo.disc)) < 2.2 * photo.radius:
            continue
        radius = photo.radius * np.exp(generator.uniform(-1.9, 0.1))
        long, turn = generator.uniform(0.6, 1.6), generator.uniform(0, np.pi)
        cos, sin = np.float32([np.cos(turn), np.sin(turn)])
        along = (_X - at[0]) * cos + (_Y - at[1]) * sin
        across = (_Y - at[1]) * cos - (_X - at[0]) * sin
        away = np.hypot(along * np.float32(long / radius), across / np.float32(long * radius))
        weight = np.clip((1.15 - away) / 0.3, 0, 1) * np.float32(generator.uniform(0.4, 1))
        colour = (brightest * generator.uniform(0.9, 1.3)).astype(np.float32)
        image = image + (colour - image) * weight[..., None]
    return image


def _reflex(image: Floats, photo: Marked, generator: np.random.Generator) -> Floats:
    """Add a reflex of the flash: a soft whitish or bluish disc, mostly near middle or rim."""
    turn = generator.uniform(-np.pi, np.pi)
    out = generator.uniform(0.3, 1.0) if generator.random() < 0.6 else generator.uniform(0, 0.2)
    at = np.float32([out * np.cos(turn), 0.7 * out * np.sin(turn)])
    if photo.disc is not None and np.hypot(*(at - photo.disc)) < 2.5 * photo.radius:
        return image
    radius = np.float32(photo.radius * np.exp(generator.uniform(-0.9, 0.6)))
    away = np.hypot(_X - at[0], (_Y - at[1]) * np.float32(generator.uniform(0.4, 1.1))) / radius
    weight = np.exp(-(away ** np.float32(generator.uniform(1.5, 6))))
    weight *= np.float32(generator.uniform(0.1, 0.9))
    colour = generator.uniform(150, 255) * np.array([1, 1, 1.05]) * generator.uniform(0.75, 1, 3)
    return image + (colour.astype(np.float32) - image) * weight[..., None]


def _opaque(image: Floats, photo: Marked, generator: np.random.Generator) -> tuple[Floats, Marked]:
    """Look through a lens so cloudy that nothing is seen but light, and often a reflex in it."""
    reach = generator.uniform(2, 5) * max(photo.radius, 0.1) * SIDE / 2
    share = cv2.GaussianBlur(photo.inside.astype(np.float32), (0, 0), reach)
    image = cv2.GaussianBlur(image, (0, 0), reach) / np.maximum(share, 0.05)[..., None]
    hidden = replace(photo, disc=None, fovea=None, fovea_known=True)
    for _ in range(generator.integers(0, 4)):
        image = _reflex(image, hidden, generator)
    return image, hidden


def _dark_spots(image: Floats, photo: Marked, generator: np.random.Generator) -> Floats:
    """Scatter haemorrhages and pigment, beside the disc."""
    for _ in range(generator.integers(1, 8)):
        at = generator.uniform(-0.9, 0.9, 2).astype(np.float32)
        if photo.disc is not None and np.hypot(*(at - photo.disc)) < 1.5 * photo.radius:
            continue
        radius = np.float32(photo.radius * np.exp(generator.uniform(-1.6, -0.2)))
        weight = np.clip((1.2 - np.hypot(_X - at[0], _Y - at[1]) / radius) / 0.5, 0, 1)
        weight *= np.float32(generator.uniform(0.2, 0.8))
        image = image * (1 - weight[..., None] * np.float32([0.5, 0.8, 0.6]))
    return image


def _rim_glare(image: Floats, generator: np.random.Generator) -> Floats:
    """Light a part of the rim."""
    towards = np.cos(np.arctan2(_Y, _X) - np.float32(generator.uniform(-np.pi, np.pi)))
    weight = np.clip((_OUT - np.float32(generator.uniform(0.6, 0.85))) / np.float32(0.2), 0, 1)
    weight *= np.clip(towards - np.float32(generator.uniform(-0.5, 0.7)), 0, 1)
    colour = generator.uniform(40, 200) * np.array([1, 0.9, 0.8]) * generator.uniform(0.6, 1, 3)
    return image + weight[..., None] * colour.astype(np.float32)


def _uneven(image: Floats, generator: np.random.Generator) -> Floats:
    """Light one side more than the other, and one place more or less."""
    turn, slope, bump = generator.uniform(-np.pi, np.pi), *generator.normal(0, 0.25, 2)
    x, y = generator.uniform(-0.6, 0.6, 2).astype(np.float32)
    light = np.float32(slope * np.cos(turn)) * _X + np.float32(slope * np.sin(turn)) * _Y
    light += np.float32(bump) * np.exp(-((_X - x) ** 2 + (_Y - y) ** 2) / np.float32(0.3))
    return np.asarray(image * np.exp(light)[..., None])


def _hazy(image: Floats, generator: np.random.Generator) -> Floats:
    """Look through a cloudy lens, or be out of focus."""
    if generator.random() < 0.5:
        clear = np.float32(generator.uniform(0.1, 0.8))
        small = cv2.resize(image, (24, 24), interpolation=cv2.INTER_AREA)
        veil = cv2.resize(cv2.GaussianBlur(small, (0, 0), generator.uniform(1.5, 5)), (SIDE, SIDE))
        image = image * clear + veil * (1 - clear)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), generator.uniform(0.3, 2)))


def _other_colours(image: Floats, generator: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Change gains and gammas, sometimes to one channel; add the sensor's noise."""
    levels = np.linspace(0, 1, 256)[:, None]
    gamma = np.exp(generator.normal(0, 0.25) + generator.normal(0, 0.08, 3))
    table = 255 * levels**gamma * np.exp(generator.normal(0, 0.15, 3))
    changed = cv2.LUT(np.clip(image, 0, 255).astype(np.uint8),
                      np.clip(table, 0, 255).astype(np.uint8)[None])  # fmt: skip
    if generator.random() < 0.07:
        changed = np.repeat(changed[..., generator.integers(0, 2)][..., None], 3, axis=2)
    noise = generator.standard_normal(image.shape, np.float32) * np.float32(generator.uniform(0, 5))
    return np.clip(changed + noise, 0, 255).astype(np.uint8)
