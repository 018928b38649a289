"""The photos of a split as a training takes them: images, labels, cells and weights."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from train.data.dataset import LabelledPhoto, load_photos
from train.data.sources import Held, cell_numbers, named, source_labels
from train.evaluation.evaluated import bar
from train.fitting.draws import Cells, weights_of_photos
from train.runs.options import Options


@dataclass(frozen=True)
class Examples:
    """Prepared photos, uint8 (N, height, width, 3) RGB, and what is known of each.

    ``labels`` are float32 (N, 2C), see ``train.network.source_loss``; ``cells`` (N,) the cell of
    source and label that each stands in, one for all where cells don't count; ``weights`` float32
    (N,) their weights in the loss.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.float32]
    cells: Cells
    weights: npt.NDArray[np.float32]


def load_examples(
    name: str, photos: tuple[LabelledPhoto, ...], *, size: tuple[int, int], classes: int, held: Held
) -> Examples:
    """Read and prepare the photos of a split, with a progress bar on stderr.

    Cells count where the training photos have two sources or more.

    Args:
        name: The split, for the bar.
        photos: Its photos.
        size: (height, width) of the model's input.
        classes: Number of classes.
        held: ``classes_held`` of the training photos.
    """
    with bar(len(photos), f"reading {name}") as reading:
        images = load_photos(photos, size=size, on_photo=lambda: reading.update(1))
    has_cells = len(named(held)) > 1
    return Examples(
        images,
        source_labels(photos, classes, held),
        cell_numbers(photos, classes) if has_cells else np.zeros(len(photos), np.intp),
        np.array([photo.weight for photo in photos], np.float32),
    )


def training_weights(examples: Examples, options: Options) -> npt.NDArray[np.float32]:
    """Weigh the photos in the training's loss: by their own weight and by their class.

    A class is weighed by the inverse of its number of photos, if the options ask for it, so that
    one of average size weighs 1. A photo that may be of several classes counts in parts, and
    weighs as their mean.

    Returns:
        float32 (N,).
    """
    if options.class_weights == "none":
        return examples.weights
    classes = examples.labels.shape[1] // 2
    shares = examples.labels[:, :classes]
    shares = shares / shares.sum(axis=1, keepdims=True)
    counts = shares.sum(axis=0)
    by_class = np.where(counts > 0, counts[counts > 0].mean() / np.maximum(counts, 1e-9), 1)
    return np.asarray(shares @ by_class * examples.weights, np.float32)


def validation_weights(examples: Examples, options: Options) -> npt.NDArray[np.float32]:
    """Weigh the photos in the validation loss: as often as an epoch would draw them.

    Returns:
        float32 (N,) with a mean of 1.
    """
    weights = weights_of_photos(examples.cells, options.cell_temper) * examples.weights
    return np.asarray(weights / weights.mean())
