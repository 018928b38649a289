"""The command ``fundus-edge dicom wrap``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.max_pixels_option import max_pixels_option
from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError, printable

if TYPE_CHECKING:
    from datetime import datetime

    from edge_runtime.explain.landmarks import Eye


@click.command()
@click.argument("photos", nargs=-1, required=True, type=GivenPath(), metavar="PHOTO...")
@click.option("--out", type=GivenPath(), required=True, help="Folder for the DICOM files.")
@click.option("--patient", default="", metavar="ID", help="The person's ID, for all of the photos.")
@click.option("--issuer", default="", metavar="NAME", help="Who issued that ID.")
@click.option(
    "--eye",
    type=click.Choice(["left", "right", "from-name"]),
    default="from-name",
    show_default=True,
    help="Which eye they show. A photo whose name doesn't tell it is refused.",
)
@click.option(
    "--time",
    "taken",
    type=click.DateTime(
        ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
    ),
    metavar='"YYYY-MM-DD HH:MM[:SS]"',
    help="When they were taken, by the clock there.  [default: as each photo's EXIF data say]",
)
@click.option(
    "--annotated", is_flag=True, help="The pictures show whose they are: a name or a number."
)
@max_pixels_option
def wrap(
    photos: tuple[Path, ...],
    out: Path,
    patient: str,
    issuer: str,
    eye: str,
    taken: "datetime | None",
    annotated: bool,
    max_pixels: int,
) -> None:
    """Put photos into DICOM files, as ophthalmic photographs of 8 bits.

    A baseline JPEG goes in as it is, nothing of it is compressed again. Others (PNG, TIFF, BMP,
    WebP, JPEGs of other kinds or that must be turned) go in as pixels, without any loss. The same
    photo with the same options gives the same file.

    A photo that can't be put in is named and the others go on; the exit status is then 1.
    """
    from edge_runtime.hospital.wrap import Said, wrap_photo
    from edge_runtime.system.files import make_folder, one_sentence, write_file

    side: Eye | None = "left" if eye == "left" else "right" if eye == "right" else None
    said = Said(patient, issuer.strip(), side, taken, annotated)
    with one_sentence(out):
        make_folder(out, mode=0o700)
    failed, done = 0, set[Path]()
    for photo in photos:
        target = out / f"{photo.stem}.dcm"
        try:
            if photo.is_dir():
                raise PhotoUnreadableError(photo, "it is a folder; name the photos in it")
            data = wrap_photo(photo, said, max_pixels=max_pixels)
            if target in done or (target.exists() and target.read_bytes() != data):
                cause = f"{printable(target)} is there already; choose another folder"
                raise PhotoUnreadableError(photo, cause)
        except (PhotoNotFoundError, PhotoUnreadableError) as error:
            click.echo(f"Error: {error}", err=True)
            failed += 1
            continue
        with one_sentence(target):
            write_file(target, data, private=True)
        done.add(target)
        click.echo(printable(target))
    if failed:
        sys.exit(1)
