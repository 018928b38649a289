"""Fit phase 2 on the photos themselves, which are augmented anew in every epoch."""

import cv2
import keras
import numpy as np
import numpy.typing as npt

from train.fitting.augment import augment
from train.fitting.batches import Indices, Load
from train.fitting.phase import Work, fit_phase
from train.network.model import backbone_of, build_model, copy_backbone, logits_of, unfreeze
from train.runs.options import Options


def fit_live(work: Work) -> None:
    """Phase 2 on the photos, small ones first if the options say so.

    Each size goes on from the state that the one before it kept, optimiser and all.
    """
    *smaller, (_, epochs) = work.options.epochs_by_size
    for size, until in smaller:
        if len(work.history.of("fine")) < until:
            backbone = copy_backbone(backbone_of(work.model), size)
            small = build_model(
                classes=work.model.output.shape[-1], size=(size, size), weights="none",
                backbone=backbone,
            )  # fmt: skip
            small.set_weights(work.model.get_weights())
            unfreeze(small, stage=work.options.unfreeze)
            _fit_at(work, small, until)
            work.model.set_weights(small.get_weights())
    _fit_at(work, work.model, epochs)


def _fit_at(work: Work, model: keras.Model, epochs: int) -> None:
    """Fit phase 2 at a model's size up to a number of epochs from its beginning."""
    size = model.input.shape[1]
    train, val = (
        images if images.shape[1] == size else resized(images, size)
        for images in (work.train.images, work.val.images)
    )
    # A model of its own is compiled, so that the saved one carries no optimiser.
    fit_phase(
        work, "fine", logits_of(model), fresh_variants(train, work.options),
        validation=lambda chosen, *_: val[chosen], until=epochs,
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
