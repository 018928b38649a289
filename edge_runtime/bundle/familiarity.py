"""What a bundle knows of its training photographs, to tell photographs unlike them."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.archive import ARCHIVE_ERRORS, archive_cause, check_unpacked_size
from edge_runtime.bundle.content import open_file
from edge_runtime.errors import BundleInvalidError

if TYPE_CHECKING:
    from edge_runtime.trust.sealed import Sealed

#: The file of a bundle that holds it.
FAMILIARITY = "familiarity.npz"

_MOST_DIRECTIONS, _MOST_DISTANCES = 256, 1024

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FamiliarityEntry:
    """The file, and of how many photographs it was made: of training, and to calibrate."""

    file: str
    training_photos: int
    validation_photos: int


@dataclass(frozen=True, eq=False)
class Familiarity:
    """How the pooled features of the training photographs lie, K of them.

    ``mean`` is float32 (K,). ``directions`` is int8 (D, K), the directions in which they differ
    most, each to be multiplied by its ``scales``, float32 (D,). ``residual_max`` is the squared
    length beside them that counts as distance 1. ``weights``, float32 (K,), and ``offset`` give a
    logit of being no fundus photograph, above zero for distances above 1; ``slope`` is the
    distance for one unit of it. ``distances`` is float32 (Q,), ascending quantiles of the
    validation photographs' distances.
    """

    mean: Floats
    directions: npt.NDArray[np.int8]
    scales: Floats
    residual_max: float
    weights: Floats
    offset: float
    slope: float
    distances: Floats

    def distance(self, features: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Measure how far photographs lie from the training photographs.

        Two measures, of which the larger counts: the length of what the directions of the training
        photographs can't express (Wang et al. 2022, ViM, arXiv 2203.10807), and a linear
        classifier of training photographs against drawn pictures (Hendrycks et al. 2019, Outlier
        Exposure, arXiv 1812.04606).

        Args:
            features: (N, K), the last convolution averaged over its positions.

        Returns:
            (N,); 1 is the limit of what is taken for a fundus photograph like those of training.
        """
        logit = features.astype(np.float64) @ self.weights + self.offset
        far = np.sqrt(self.residual(features) / self.residual_max)
        return np.asarray(np.maximum(far, 1 + self.slope * logit))

    def residual(self, features: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Measure the squared length (N,) of what the directions can't express."""
        apart = np.asarray(features - self.mean, np.float64)
        along = apart @ (self.directions.T * self.scales.astype(np.float64))
        beside = (apart**2).sum(axis=1) - (along**2).sum(axis=1)
        return np.asarray(np.maximum(beside, 0))

    def share_beyond(self, distance: float) -> float:
        """Tell the share 0..1 of the validation photographs that lie at least as far."""
        nearer = int(np.searchsorted(self.distances, distance, side="left"))
        return 1 - nearer / len(self.distances)


def pack_familiarity(familiarity: Familiarity) -> bytes:
    """Write the content of the file."""
    buffer = io.BytesIO()
    numbers = {
        name: np.asarray(value, np.float32) if isinstance(value, float) else np.asarray(value)
        for name, value in vars(familiarity).items()
    }
    np.savez_compressed(buffer, allow_pickle=False, **numbers)
    return buffer.getvalue()


def read_familiarity(
    path: Path, file: str, *, features: int, sealed: "Sealed | None" = None
) -> Familiarity:
    """Read the file of a bundle with care: anybody may have made it.

    Args:
        path: The bundle's folder.
        file: Its name there.
        features: K, the model's number of pooled features.
        sealed: Who vouched for it, if somebody was asked.

    Raises:
        BundleInvalidError: It can't be read, or isn't what the model needs.
    """
    most = features * (_MOST_DIRECTIONS + 8) + 4 * (_MOST_DIRECTIONS + _MOST_DISTANCES)
    try:
        with open_file(path, file, sealed) as stream:
            check_unpacked_size(stream, most + (1 << 16))
            with np.load(stream, allow_pickle=False) as arrays:
                found = {name: np.asarray(arrays[name]) for name in Familiarity.__annotations__}
    except ARCHIVE_ERRORS as error:
        cause = archive_cause(error, "it is no whole archive of its arrays")
        raise BundleInvalidError(path, file, f"can't be read: {cause}") from error
    directions, quantiles = len(found["scales"].ravel()), len(found["distances"].ravel())
    shapes = {
        "mean": (features,),
        "directions": (directions, features),
        "scales": (directions,),
        "weights": (features,),
        "distances": (quantiles,),
    }
    for name, values in found.items():
        kind = np.int8 if name == "directions" else np.float32
        if values.shape != shapes.get(name, ()) or values.dtype != kind:
            cause = f"has '{name}' as {values.dtype} {values.shape}, not {np.dtype(kind)}"
            raise BundleInvalidError(path, file, f"{cause} {shapes.get(name, ())}")
        if not np.isfinite(values).all():
            raise BundleInvalidError(path, file, f"has '{name}' that isn't finite")
    distances, ups = found["distances"], np.diff(found["distances"])
    if not quantiles or distances[0] < 0 or (ups < 0).any():
        raise BundleInvalidError(path, file, "has distances that don't rise from 0 on")
    if found["residual_max"] <= 0 or found["slope"] <= 0:
        raise BundleInvalidError(path, file, "has limits that no photograph could be held to")
    return Familiarity(
        mean=found["mean"],
        directions=found["directions"],
        scales=found["scales"],
        residual_max=float(found["residual_max"]),
        weights=found["weights"],
        offset=float(found["offset"]),
        slope=float(found["slope"]),
        distances=found["distances"],
    )
