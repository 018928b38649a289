"""Read what the audit needs to know of each photo, and keep it by the photo's content."""

import contextlib
import hashlib
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from edge_runtime.photo.decode import Photo, decode_photo, read_photo
from edge_runtime.system.files import replacing
from train.copies.common_frame import NormalisedField, normalise_field
from train.copies.descriptors import ANGLES, MAPS, PATCH, RADII, Descriptor, describe
from train.copies.threads import thread_pool

#: Part of the cache's path. Change it when ``Facts`` or the descriptors change.
CACHE_VERSION = 1

_KINDS = {"numbers": "f8", "polar": "f2", "patch": "u1", "points": "f4", "sift": "u1"}

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Facts:
    """What the audit knows of one readable photo.

    ``size`` is (height, width) in pixels; colours are mean RGB, 0..255, of the field of view and
    of the outermost pixels; ``dark_share`` is the share of the photo outside of the lit field.
    """

    digest: str
    size_bytes: int
    size: tuple[int, int]
    field_colour: Colour
    border_colour: Colour
    dark_share: float
    is_fundus: bool
    descriptor: Descriptor


def read_facts(
    photos: Sequence[Path],
    *,
    cache: Path | None = None,
    on_share: Callable[[float], None] = lambda _: None,
) -> list[Facts | PhotoUnreadableError | PhotoNotFoundError]:
    """Read photos, or find in the cache what was read of the same bytes before.

    Args:
        photos: The files.
        cache: Folder that facts are kept in, made if need be; None keeps nothing.
        on_share: Called with the share of the photos that is read, 0..1.

    Returns:
        In the order of ``photos``; the error in the place of a photo that can't be read.
    """
    folder = cache / f"audit-{CACHE_VERSION}-cv{cv2.__version__}" if cache else None

    def read(path: Path) -> Facts | PhotoUnreadableError | PhotoNotFoundError:
        try:
            data = read_photo(path)
            digest = hashlib.sha256(data).hexdigest()
            kept = folder / digest[:2] / f"{digest}.npz" if folder else None
            if kept and (facts := _load(kept, digest, len(data))):
                return facts
            facts = _measure(decode_photo(data, path=path), digest, len(data))
        except (PhotoUnreadableError, PhotoNotFoundError) as error:
            return error
        if kept:
            _save(kept, facts)
        return facts

    found = []
    with thread_pool() as pool:
        for facts in pool.map(read, photos):
            found.append(facts)
            on_share(len(found) / len(photos))
    return found


def _measure(photo: Photo, digest: str, size_bytes: int) -> Facts:
    field = normalise_field(photo)
    height, width = photo.shape[:2]
    edge = max(1, min(height, width) // 50)
    sides = (photo[:edge], photo[-edge:], photo[:, :edge], photo[:, -edge:])
    border = np.concatenate([side.reshape(-1, 3) for side in sides]).mean(axis=0)
    inside = field.pixels[field.inside] if field.inside.any() else field.pixels.reshape(-1, 3)
    return Facts(
        digest=digest,
        size_bytes=size_bytes,
        size=(height, width),
        field_colour=tuple(inside.mean(axis=0).tolist()),
        border_colour=tuple(border.tolist()),
        dark_share=field.dark_share,
        is_fundus=_looks_like_fundus(field, inside),
        descriptor=describe(field),
    )


def _looks_like_fundus(field: NormalisedField, inside: npt.NDArray[np.uint8]) -> bool:
    """Tell fundus photos from documents, scenes and empty pictures.

    A round lit field is enough unless it is blank. A photo without one must be smooth, and either
    coloured as a retina, red before green before blue, or dark in all corners of a lit area that
    fills the rest.
    """
    if float(inside.std(axis=0).max()) < 2:
        return False
    if field.is_round:
        return True
    red, green, blue = inside.mean(axis=0)
    light = field.pixels[..., 1].astype(np.float32)
    rough = float(np.abs(cv2.Laplacian(light, cv2.CV_32F))[field.inside].mean())
    corners = field.inside[np.ix_((4, -5), (4, -5))]
    is_cut_round = bool(field.inside.mean() > 0.6 and not corners.any())
    is_red = red > 1.1 * green and green > blue - 5
    return bool((is_cut_round or is_red) and rough < 0.25 * max(red, green))


def _load(path: Path, digest: str, size_bytes: int) -> Facts | None:
    """Read facts from the cache; None if there are none, or what is there isn't whole."""
    try:
        with path.open("rb") as whole, np.load(whole, allow_pickle=False) as file:
            numbers, polar, patch, points, sift = arrays = [file[name] for name in _KINDS]
    # SystemError: NumPy parses headers, which Python 3.11 can't in threads (python#106905)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, SystemError):
        return None
    count = points.shape[:1]
    shapes = [(10,), (MAPS, RADII, ANGLES), (PATCH, PATCH), (*count, 2), (*count, 128)]
    if (
        [each.dtype for each in arrays] != list(_KINDS.values())
        or [each.shape for each in arrays] != shapes
        or not np.isfinite(numbers).all()
    ):
        return None
    height, width, *colours, dark_share, is_fundus = numbers.tolist()
    return Facts(
        digest=digest,
        size_bytes=size_bytes,
        size=(int(height), int(width)),
        field_colour=tuple(colours[:3]),
        border_colour=tuple(colours[3:]),
        dark_share=dark_share,
        is_fundus=bool(is_fundus),
        descriptor=Descriptor(polar, patch, points, sift),
    )


def _save(path: Path, facts: Facts) -> None:
    """Keep facts; a cache that can't be written to costs time and nothing else."""
    colours = (*facts.field_colour, *facts.border_colour)
    numbers = np.array([*facts.size, *colours, facts.dark_share, facts.is_fundus], np.float64)
    with contextlib.suppress(OSError):
        cache = path.parents[2]
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)  # others kept there ask for no less
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not synced: there are thousands, and one that was lost is read anew.
        with replacing(path, private=True, sync=False) as file:
            np.savez(file, numbers=numbers, **vars(facts.descriptor))
