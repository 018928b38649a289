"""Say which diseases the photos of one source can show a model to tell, and from what."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from train.data.truth import Truth

#: The class of this name is that of healthy eyes.
HEALTHY = "normal"

#: What a class is told from in a dataset that has no healthy one.
REST = "the rest"


@dataclass(frozen=True, eq=False)
class Contrast:
    """A class's photos of one source, and those of the same source that it is told from.

    ``disease`` is the class's index. ``against`` says what the others are: ``HEALTHY``, ``!`` and
    the class (any but that), or ``REST``. ``positive`` and ``negative`` are bool (N,), over all
    photos of all sources.
    """

    source: str
    disease: int
    against: str
    positive: npt.NDArray[np.bool_]
    negative: npt.NDArray[np.bool_]


def sources_of(truth: Truth) -> tuple[str, ...]:
    """List the sources by name; photos without one are of the source "", which comes first."""
    return tuple(sorted(set(truth.sources)))


def contrasts(truth: Truth, classes: Sequence[str]) -> tuple[Contrast, ...]:
    """List what can be told within each source.

    Photographs of different sources differ in much beside the disease: the camera, the frame, the
    file. So a disease is told from healthy eyes of its own source alone. Where a source has none,
    those that are known not to have the disease stand in; they may have another one.

    Args:
        truth: What is known of N photos.
        classes: The C class names in the model's order.

    Returns:
        One for each class of which a source has photos, by source and class; ``negative`` is all
        false where there is nothing to tell it from.
    """
    found = []
    of_source = np.array(truth.sources, object)
    for source in sources_of(truth):
        here = np.asarray(of_source == source)
        for disease, name in enumerate(classes):
            if name == HEALTHY:
                continue
            positive = here & (truth.labels == disease)
            if not positive.any():
                continue
            against, negative = _negatives(truth, classes, here, disease)
            found.append(Contrast(source, disease, against, positive, negative))
    return tuple(found)


def _negatives(
    truth: Truth, classes: Sequence[str], here: npt.NDArray[np.bool_], disease: int
) -> tuple[str, npt.NDArray[np.bool_]]:
    spared = here & (truth.excluded == disease)
    if HEALTHY not in classes:
        return REST, spared | (here & truth.known & (truth.labels != disease))
    healthy = here & (truth.labels == list(classes).index(HEALTHY))
    if spared.any() and not healthy.any():
        return f"!{classes[disease]}", spared
    return HEALTHY, healthy
