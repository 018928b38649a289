"""Keep what a frozen backbone makes of photos where later trainings find it."""

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

import train.network.lit_pooling
import train.network.model
from edge_runtime.system.files import one_sentence, replacing
from train.network.inference import inference

Images = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
_DIGEST = 16  # bytes
_BATCH = 32

# What NumPy and zipfile raise for one bit or another that is wrong.
_DAMAGE = (
    OSError, ValueError, KeyError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip

#: The change that leaves a photo as it is.
AS_IT_IS = "as it is"


def pixel_digest(image: Images) -> bytes:
    """Name a prepared photo by its pixels: 16 bytes of BLAKE2b, as no two photos share."""
    return hashlib.blake2b(np.ascontiguousarray(image).tobytes(), digest_size=_DIGEST).digest()


class FeatureStore:
    """A folder of pooled features, one file for each backbone and way of changing photos.

    Rows are found by the photo's pixels, so other photos, other splits and other heads find what is
    there already. A file that can't be read counts as absent and is written anew. Trainings may
    share a folder; of two that write at the same moment one's rows may have to be computed again.
    """

    def __init__(self, folder: Path, backbone: keras.Model) -> None:
        """Name the backbone by its weights, its sizes, and the code around it.

        Args:
            folder: Made where it is missing.
            backbone: From images to pooled features.
        """
        self._folder = folder
        whole = hashlib.sha256(repr((backbone.input.shape, backbone.output.shape)).encode())
        for module in (
            train.network.lit_pooling,
            train.network.model,
        ):  # what has no weights: means, pooling
            whole.update(Path(str(module.__file__)).read_bytes())
        for weights in backbone.get_weights():
            whole.update(np.ascontiguousarray(weights).tobytes())
        self._backbone = whole.hexdigest()[:16]

    def features(
        self, images: Images, *, change: str, compute: Callable[[npt.NDArray[np.intp]], Floats]
    ) -> Floats:
        """Take what is there, and compute and keep what is missing.

        Args:
            images: uint8 (N, height, width, 3), as they are before any change.
            change: Says what is done to them before the backbone sees them.
            compute: From n indices of photos to their pooled features (n, K).

        Returns:
            float32 (N, K).

        Raises:
            OutputFailedError: The folder can't be written.
        """
        name = hashlib.sha256(f"{self._backbone} {change}".encode()).hexdigest()[:32]
        path = self._folder / f"{name}.npz"
        digests = [pixel_digest(image) for image in images]
        found = _read(path)
        missing = [at for at, digest in enumerate(digests) if digest not in found]
        if missing:
            computed = compute(np.array(missing, np.intp))
            found |= _read(path)  # another training may have written it meanwhile
            found |= {digests[at]: row for at, row in zip(missing, computed, strict=True)}
            self._write(path, found)
        return np.stack([found[digest] for digest in digests])

    def _write(self, path: Path, found: Mapping[bytes, Floats]) -> None:
        names = np.frombuffer(b"".join(found), np.uint8).reshape(-1, _DIGEST)
        with one_sentence(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(path) as file:
                np.savez(file, digests=names, features=np.stack(list(found.values())))


def stored_probabilities(
    folder: Path, backbone: keras.Model, head: keras.Model, images: Images
) -> Floats:
    """Predict photos from their pooled features, which are taken from a ``FeatureStore`` or added.

    Args:
        folder: The store's.
        backbone: From images to pooled features (N, K), as it was when the store was filled.
        head: From these to logits (N, C).
        images: uint8 (N, height, width, 3), RGB, prepared.

    Returns:
        float32 (N, C).
    """
    run = inference(backbone)

    def compute(rows: npt.NDArray[np.intp]) -> Floats:
        parts = [run(images[rows[at : at + _BATCH]]) for at in range(0, len(rows), _BATCH)]
        return np.concatenate(parts)

    store = FeatureStore(folder, backbone)
    features = store.features(images, change=AS_IT_IS, compute=compute)
    return np.asarray(keras.ops.softmax(inference(head)(features)), np.float32)


def _read(path: Path) -> dict[bytes, Floats]:
    """Read the features (K,) of each photo by its digest; none if the file can't be read."""
    try:
        with path.open("rb") as file, np.load(file) as content:
            digests, rows = content["digests"], content["features"]
    except _DAMAGE:
        return {}
    if digests.shape != (len(rows), _DIGEST) or rows.ndim != 2:
        return {}
    return {digest.tobytes(): row for digest, row in zip(digests, rows, strict=True)}
