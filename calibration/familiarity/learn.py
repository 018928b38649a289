"""Ask a model for the pooled features of photographs and drawings, and fit familiarity to them."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

import numpy as np
import numpy.typing as npt

from calibration.familiarity.drawn import KINDS, draw_picture
from calibration.familiarity.fit import Floats, fit_familiarity
from edge_runtime.bundle.familiarity import FAMILIARITY, Familiarity, FamiliarityEntry
from edge_runtime.contract import LAST_CONV
from edge_runtime.photo.round_field import prepare
from train.data.dataset import Dataset, LabelledPhoto, load_photos

Run = Callable[[npt.NDArray[np.uint8]], dict[str, npt.NDArray[np.float32]]]

#: With fewer photographs nothing can be said of what is like them.
FEWEST_TRAINING, FEWEST_VALIDATION = 100, 40

_MOST_TRAINING = 2000  # photographs; more change the limits by less than another seed does
_DRAWN = 80  # pictures of each kind
_BATCH = 16


@dataclass(frozen=True, eq=False)
class Learned:
    """What stands of it in a bundle's manifest, and in its file."""

    entry: FamiliarityEntry
    familiarity: Familiarity


def learn_familiarity(
    run: Run,
    dataset: Dataset,
    *,
    size: tuple[int, int],
    seed: int,
    on_step: Callable[[str], None] = lambda step: None,
) -> Learned | None:
    """Learn what the photographs of training look like to a model.

    Args:
        run: The model, from uint8 (N, height, width, 3) to its outputs with ``last_conv``.
        dataset: What it was trained on; its ``train_dir`` and ``val_dir`` are read.
        size: (height, width) of its input.
        seed: The same seed chooses the same photographs and draws the same pictures.
        on_step: Called with a few words, also where there are too few photographs.

    Returns:
        None where there are too few photographs.

    Raises:
        PhotoUnreadableError: A photo can't be read.
    """
    on_step("learning what the training photographs look like")
    training = _spread(dataset.splits["train_dir"], seed=seed)[:_MOST_TRAINING]
    validation = dataset.splits["val_dir"]
    if len(training) < FEWEST_TRAINING or len(validation) < FEWEST_VALIDATION:
        on_step(
            f"fewer than {FEWEST_TRAINING} photos in train_dir or {FEWEST_VALIDATION} in val_dir: "
            "the bundle can't tell which photos are unlike them"
        )
        return None
    generator = np.random.default_rng(seed)
    pictures = (
        prepare(draw_picture(kind, generator), size=size) for kind in KINDS for _ in range(_DRAWN)
    )
    familiarity = fit_familiarity(
        _features(run, _loaded(training, size)),
        _features(run, _loaded(validation, size)),
        _features(run, pictures),
        labels=[photo.label for photo in validation],
    )
    return Learned(FamiliarityEntry(FAMILIARITY, len(training), len(validation)), familiarity)


def _spread(photos: Sequence[LabelledPhoto], *, seed: int) -> list[LabelledPhoto]:
    """Order photos so that each source and label comes as soon as another."""
    mixed = list(photos)
    random.Random(seed).shuffle(mixed)
    cells: dict[tuple[object, object], list[LabelledPhoto]] = defaultdict(list)
    for photo in mixed:
        cells[photo.source, photo.label].append(photo)
    return [photo for photo in chain(*zip_longest(*cells.values())) if photo]


def _loaded(
    photos: Sequence[LabelledPhoto], size: tuple[int, int]
) -> Iterator[npt.NDArray[np.uint8]]:
    for first in range(0, len(photos), _BATCH):
        yield from load_photos(tuple(photos[first : first + _BATCH]), size=size)


def _features(run: Run, images: Iterable[npt.NDArray[np.uint8]]) -> Floats:
    """Average the last convolution of each image over its positions: float32 (N, K)."""
    found, batch = [], []
    for image in chain(images, [None]):
        if image is not None:
            batch.append(image)
        if batch and (image is None or len(batch) == _BATCH):
            found.append(run(np.stack(batch))[LAST_CONV].mean(axis=(1, 2)))
            batch = []
    return np.concatenate(found)
