"""The command ``fundus-edge dicom deidentify``."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.console import show_no_photographs
from edge_runtime.commands.deidentify_options import (
    chosen_pseudonyms,
    move_dates_option,
    pseudonyms_option,
)
from edge_runtime.commands.max_pixels_option import max_pixels_option
from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import (
    MissingExtraError,
    PhotoNotFoundError,
    PhotoUnreadableError,
    printable,
)

if TYPE_CHECKING:
    from edge_runtime.exchange.deidentify.photograph import How
    from edge_runtime.exchange.deidentify.pseudonyms import Pseudonyms


@click.command()
@click.argument("paths", nargs=-1, required=True, type=GivenPath(), metavar="PATH...")
@click.option("--out", type=GivenPath(), required=True, help="Folder for the new files.")
@pseudonyms_option
@click.option(
    "--clean-pixels",
    is_flag=True,
    help="Paint all outside of the round field black. Inside of it nothing is looked for.",
)
@click.option(
    "--looked-at",
    is_flag=True,
    help="Somebody looked at each picture: no name and no number stands in it (with "
    "--clean-pixels: in the field).",
)
@move_dates_option
@max_pixels_option
def deidentify(
    paths: tuple[Path, ...],
    out: Path,
    pseudonyms: Path | None,
    clean_pixels: bool,
    looked_at: bool,
    move_dates: bool,
    max_pixels: int,
) -> None:
    """Make of DICOM photographs new files that don't say whose they are.

    PATH is a DICOM file, a DICOMDIR or a folder. The new files follow the Basic Application Level
    Confidentiality Profile of the standard (PS3.15, Annex E): only what is known to be safe stays,
    UIDs and the patient's ID get others in their place, the same for the same. A photograph that
    doesn't say that no text stands in its picture is refused, unless --clean-pixels or --looked-at
    is given.

    A file that can't be de-identified is named and the others go on; the exit status is then 1.
    """
    from edge_runtime.exchange.deidentify.photograph import How
    from edge_runtime.hospital.find import DicomFinder
    from edge_runtime.hospital.installed import is_installed
    from edge_runtime.photo.find import find_photos
    from edge_runtime.photo.frames import file_of
    from edge_runtime.system.files import make_folder, one_sentence

    if not is_installed():
        raise MissingExtraError("hospital", "pydicom")
    finder = DicomFinder(max_pixels=max_pixels)
    found = find_photos(paths, in_named=finder.in_named, in_others=finder.in_others)
    show_no_photographs(finder.passed_over)
    files = list(dict.fromkeys(map(file_of, found.photos)))
    if not files:
        raise click.ClickException("no photo found; name DICOM files, or a folder that has some")
    folders = [each for each in paths if each.is_dir()]
    known = chosen_pseudonyms(pseudonyms, apart_from=(out, *folders))
    with one_sentence(out):
        make_folder(out, mode=0o700)
    how = How(move_dates, clean_pixels, looked_at, max_pixels)
    failed = _write_all(files, out, how, known)
    click.echo(f"{len(files) - failed} of {len(files)} files de-identified", err=True)
    if failed:
        sys.exit(1)


def _write_all(files: Sequence[Path], out: Path, how: "How", known: "Pseudonyms") -> int:
    """De-identify files one after the other, and count those that can't be."""
    from edge_runtime.exchange.deidentify.photograph import deidentify_photograph
    from edge_runtime.photo.beside import begins_as_dicom
    from edge_runtime.system.files import make_folder, one_sentence, write_file

    failed = 0
    for file in files:
        try:
            if file.exists() and not begins_as_dicom(file):
                raise PhotoUnreadableError(
                    file, "isn't DICOM; make it so with 'fundus-edge dicom wrap', or leave it out"
                )
            made = deidentify_photograph(file, how, known)
            target = out / made.name
            if target.exists() and target.read_bytes() != made.data:
                raise PhotoUnreadableError(
                    file, f"{target.name} is there already, of another picture with the same UID "
                    "or with other options; choose another folder"
                )  # fmt: skip
        except (PhotoNotFoundError, PhotoUnreadableError) as error:
            click.echo(f"Error: {error}", err=True)
            failed += 1
            continue
        known.keep()
        with one_sentence(target):
            make_folder(target.parent, mode=0o700)
            write_file(target, made.data, private=True)
        click.echo(printable(target))
    return failed
