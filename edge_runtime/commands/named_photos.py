"""Find the photos that a command names, and say what of it isn't read."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.console import show_no_photographs, show_passed_over
from edge_runtime.errors import printable

if TYPE_CHECKING:
    from edge_runtime.photo.find import FoundPhotos


def named_photos(
    paths: tuple[Path, ...],
    out: Path | None,
    *,
    resume: bool,
    skip_unknown: bool,
    max_pixels: int,
) -> "FoundPhotos":
    """Find the photos that are named, and say what isn't read.

    For a path that was mistyped no result folder is made, and a run whose photos are on a card that
    was taken out waits for it.

    Args:
        paths: Photos and folders.
        out: The result folder, if any.
        resume: Whether the run in it goes on.
        skip_unknown: Whether files of unknown kinds are no matter.
        max_pixels: The most that a photo may have.

    Raises:
        ClickException: There is no photo.
    """
    from edge_runtime.hospital.find import DicomFinder
    from edge_runtime.photo.find import PHOTO_SUFFIXES, find_photos, is_missing

    finder = DicomFinder(max_pixels=max_pixels)
    found = find_photos(paths, in_named=finder.in_named, in_others=finder.in_others)
    show_passed_over(found, skip_unknown=skip_unknown)
    show_no_photographs(finder.passed_over)
    if not found.photos:
        raise click.ClickException("no photo found in " + ", ".join(map(printable, paths)))
    gone = [path for path in paths if is_missing(path)]
    folders = [path for path in gone if path.suffix.lower() not in PHOTO_SUFFIXES]
    if out is not None and gone and (len(gone) == len(paths) or (resume and folders)):
        named = ", ".join(map(printable, gone))
        raise click.ClickException(f"{named}: no such file or folder; nothing was written")
    return found
