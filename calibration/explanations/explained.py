"""What is known of explained photos, as every analysis takes it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import DisjointSet

from edge_runtime.explain.eye_side import agreed_side
from edge_runtime.explain.landmarks import Landmarks
from train.copies.groups import component_ids

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ExplainedPhoto:
    """One photo beside its arrays: which it is, and what is known of it.

    ``path`` is as it was given; ``sha256`` that of the file, "" if unknown. ``label`` is its true
    class, ``source`` the collection, ``patient`` the person (photos of one are not independent)
    and ``eye`` "left" or "right"; each is None where it isn't known. ``fault`` says why
    the quality gate or familiarity would refuse it, None if neither. ``familiarity`` is its
    distance, None where the bundle has none; ``landmarks`` are in radii of its field of view.
    ``excluded`` is a class that it isn't of, where only that is known; ``split`` its dataset's.
    ``folder`` is the one from which a relative path leads to it, None where that isn't known.
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
    excluded: str | None = None
    split: str | None = None
    folder: str | None = None

    @property
    def side(self) -> str | None:
        """The side of the eye; None where nothing tells it, or name and optic disc disagree."""
        return agreed_side(self.eye, self.landmarks.eye)


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
        return self._indices(photo.label for photo in self.photos)

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """Whether each is predicted to be what it is, (N,)."""
        return np.asarray(self.labels == self.top)

    @property
    def wrong(self) -> npt.NDArray[np.bool_]:
        """Whether each is predicted to be what it isn't, (N,); neither, and nobody knows.

        A photo of which only a class that it isn't is known is wrong where it is called that.
        """
        labels, excluded = self.labels, self._indices(photo.excluded for photo in self.photos)
        return np.asarray(np.where(labels >= 0, labels != self.top, excluded == self.top), np.bool_)

    @property
    def groups(self) -> npt.NDArray[np.intp]:
        """A number for each, (N,), the same for photos of one person; one of its own if unknown.

        Files of the same bytes are of one person, whatever they are called.
        """
        together, firsts = DisjointSet(range(len(self.photos))), dict[tuple[str | None, str], int]()
        for number, photo in enumerate(self.photos):
            if photo.sha256:
                together.merge(number, firsts.setdefault((None, photo.sha256), number))
            if photo.patient:
                person = photo.source or "", photo.patient
                together.merge(number, firsts.setdefault(person, number))
        return component_ids(together)

    @property
    def sides(self) -> tuple[str | None, ...]:
        """The side of the eye of each, "left" or "right", None where it isn't known."""
        return tuple(photo.side for photo in self.photos)

    def _indices(self, names: Iterable[str | None]) -> npt.NDArray[np.intp]:
        index = {name: number for number, name in enumerate(self.classes)}
        return np.array([index.get(name or "", -1) for name in names], np.intp)

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
