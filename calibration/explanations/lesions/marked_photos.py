"""Find photographs and the masks of lesions that belong to them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from calibration.errors import LesionMasksError
from calibration.explanations.known_photos import KnownPhoto, known_photos
from edge_runtime.photo.find import find_photos

#: What the masks may mark, by the name of their folder, with what IDRiD's own names end in.
KINDS: Mapping[str, str] = {
    "microaneurysms": "_MA",
    "haemorrhages": "_HE",
    "hard_exudates": "_EX",
    "soft_exudates": "_SE",
    "optic_disc": "_OD",
}

#: The kind that is a part of every eye, and no lesion.
DISC = "optic_disc"

_HOLDS_MASKS = re.compile("mask|ground ?truth", re.IGNORECASE)
_NUMBERED = re.compile(r"^[\d.]+\s*")  # IDRiD's "1. Microaneurysms"


@dataclass(frozen=True)
class MarkedPhoto:
    """A photo, and its masks by the names of ``KINDS``; where there is none nothing is marked."""

    photo: KnownPhoto
    masks: Mapping[str, Path]


def find_marked_photos(dataset: Path) -> tuple[MarkedPhoto, ...]:
    """Find the photographs of a folder, sorted by path, and the masks of each.

    A mask stands in a folder that is named by what it marks, in those of IDRiD's download
    ("1. Microaneurysms") too, and is named as its photo, or so with IDRiD's ending (``_MA``). All
    other pictures are photographs. A ``labels.csv`` in the folder may tell the patients.

    Raises:
        LesionMasksError: There are no photographs or no masks, a mask belongs to none or to
            several, or stands in a folder of another name.
        DatasetError: The table can't be used.
    """
    if not dataset.is_dir():
        raise LesionMasksError(dataset, "no such folder; expected one with images/ and masks/KIND/")
    photos: dict[str, Path] = {}
    masks: dict[str, dict[str, Path]] = {}
    for path in find_photos([dataset]).photos:
        kind = _kind_of(path)
        if kind in KINDS:
            of = masks.setdefault(path.stem.removesuffix(KINDS[kind]), {})
            _put(of, kind, path, "marks the same")
        elif any(map(_HOLDS_MASKS.search, path.relative_to(dataset).parts[:-1])):
            raise LesionMasksError(
                path, f"a mask of what isn't known; its folder must be one of {', '.join(KINDS)}"
            )
        else:
            _put(photos, path.stem, path, "has the same name")
    if not photos:
        raise LesionMasksError(dataset, "no photograph here; expected them in images/")
    if not masks:
        raise LesionMasksError(dataset, f"no mask here; expected masks/KIND/, {', '.join(KINDS)}")
    for stem, of in masks.items():
        if stem not in photos:
            raise LesionMasksError(next(iter(of.values())), f"there is no photograph '{stem}'")
    known = known_photos([dataset], list(photos.values()))
    return tuple(MarkedPhoto(each, masks.get(each.path.stem, {})) for each in known)


def _kind_of(path: Path) -> str:
    return _NUMBERED.sub("", path.parent.name).lower().replace(" ", "_")


def _put(found: dict[str, Path], key: str, path: Path, why: str) -> None:
    if key in found:
        raise LesionMasksError(path, f"{why} as {found[key]}; leave one of them out")
    found[key] = path
