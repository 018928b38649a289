"""What is known of the classes and the sources of photos, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
import numpy.typing as npt

from train.data.labelled import NOT, LabelledPhoto

#: In the place of a class's index: not known.
UNKNOWN = -1


@dataclass(frozen=True, eq=False)
class Truth:
    """What is known of N photos.

    ``labels`` int (N,) are indices of classes, ``UNKNOWN`` where only the class that a photo isn't
    is known: ``excluded`` int (N,) has that one's index, ``UNKNOWN`` elsewhere. ``sources`` and
    ``cameras`` have N names, empty where nothing tells.
    """

    labels: npt.NDArray[np.intp]
    excluded: npt.NDArray[np.intp]
    sources: tuple[str, ...]
    cameras: tuple[str, ...]

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Where the class itself is known, (N,)."""
        return np.asarray(self.labels != UNKNOWN)

    def part(self, chosen: npt.NDArray[np.bool_]) -> "Truth":
        """Keep the photos where ``chosen``, bool (N,), is true."""
        sources, cameras = compress(self.sources, chosen), compress(self.cameras, chosen)
        return Truth(self.labels[chosen], self.excluded[chosen], tuple(sources), tuple(cameras))

    def names(self, classes: Sequence[str]) -> tuple[str, ...]:
        """Name what is known of each photo: its class, or ``!`` and the class that it isn't."""
        return tuple(
            classes[label] if label != UNKNOWN else NOT + classes[excluded]
            for label, excluded in zip(self.labels, self.excluded, strict=True)
        )


def truth_of(photos: Sequence[LabelledPhoto]) -> Truth:
    """Gather what is known of photos, in their order."""
    return Truth(
        np.array([UNKNOWN if p.label is None else p.label for p in photos], np.intp),
        np.array([UNKNOWN if p.excluded is None else p.excluded for p in photos], np.intp),
        tuple(photo.source for photo in photos),
        tuple(photo.camera for photo in photos),
    )
