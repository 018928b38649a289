"""Where a model's evidence lies on average, class by class, to hold a photo's beside it."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.archive import ARCHIVE_ERRORS, archive_cause, check_unpacked_size
from edge_runtime.bundle.content import open_file
from edge_runtime.errors import BundleInvalidError

if TYPE_CHECKING:
    from edge_runtime.trust.sealed import Sealed

#: The file of a bundle that holds them.
AVERAGE_MAPS = "average_maps.npz"

_NOWHERE = 255  # where an average ends
_MOST_SIDE = 128

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class AverageMapsEntry:
    """The file, the model whose maps were averaged, and of how many photographs by class.

    Each class's are the photographs that the model rightly named so, with the optic disc and the
    fovea of all brought to one place and left eyes mirrored; 0 where they were too few.
    ``trained`` are those of them that lay in a training split: the model's maps of others may be
    less alike. A class of which that isn't known is absent.
    """

    file: str
    model: str
    photos: Mapping[str, int]
    trained: Mapping[str, int] = field(default_factory=dict)


def pack_average_maps(maps: Mapping[str, Floats]) -> bytes:
    """Write the content of the file, a byte for each place.

    Args:
        maps: By class, in the manifest's order: float32 (S, S) in the common retina frame, 0 or
            more, NaN where the average ends, or everywhere where there is none.
    """
    steps = []
    for values in maps.values():
        ends = np.isnan(values)
        most = float(values[~ends].max(initial=0)) or 1.0
        scaled = np.rint(np.nan_to_num(values) / most * (_NOWHERE - 1))
        steps.append(np.where(ends, _NOWHERE, scaled).astype(np.uint8))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, maps=np.stack(steps))
    return buffer.getvalue()


def read_average_maps(
    path: Path, entry: AverageMapsEntry, sealed: "Sealed | None" = None
) -> dict[str, Floats]:
    """Read the file of a bundle with care: anybody may have made it.

    Args:
        path: The bundle's folder.
        entry: What the manifest says of it.
        sealed: Who vouched for it, if somebody was asked.

    Returns:
        float32 (S, S) by class, those that have one: 0..1, 1 where most of the evidence lies, NaN
        where the average ends.

    Raises:
        BundleInvalidError: It can't be read, or isn't one map for each class.
    """
    classes = len(entry.photos)
    try:
        with open_file(path, entry.file, sealed) as stream:
            check_unpacked_size(stream, classes * _MOST_SIDE**2 + (1 << 12))
            with np.load(stream, allow_pickle=False) as arrays:
                steps = np.asarray(arrays["maps"])
    except ARCHIVE_ERRORS as error:
        cause = archive_cause(error, "it is no whole archive of its arrays")
        raise BundleInvalidError(path, entry.file, f"can't be read: {cause}") from error
    side = steps.shape[-1] if steps.ndim else 0
    if steps.dtype != np.uint8 or steps.shape != (classes, side, side) or side < 2:
        cause = f"has 'maps' as {steps.dtype} {steps.shape}, not a square for each class"
        raise BundleInvalidError(path, entry.file, f"{cause} of bytes")
    maps = np.where(steps == _NOWHERE, np.nan, steps / np.float32(_NOWHERE - 1)).astype(np.float32)
    named = zip(entry.photos.items(), maps, strict=True)
    return {name: values for (name, photos), values in named if photos}
