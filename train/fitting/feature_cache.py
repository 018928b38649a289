"""Compute once what frozen layers make of each variant of each photo."""

import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import BinaryIO

import click
import keras
import numpy as np
import numpy.typing as npt

from edge_runtime.errors import OutputFailedError
from edge_runtime.system.files import replacing
from edge_runtime.system.look_ahead import look_ahead
from train.evaluation.evaluated import bar
from train.fitting.augment import augment
from train.fitting.feature_store import pixel_digest
from train.runs.options import Options

# NumPy parses each file's header, and Python 3.11 fails in that where threads meet (python#106905).
_ATTEMPTS = 4

_HALF_MAX = float(np.finfo(np.float16).max)

Images = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

#: From images to pooled features (n, K), what enters the first trainable stage (n, h, w, k), and
#: the weights of the last convolution's cells (n, h', w').
Compute = Callable[[Images], tuple[Floats, Floats, Floats]]


def kept_variants(frozen: keras.Model, options: Options, *, photos: int, others: int) -> int:
    """Say on how many kept variants of all photos phase 2 works; 0 if it takes new ones instead.

    Args:
        frozen: The frozen part of a ``SplitModel``.
        options: Of them the number of variants and the room in 1e9 bytes count.
        photos: Photos that have variants.
        others: Photos that are kept as they are, that is, the validation photos.
    """
    one = 2 * int(np.prod(frozen.output[0].shape[1:]))
    fitting = max(0, int((options.cache_gb * 1e9 / one - others) // photos))
    if fitting >= options.variants or not options.cache_gb:
        return min(fitting, options.variants)
    room = f"--cache-gb {options.cache_gb:g} has room for {fitting} of {options.variants} variants"
    if fitting > 1:
        click.echo(f"{room}: phase 2 sees those alone", err=True)
        return fitting
    # One alone would be the photos without any augmentation.
    click.echo(f"{room}: phase 2 computes the frozen stages anew in every epoch", err=True)
    return 0


def variant_features(
    compute: Compute,
    images: Images,
    *,
    variant: int,
    options: Options,
    label: str,
    kept: Path | None = None,
) -> Floats:
    """Compute the pooled features of one variant of each photo.

    Each variant of each photo has a generator of its own, which doesn't depend on what other photos
    there are.

    Args:
        compute: What the frozen layers do.
        images: uint8 (N, height, width, 3).
        variant: 0 is the photo itself, others are augmented.
        options: Of them the batch, the seed and the strength of the augmentation count.
        label: For the progress bar.
        kept: Keep what enters the stage, in half precision, in ``half_file(kept)``, and the weights
            in ``weights_file(kept)``, each whole or not at all.

    Returns:
        float32 (N, K).

    Raises:
        OutputFailedError: There is too little room for what is kept.
    """
    parts: list[tuple[Floats, Floats]] = []
    keeping = replacing(half_file(kept)) if kept else nullcontext()
    with keeping as half, bar(len(images), label) as shown:
        for photos in _variants(images, variant, options):
            rows, entering, weights = compute(photos)
            if half and kept:
                if not parts:
                    _begin_half(half, kept, (len(images), *entering.shape[1:]))
                clipped = np.clip(entering, -_HALF_MAX, _HALF_MAX).astype(np.float16)
                half.write(clipped.tobytes())
            parts.append((rows, weights))
            shown.update(len(photos))
    if kept:
        with replacing(weights_file(kept)) as file:
            np.save(file, np.concatenate([weights for _, weights in parts]))
    return np.concatenate([rows for rows, _ in parts])


def photo_generator(image: Images, variant: int, seed: int) -> np.random.Generator:
    """Make the generator that augments one variant of a prepared photo."""
    return np.random.default_rng((seed, variant, int.from_bytes(pixel_digest(image), "big")))


def half_file(kept: Path) -> Path:
    """Name the file that holds, in half precision, what enters the stage."""
    return kept.with_suffix(".half.npy")


def weights_file(kept: Path) -> Path:
    """Name the file that holds the weights of the last convolution's cells."""
    return kept.with_suffix(".weights.npy")


def is_kept(kept: Path, photos: int) -> bool:
    """Tell whether both files are there for as many photos, and not cut off."""
    files = (half_file(kept), weights_file(kept))
    try:
        return all(len(np.load(file, mmap_mode="r")) == photos for file in files)
    except (OSError, ValueError, EOFError):
        return False


def read_kept(kept: Path, rows: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Read what the rest of the network takes of some photos, in the order asked for."""
    return read_rows(half_file(kept), rows), read_rows(weights_file(kept), rows)


def read_rows(path: Path, rows: npt.NDArray[np.intp]) -> Floats:
    """Read rows of an array file, in the order asked for.

    The file is mapped anew each time, so that what was read before doesn't stay in this
    process's memory.
    """
    for _ in range(_ATTEMPTS - 1):
        with suppress(SystemError):
            return np.asarray(np.load(path, mmap_mode="r")[rows], np.float32)
    return np.asarray(np.load(path, mmap_mode="r")[rows], np.float32)


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
        cause = (error.strerror or str(error)).lower()
        raise OutputFailedError(
            path.parent,
            f"{cause}: a variant of all photos takes {size / 1e9:.1f} GB; make room and go on with "
            "--resume, or train anew with a smaller --cache-gb",
        ) from error


def _variants(images: Images, variant: int, options: Options) -> Iterator[Images]:
    """Give batches of a variant, the next ones being made while one is in use."""

    def change(image: Images) -> Images:
        generator = photo_generator(image, variant, options.seed)
        return augment(image, generator, strength=options.augmentation)

    def make(at: int) -> Images:
        photos = images[at : at + options.batch]
        return np.stack([change(image) for image in photos]) if variant else photos

    begins = range(0, len(images), options.batch)
    return (coming.result() for coming in look_ahead(make, begins, ahead=2, threads=2))
