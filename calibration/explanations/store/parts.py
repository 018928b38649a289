"""The arrays of a store: HDF5 files of some hundred photos each, and one that shows all as one."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np

from calibration.errors import ExplanationStoreError
from calibration.explanations.explained import Floats
from calibration.explanations.store.index import Part
from calibration.explanations.store.info import EXPLANATIONS, StoreInfo
from calibration.explanations.store.row import StoredPhoto
from edge_runtime.system.digest import sha256

#: The arrays, all float32 with the photos as their first axis.
ARRAYS = ("maps", "features", "probabilities", "logits")

Arrays = Mapping[str, Floats]

# One for all, so that a file is the same bytes wherever it is written.
_FORMAT = "v110"


def shapes(info: StoreInfo) -> dict[str, tuple[int, ...]]:
    """Give the shape of one photo's part of each array."""
    classes = len(info.classes)
    return {
        "maps": (classes, *info.map_size),
        "features": (info.features,),
        "probabilities": (classes,),
        "logits": (classes,),
    }


def part_bytes(photos: Sequence[StoredPhoto]) -> bytes:
    """Write a part of at least one photo."""
    data = io.BytesIO()
    with h5py.File(data, "w", libver=_FORMAT) as file:
        for name in ARRAYS:
            file[name] = np.stack([getattr(photo, name) for photo in photos]).astype(np.float32)
    return data.getvalue()


def read_part(store: Path, part: Part, info: StoreInfo) -> dict[str, Floats]:
    """Read a part's arrays, once its file is what it was when it was written.

    Raises:
        ExplanationStoreError: It is missing, damaged or can't be read.
    """
    if fault := fault_of(store, part):
        raise ExplanationStoreError(store, f"{part.file} {fault}; {REMEDY}")
    found: dict[str, Floats] = {}
    with h5py.File(store / part.file, "r") as file:
        for name, shape in shapes(info).items():
            found[name] = np.asarray(file[name][:], np.float32)
            if found[name].shape != (part.photos, *shape):
                raise ExplanationStoreError(store, f"{part.file} isn't of this store; {REMEDY}")
    return found


#: What helps where a part is lost.
REMEDY = "take a copy of the store that is whole, or make it anew"


def fault_of(store: Path, part: Part) -> str | None:
    """Say in a clause what is wrong with a part's file; None if it is as it was written."""
    try:
        return None if sha256(store / part.file) == part.sha256 else "is damaged"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"can't be read: {(error.strerror or str(error)).lower()}"


def all_as_one(info: StoreInfo, parts: Sequence[Part]) -> bytes:
    """Write the file in which each array of all parts is one, by HDF5's virtual datasets.

    It holds no copy: it names the parts, and where one is missing it shows NaN.
    """
    data = io.BytesIO()
    total = sum(part.photos for part in parts)
    with h5py.File(data, "w", libver=_FORMAT) as file:
        for name, shape in shapes(info).items():
            layout = h5py.VirtualLayout((total, *shape), np.float32)
            start = 0
            for part in parts:
                source = h5py.VirtualSource(part.file, name, (part.photos, *shape))
                layout[start : start + part.photos] = source
                start += part.photos
            file.create_virtual_dataset(name, layout, fillvalue=np.nan)
    return data.getvalue()


def joined(store: Path) -> int | None:
    """Count the photos in that file; None where there is none that can be read."""
    try:
        with h5py.File(store / EXPLANATIONS, "r") as file:
            return int(file["probabilities"].shape[0])
    except (OSError, KeyError):
        return None
