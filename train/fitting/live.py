"""Fit phase 2 on the photos themselves, which are augmented anew in every epoch."""

import cv2
import numpy as np
import numpy.typing as npt

from train.fitting.augment import augment
from train.fitting.batches import Indices, Load
from train.fitting.phase import Work, fit_phase
from train.fitting.trained import what_trains
from train.network.model import logits_of
from train.runs.options import Options


def fit_live(work: Work) -> None:
    """Phase 2 on the photos, small ones first if the options say so.

    Each size goes on from the state that the one before it kept, optimiser and all.
    """
    *smaller, (size, epochs) = work.options.epochs_by_size
    for small, until in smaller:
        if len(work.history.of("fine")) < until:
            _fit_at(work, small, until)
    _fit_at(work, size, epochs)


def _fit_at(work: Work, size: int, until: int) -> None:
    """Fit phase 2 at a size of picture up to a number of epochs from its beginning."""
    train, val = (
        images if images.shape[1] == size else resized(images, size)
        for images in (work.train.images, work.val.images)
    )
    trained = what_trains(work.model, work.options, size=size)
    # A model of its own is compiled, so that the saved one carries no optimiser.
    fit_phase(
        work, "fine", logits_of(trained.model), fresh_variants(train, work.options),
        validation=lambda chosen, *_: val[chosen], until=until, give_back=trained.give_back,
    )  # fmt: skip


def resized(images: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """Make prepared photos smaller: uint8 (N, height, width, 3) to (N, size, size, 3)."""
    small = np.empty((len(images), size, size, 3), np.uint8)
    for image, target in zip(images, small, strict=True):
        cv2.resize(image, (size, size), dst=target, interpolation=cv2.INTER_AREA)
    return small


def fresh_variants(images: npt.NDArray[np.uint8], options: Options) -> Load:
    """Give each photo as itself in one of ``variants`` turns, else augmented anew."""

    def load(
        chosen: Indices, turns: Indices, generator: np.random.Generator
    ) -> npt.NDArray[np.uint8]:
        photos = images[chosen]
        for at in np.flatnonzero((chosen + turns) % options.variants):
            photos[at] = augment(photos[at], generator, strength=options.augmentation)
        return photos

    return load
