"""Say which files of a photograph an export is to have, how they are called, and where they lie."""

from collections.abc import Iterable
from pathlib import Path

from edge_runtime.explain.landmarks import Eye
from edge_runtime.station.camp_report import PhotoAtCamp
from edge_runtime.station.intake import OVERLAY, PHOTO


def kinds_due(*, is_readable: bool, has_class: bool) -> tuple[str, ...]:
    """Name the kinds: the photograph where it could be read, the overlay where it has a class."""
    return (PHOTO,) * is_readable + (OVERLAY,) * has_class


def file_called(kind: str, number: int, eye: Eye | None, suffix: str = ".jpg") -> str:
    """Name the file of a kind of a photograph, by its number and the eye that counts."""
    return f"{kind}-{number:06}-{eye or 'unknown'}{suffix}"


def pictures_in(folder: Path, kind: str, photos: Iterable[PhotoAtCamp]) -> dict[int, Path]:
    """Find the files of a kind in a person's folder, by the photographs' numbers."""
    found = {each.number: sorted(folder.glob(f"{kind}-{each.number:06}-*")) for each in photos}
    return {number: files[0] for number, files in found.items() if files}


def originals_in(folder: Path, kind: str, photos: Iterable[PhotoAtCamp]) -> dict[int, Path]:
    """Find the camera's files in a person's folder, by the photographs' numbers.

    Several photographs of one file have it together, under the number of one of them.
    """
    photos = tuple(photos)
    found = pictures_in(folder, kind, photos)
    files = {each.sha256: found[each.number] for each in photos if each.number in found}
    return {each.number: files[each.sha256] for each in photos if each.sha256 in files}
