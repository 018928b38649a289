"""Keep what a frozen backbone makes of photos where later trainings find it."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from edge_runtime.system.files import one_sentence, replacing
from train.network import lit_pooling, model
from train.network.inference import inference
from train.runs.state import read_arrays

Images = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
_DIGEST = 16  # bytes
_BATCH = 32

#: The change that leaves a photo as it is.
AS_IT_IS = "as it is"


def pixel_digest(image: Images) -> bytes:
    """Name a prepared photo by its pixels: 16 bytes of BLAKE2b, as no two photos share."""
    return hashlib.blake2b(np.ascontiguousarray(image).tobytes(), digest_size=_DIGEST).digest()


def stored_features(
    folder: Path,
    backbone: keras.Model,
    images: Images,
    *,
    change: str,
    compute: Callable[[npt.NDArray[np.intp]], Floats],
) -> Floats:
    """Take pooled features of photos from a folder, and compute and keep there what is missing.

    It has one file for each backbone, which is named by its weights, its sizes and the code around
    it, and way of changing photos. Rows are found by the photo's pixels, so other photos, other
    splits and other heads find what is there already. A file that can't be read counts as absent
    and is written anew. Trainings may share a folder; of two that write at the same moment one's
    rows may have to be computed again.

    Args:
        folder: Made where it is missing.
        backbone: From images to pooled features.
        images: uint8 (N, height, width, 3), as they are before any change.
        change: Says what is done to them before the backbone sees them.
        compute: From n indices of photos to their pooled features (n, K).

    Returns:
        float32 (N, K).

    Raises:
        OutputFailedError: The folder can't be written.
    """
    key = hashlib.sha256(f"{_name(backbone)} {change}".encode())
    name = f"{key.hexdigest()[:32]}.npz"
    digests = [pixel_digest(image) for image in images]
    found = _read(folder, name)
    missing = [at for at, digest in enumerate(digests) if digest not in found]
    if missing:
        computed = compute(np.array(missing, np.intp))
        found |= _read(folder, name)  # another training may have written it meanwhile
        found |= {digests[at]: row for at, row in zip(missing, computed, strict=True)}
        names = np.frombuffer(b"".join(found), np.uint8).reshape(-1, _DIGEST)
        with one_sentence(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with replacing(folder / name) as file:
                np.savez(file, digests=names, features=np.stack(list(found.values())))
    return np.stack([found[digest] for digest in digests])


def stored_probabilities(
    folder: Path, backbone: keras.Model, head: keras.Model, images: Images
) -> Floats:
    """Predict photos from their pooled features, taken from a folder as ``stored_features`` does.

    Args:
        folder: As there.
        backbone: From images to pooled features (N, K).
        head: From these to logits (N, C).
        images: uint8 (N, height, width, 3), RGB, prepared.

    Returns:
        float32 (N, C).
    """
    run = inference(backbone)

    def compute(rows: npt.NDArray[np.intp]) -> Floats:
        parts = [run(images[rows[at : at + _BATCH]]) for at in range(0, len(rows), _BATCH)]
        return np.concatenate(parts)

    features = stored_features(folder, backbone, images, change=AS_IT_IS, compute=compute)
    return np.asarray(keras.ops.softmax(inference(head)(features)), np.float32)


def _name(backbone: keras.Model) -> str:
    whole = hashlib.sha256(repr((backbone.input.shape, backbone.output.shape)).encode())
    for module in (lit_pooling, model):  # what has no weights: means, pooling
        whole.update(Path(str(module.__file__)).read_bytes())
    for weights in backbone.get_weights():
        whole.update(np.ascontiguousarray(weights).tobytes())
    return whole.hexdigest()[:16]


def _read(folder: Path, name: str) -> dict[bytes, Floats]:
    """Read the features (K,) of each photo by its digest; none if the file can't be read."""
    try:
        digests, rows = read_arrays(folder, name)
    except ValueError:  # damaged, or not two arrays
        return {}
    if digests.shape != (len(rows), _DIGEST) or rows.ndim != 2:
        return {}
    return {digest.tobytes(): row for digest, row in zip(digests, rows, strict=True)}
