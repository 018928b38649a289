"""Read the class gradients of a bundle with care: anybody may have made their archive."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.archive import ARCHIVE_ERRORS, archive_cause, check_unpacked_size
from edge_runtime.bundle.content import open_file
from edge_runtime.bundle.manifest import Manifest
from edge_runtime.contract import MANIFEST
from edge_runtime.errors import BundleInvalidError

if TYPE_CHECKING:
    from edge_runtime.trust.sealed import Sealed

_NO_ARCHIVE = "it is no whole NumPy archive (.npz) of the arrays class_gradients and classes"


def read_class_gradients(
    path: Path, manifest: Manifest, sealed: "Sealed | None" = None
) -> npt.NDArray[np.float32]:
    """Read a bundle's class gradients, and check that they fit its manifest.

    Args:
        path: The bundle's folder.
        manifest: Its manifest.
        sealed: Who vouched for it, if somebody was asked.

    Returns:
        float32 (C, K), logit per activation and position.

    Raises:
        BundleInvalidError: They can't be read, or aren't what the manifest promises.
    """
    file = manifest.gradients.file
    try:
        with open_file(path, file, sealed) as stream:
            values = manifest.feature_shape[2] + max(map(len, manifest.classes))
            check_unpacked_size(stream, 4 * len(manifest.classes) * values + (1 << 16))
            with np.load(stream, allow_pickle=False) as arrays:
                gradients, names = arrays["class_gradients"], arrays["classes"]
    except ARCHIVE_ERRORS as error:
        cause = archive_cause(error, _NO_ARCHIVE)
        raise BundleInvalidError(path, file, f"can't be read: {cause}") from error
    if not all(isinstance(part, np.ndarray) for part in (gradients, names)) or names.ndim != 1:
        raise BundleInvalidError(path, file, "can't be read: its classes aren't a list")
    classes = tuple(map(str, names))
    if classes != manifest.classes:
        raise BundleInvalidError(
            path,
            MANIFEST,
            f"has the classes {', '.join(manifest.classes)}, but the model was made for "
            f"{', '.join(classes)}",
        )
    expected = len(classes), manifest.feature_shape[2]
    if gradients.shape != expected or gradients.dtype != np.float32:
        raise BundleInvalidError(
            path, file, f"has class gradients of {gradients.dtype} {gradients.shape}, not float32 "
            f"{expected}"
        )  # fmt: skip
    if not np.isfinite(gradients).all():
        raise BundleInvalidError(path, file, "has class gradients that aren't finite")
    return np.asarray(gradients, np.float32)
