"""Compute once what frozen layers make of each variant of each photo."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO

import click
import keras
import numpy as np
import numpy.typing as npt

from edge_runtime.errors import OutputFailedError
from edge_runtime.system.files import replacing
from train.fitting.augment import augment
from train.fitting.feature_store import pixel_digest

# NumPy parses each file's header, and Python 3.11 fails in that where threads meet (python#106905).
_ATTEMPTS = 4

Images = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Compute = Callable[[Images], tuple[Floats, Floats, Floats]]


def kept_variants(frozen: keras.Model, *, photos: int, others: int, cache_gb: float) -> int:
    """Say how many variants of all photos fit into the cache.

    Args:
        frozen: The frozen part of a ``Split``.
        photos: Photos that have variants.
        others: Photos that are kept as they are, that is, the validation photos.
        cache_gb: Room, in 1e9 bytes.
    """
    one = 2 * int(np.prod(frozen.output[0].shape[1:]))
    return max(0, int((cache_gb * 1e9 / one - others) // photos))


def variant_features(
    compute: Compute,
    images: Images,
    *,
    variant: int,
    target: Path,
    batch: int,
    seed: int,
    strength: float,
    label: str,
    keep: bool = False,
) -> npt.NDArray[np.float32]:
    """Compute the pooled features of one variant of each photo, or take them from ``target``.

    Files are written whole under another name and then renamed, so what is there is complete.

    Args:
        compute: From images to pooled features (n, K), what enters the stage (n, h, w, k) and the
            weights of the last convolution's cells (n, h', w').
        images: uint8 (N, height, width, 3).
        variant: 0 is the photo itself, others are augmented.
        target: The file of the features.
        batch: Photos a step.
        seed: Seed of the augmentation; each variant of each photo has a generator of its own, which
            doesn't depend on what other photos there are.
        strength: Strength of the augmentation.
        label: For the progress bar.
        keep: Keep what enters the stage and the weights too, in ``half_file(target)`` and
            ``weights_file(target)``.

    Returns:
        float32 (N, K).
    """
    store = half_file(target)
    kept = (target, store, weights_file(target)) if keep else (target,)
    if all(_is_whole(file, len(images)) for file in kept):
        return np.asarray(np.load(target), np.float32)
    target.parent.mkdir(parents=True, exist_ok=True)
    parts: list[tuple[Floats, Floats]] = []
    starts = range(0, len(images), batch)
    with (
        replacing(store) if keep else nullcontext() as half,
        click.progressbar(
            starts, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar,
    ):
        for at, photos in zip(bar, _variants(images, variant, batch, seed, strength), strict=True):
            rows, entering, weights = compute(photos)
            parts.append((rows, weights))
            if half:
                if at == 0:
                    _begin_half(half, store, (len(images), *entering.shape[1:]))
                clipped = np.clip(entering, -_HALF_MAX, _HALF_MAX).astype(np.float16)
                half.write(clipped.tobytes())
    if keep:
        _save(np.concatenate([weights for _, weights in parts]), weights_file(target))
    features = np.concatenate([rows for rows, _ in parts])
    _save(features, target)
    return features


def photo_generator(image: npt.NDArray[np.uint8], variant: int, seed: int) -> np.random.Generator:
    """Make the generator that augments one variant of a prepared photo."""
    return np.random.default_rng((seed, variant, int.from_bytes(pixel_digest(image), "big")))


def half_file(target: Path) -> Path:
    """Name the file that holds, in half precision, what enters the stage."""
    return target.with_suffix(".half.npy")


def weights_file(target: Path) -> Path:
    """Name the file that holds the weights of the last convolution's cells."""
    return target.with_suffix(".weights.npy")


def read_rows(path: Path, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
    """Read rows of an array file, in the order asked for.

    The file is mapped anew each time, so that what was read before doesn't stay in this
    process's memory.
    """
    for _ in range(_ATTEMPTS - 1):
        with contextlib.suppress(SystemError):
            return np.asarray(np.load(path, mmap_mode="r")[rows], np.float32)
    return np.asarray(np.load(path, mmap_mode="r")[rows], np.float32)


def _save(values: Floats, target: Path) -> None:
    with replacing(target) as file:
        np.save(file, values)


def _is_whole(path: Path, rows: int) -> bool:
    """Tell whether an array file is there with as many rows, and not cut off."""
    try:
        return len(np.load(path, mmap_mode="r")) == rows
    except (OSError, ValueError, EOFError):
        return False


def _begin_half(file: BinaryIO, path: Path, shape: tuple[int, ...]) -> None:
    """Write an array's header, and take the disk space of the whole before the long work.

    What is written goes through no memory map: its pages would count as this process's memory.

    Raises:
        OutputFailedError: There isn't enough.
    """
    header = {"descr": "<f2", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    size = file.tell() + 2 * int(np.prod(shape))
    file.flush()
    try:
        os.posix_fallocate(file.fileno(), 0, size)
    except OSError as error:
        cause = f"{(error.strerror or str(error)).lower()}: a variant of all photos takes "
        cause += f"{size / 1e9:.1f} GB; make room and go on with --resume, or train anew with a "
        cause += "smaller --cache-gb"
        raise OutputFailedError(path.parent, cause) from error


_HALF_MAX = float(np.finfo(np.float16).max)


def _variants(
    images: Images, variant: int, batch: int, seed: int, strength: float
) -> Iterator[Images]:
    """Yield batches of a variant, the next one being made while one is in use."""

    def make(at: int) -> Images:
        if variant == 0:
            return images[at : at + batch]
        return np.stack(
            [
                augment(image, photo_generator(image, variant, seed), strength=strength)
                for image in images[at : at + batch]
            ]
        )

    with ThreadPoolExecutor(2) as pool:
        starts = list(range(0, len(images), batch))
        waiting = [pool.submit(make, at) for at in starts[:3]]
        for at in starts[3:] + [None] * min(3, len(starts)):
            yield waiting.pop(0).result()
            if at is not None:
                waiting.append(pool.submit(make, at))
