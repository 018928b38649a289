"""What is known of explained photos, as every analysis takes it."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from edge_runtime.explain.landmarks import Landmarks

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ExplainedPhoto:
    """One photo beside its arrays: which it is, and what is known of it.

    ``path`` is as it was given; ``sha256`` that of the file. ``label`` is its true class,
    ``source`` the collection, ``patient`` the person (photos of one are not independent) and
    ``eye`` "left" or "right"; each is None where it isn't known. ``fault`` says why
    the quality gate or familiarity would refuse it, None if neither. ``familiarity`` is its
    distance, None where the bundle has none; ``landmarks`` are in radii of its field of view.
    """

    path: str
    sha256: str
    label: str | None
    source: str | None
    patient: str | None
    eye: str | None
    fault: str | None
    familiarity: float | None
    landmarks: Landmarks


@dataclass(frozen=True, eq=False)
class Explained:
    """N photos with the model's answers.

    ``maps`` is float32 (N, C, h, w), the signed Grad-CAM of every class in logits over the square
    around the field of view, ``probabilities`` float32 (N, C), ``features`` float32 (N, K), the
    last convolution's means. ``photos`` and the arrays are in one order.
    """

    classes: tuple[str, ...]
    photos: tuple[ExplainedPhoto, ...]
    maps: Floats
    probabilities: Floats
    features: Floats

    @property
    def top(self) -> npt.NDArray[np.intp]:
        """The predicted class of each, (N,), as an index into ``classes``."""
        return np.asarray(self.probabilities.argmax(axis=1))

    @property
    def labels(self) -> npt.NDArray[np.intp]:
        """The true class of each, (N,), likewise; -1 where it isn't known."""
        index = {name: number for number, name in enumerate(self.classes)}
        return np.array([index.get(photo.label or "", -1) for photo in self.photos], np.intp)

    @property
    def groups(self) -> npt.NDArray[np.intp]:
        """A number for each, (N,), the same for photos of one person; one of its own if unknown."""
        people: dict[tuple[str | None, str], int] = {}
        keys = [
            (photo.source, photo.patient) if photo.patient else (None, f"\0{number}")
            for number, photo in enumerate(self.photos)
        ]
        return np.array([people.setdefault(key, len(people)) for key in keys], np.intp)

    def taken(self, chosen: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> "Explained":
        """Take some of the photos, by index or mask."""
        indices = np.arange(len(self.photos))[chosen]
        return replace(
            self,
            photos=tuple(self.photos[i] for i in indices),
            maps=self.maps[indices],
            probabilities=self.probabilities[indices],
            features=self.features[indices],
        )
