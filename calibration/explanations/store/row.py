"""One photo of a store: what is known of it, as the columns of a row, and its arrays."""

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_type_hints

from calibration.explanations.explained import ExplainedPhoto, Floats
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.photo.field import Field
from edge_runtime.photo.find import Stamp
from edge_runtime.photo.quality import Quality

Cell = str | bytes | int | float | None


@dataclass(frozen=True, eq=False)
class StoredPhoto:
    """A photo with all that a store keeps of it.

    ``place`` tells its path from others, ``stamp`` its file's.
    ``field`` is its field of view in pixels of the file, of which there are ``photo_size``,
    (height, width). ``predicted`` is the class of the highest probability. ``maps`` is float32
    (C, h, w), signed, in logits; ``features`` (K,), the last convolution's means;
    ``probabilities`` (C,), and ``logits`` (C,), NaN where the model gives none.
    """

    photo: ExplainedPhoto
    place: str
    stamp: Stamp
    field: Field
    photo_size: tuple[int, int]
    quality: Quality
    predicted: str
    maps: Floats
    features: Floats
    probabilities: Floats
    logits: Floats


@dataclass(frozen=True)
class UnreadablePhoto:
    """A photo that couldn't be read or answered, and why, in a sentence."""

    path: Path
    place: str
    sha256: str | None
    label: str | None
    source: str | None
    split: str | None
    error: str


def _flat(kind: type, prefix: str = "quality_") -> Iterator[str]:
    """Name the columns of the measures: ``quality_brightness``, ``quality_shape_fill``."""
    for name, part in get_type_hints(kind).items():
        if dataclasses.is_dataclass(part) and isinstance(part, type):
            yield from _flat(part, f"{prefix}{name}_")
        else:
            yield prefix + name


QUALITY = tuple(_flat(Quality))

#: The columns of a photo behind its row number and its part: name and SQLite type.
COLUMNS: Mapping[str, str] = {
    "path": "TEXT NOT NULL",  # as it was given; bytes where the name is no UTF-8
    "place": "TEXT NOT NULL",  # SHA-256 of the path from the root, which may tell too much
    "sha256": "TEXT NOT NULL",  # of the photo's file
    "size_bytes": "INTEGER NOT NULL",
    "modified_ns": "INTEGER NOT NULL",
    "label": "TEXT",
    "excluded": "TEXT",
    "source": "TEXT",
    "patient": "TEXT",
    "eye": "TEXT",
    "split": "TEXT",
    "predicted": "TEXT NOT NULL",
    "confidence": "REAL NOT NULL",
    "fault": "TEXT",
    "familiarity": "REAL",
    "photo_height": "INTEGER NOT NULL",  # pixels of the file, as are the next six but the angle
    "photo_width": "INTEGER NOT NULL",
    "field_x": "REAL NOT NULL",
    "field_y": "REAL NOT NULL",
    "field_major": "REAL NOT NULL",
    "field_minor": "REAL NOT NULL",
    "field_angle": "REAL NOT NULL",  # degrees
    "disc_x": "REAL",  # radii of the field of view from its centre, as are the next four
    "disc_y": "REAL",
    "disc_diameter": "REAL NOT NULL",
    "fovea_x": "REAL",
    "fovea_y": "REAL",
    "disc_confidence": "REAL NOT NULL",
    "disc_eye": "TEXT",  # the side that the disc tells; eye is by the name where that tells it
    **dict.fromkeys(QUALITY, "REAL"),
}

#: Those that ``photo_of`` takes, in its order.
READ = (
    "path", "sha256", "label", "excluded", "split", "source", "patient", "eye", "fault",
    "familiarity", "disc_x", "disc_y", "disc_diameter", "disc_confidence", "fovea_x", "fovea_y",
    "disc_eye",
)  # fmt: skip


def cells(stored: StoredPhoto) -> tuple[Cell, ...]:
    """Write a photo as the cells of ``COLUMNS``."""
    photo, marks, field = stored.photo, stored.photo.landmarks, stored.field
    measures = dataclasses.asdict(stored.quality)
    found: dict[str, Cell] = {
        "path": text_of(photo.path),
        "place": stored.place,
        "size_bytes": stored.stamp.size_bytes,
        "modified_ns": stored.stamp.modified_ns,
        "predicted": stored.predicted,
        "confidence": float(stored.probabilities.max()),
        "photo_height": stored.photo_size[0],
        "photo_width": stored.photo_size[1],
        "disc_diameter": marks.disc_diameter,
        "disc_confidence": marks.disc_confidence,
        "disc_eye": marks.eye,
        **{
            name: getattr(photo, name)
            for name in (
                "sha256",
                "label",
                "excluded",
                "split",
                "source",
                "patient",
                "eye",
                "fault",
                "familiarity",
            )
        },
        **{f"field_{name}": getattr(field, name) for name in ("x", "y", "major", "minor", "angle")},
        **dict(_values(measures, "quality_")),
    }
    for name, point in (("disc", marks.disc), ("fovea", marks.fovea)):
        found[f"{name}_x"], found[f"{name}_y"] = point or (None, None)
    return tuple(found[name] for name in COLUMNS)


def photo_of(row: Sequence[Cell], *, folder: str | None = None) -> ExplainedPhoto:
    """Make a photo of its cells of ``READ``, whose types SQLite may not have kept."""
    path, *told, familiarity, x, y, diameter, confidence, fovea_x, fovea_y, side = row
    sha256, label, excluded, split, source, patient, eye, fault = (
        None if cell is None else str(cell) for cell in told
    )
    return ExplainedPhoto(
        path=os.fsdecode(path) if isinstance(path, bytes) else str(path),
        sha256=sha256 or "",
        label=label,
        source=source,
        patient=patient,
        eye=eye,
        fault=fault,
        familiarity=_number(familiarity),
        landmarks=Landmarks(
            disc=_point(x, y),
            disc_diameter=_number(diameter) or 0.0,
            disc_confidence=_number(confidence) or 0.0,
            fovea=_point(fovea_x, fovea_y),
            eye="left" if side == "left" else "right" if side == "right" else None,
        ),
        excluded=excluded,
        split=split,
        folder=folder,
    )


def text_of(path: str | Path) -> str | bytes:
    """Give a path as text, and as the system's bytes where they are no UTF-8."""
    try:
        return os.fsencode(path).decode("utf-8")
    except UnicodeDecodeError:
        return os.fsencode(path)


def _values(measures: Mapping[str, object], prefix: str) -> Iterator[tuple[str, Cell]]:
    for name, value in measures.items():
        if isinstance(value, dict):
            yield from _values(value, f"{prefix}{name}_")
        elif value is None or isinstance(value, int | float):
            yield prefix + name, None if value is None else float(value)


def _number(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


def _point(x: Cell, y: Cell) -> tuple[float, float] | None:
    found = _number(x), _number(y)
    return None if found[0] is None or found[1] is None else (found[0], found[1])
