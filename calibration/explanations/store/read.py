"""Read a store of explanations, as a whole or part by part."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from calibration.errors import ExplanationStoreError
from calibration.explanations.explained import Explained, ExplainedPhoto, Floats
from calibration.explanations.store.index import Part, opened, parts_of, rows_of
from calibration.explanations.store.info import StoreInfo, read_info
from calibration.explanations.store.parts import REMEDY, fault_of, read_part, shapes
from calibration.explanations.store.row import COLUMNS, READ, Cell, photo_of
from edge_runtime.errors import ten_named


def read_store(store: Path) -> Explained:
    """Read all photos of a store with their maps, probabilities and features.

    10,000 photos of a 7 x 7 x 2048 model with four classes take 90 MiB; where that is too much,
    ``read_parts`` takes a few hundred at a time. Those that the quality gate refuses are among
    them, with their ``fault``; what couldn't be read isn't.

    Args:
        store: The folder that ``fundus-edge explain store`` made.

    Returns:
        N photos in the order in which they were stored.

    Raises:
        ExplanationStoreError: It is no store or of another form, or one of its parts is missing or
            damaged.
    """
    info, (parts, rows) = read_info(store), _index(store)
    kept = ("maps", "features", "probabilities")
    arrays = {name: np.empty((len(rows), *shapes(info)[name]), np.float32) for name in kept}
    start = 0
    for part in parts:
        found = read_part(store, part, info)
        for name in kept:
            arrays[name][start : start + part.photos] = found[name]
        start += part.photos
    return Explained(info.classes, _photos(rows, info), **arrays)


def read_parts(store: Path) -> Iterator[Explained]:
    """Read likewise, a few hundred photos at a time.

    Raises:
        ExplanationStoreError: As ``read_store``, for a part when its turn comes.
    """
    info, (parts, rows) = read_info(store), _index(store)
    start = 0
    for part in parts:
        found = read_part(store, part, info)
        del found["logits"]
        photos = _photos(rows[start : start + part.photos], info)
        yield Explained(info.classes, photos, **found)
        start += part.photos


def read_logits(store: Path) -> Floats:
    """Read the logits, float32 (N, C), in the order of ``read_store``; NaN where there are none.

    Raises:
        ExplanationStoreError: As ``read_store``.
    """
    info, (parts, _) = read_info(store), _index(store)
    none = np.empty((0, len(info.classes)), np.float32)
    return np.concatenate([none, *(read_part(store, part, info)["logits"] for part in parts)])


def read_column(store: Path, name: str) -> list[Cell]:
    """Read a column of the index, such as ``split`` or ``quality_brightness``, in that order.

    Raises:
        ExplanationStoreError: As ``read_store``, or there is no such column.
    """
    read_info(store)
    if name not in COLUMNS:
        raise ExplanationStoreError(store, f"has no column '{name}'; it has {', '.join(COLUMNS)}")
    with opened(store) as index:
        return [cell for (cell,) in rows_of(index, [name])]


def verify_store(store: Path) -> None:
    """Check that every part is what it was when it was written.

    Raises:
        ExplanationStoreError: Some aren't, ten of which are named, or the index is damaged.
    """
    read_info(store)
    with opened(store) as index:
        ((said,), *_) = index.execute("PRAGMA integrity_check(1)").fetchall()
        parts = parts_of(index)
    if said != "ok":
        raise ExplanationStoreError(store, f"the index is damaged ({said}); {REMEDY}")
    faults = [f"{part.file} {fault}" for part in parts if (fault := fault_of(store, part))]
    if faults:
        raise ExplanationStoreError(
            store, f"{len(faults)} of {len(parts)} parts: {ten_named(faults)}; {REMEDY}"
        )


def _photos(rows: Sequence[Sequence[Cell]], info: StoreInfo) -> tuple[ExplainedPhoto, ...]:
    return tuple(photo_of(row, folder=info.folder) for row in rows)


def _index(store: Path) -> tuple[list[Part], list[tuple[Cell, ...]]]:
    """Read the parts and the photos' rows at one moment, as a run may add to them."""
    with opened(store) as index:
        index.execute("BEGIN")
        parts, rows = parts_of(index), rows_of(index, READ)
    if sum(part.photos for part in parts) != len(rows):
        raise ExplanationStoreError(store, f"the index is at odds with itself; {REMEDY}")
    return parts, rows
