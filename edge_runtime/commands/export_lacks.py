"""Say on stderr what an export of a camp lacks, and that what a hospital gets is of one visit."""

from collections.abc import Collection, Sequence

import click

from edge_runtime.errors import printable, ten_named

_MOST = 10  # sentences; README.txt has all


def counted(people: Collection[object]) -> str:
    """Say how many people there are."""
    return "1 person" if len(people) == 1 else f"{len(people)} people"


def show_several(folders: Sequence[str]) -> None:
    """Say which folders are of people who were there several times on the day; it is no error."""
    if folders:
        named = ten_named([*map(printable, folders)])
        said = "the date came again, as the computer was started anew or its clock set back, and "
        said += "each visit has a folder of its own"
        click.echo(f"{named}: {said}", err=True)


def show_lacks(
    lost: Sequence[str],
    lacks: Sequence[str],
    earlier: Sequence[str],
    unasked: Sequence[str] = (),
    no_photo: Sequence[str] = (),
) -> None:
    """Say it in a sentence each; the last three are no errors, as nothing lacks.

    Args:
        lost: Pictures that are gone or damaged.
        lacks: Sentences of what isn't in DICOM or FHIR.
        earlier: Folders of people of whom there are earlier visits than the one that is there.
        unasked: Likewise of whom a hospital has several orders, and nobody said which it is.
        no_photo: Folders of people of whom there is no photo.
    """
    if no_photo:
        named = ten_named([*map(printable, no_photo)])
        click.echo(f"{named}: no photo, so neither DICOM nor FHIR", err=True)
    if earlier:
        named = ten_named([*map(printable, earlier)])
        said = "DICOM and FHIR have the last visit alone. For an earlier one export its day (--day)"
        click.echo(f"{named}: {said}", err=True)
    if unasked:
        named = ten_named([*map(printable, unasked)])
        said = "the hospital has several orders for the visit, and nobody said for which the "
        said += "photos are, so none was taken. Say it on the person's page, and export again"
        click.echo(f"{named}: {said}", err=True)
    if lost:
        named = ten_named([*map(printable, lost)])
        said = "left out, as they are gone or damaged at the station; all else is there"
        click.echo(f"Error: {named}: {said}", err=True)
    for each in lacks[:_MOST]:
        click.echo(f"Error: {printable(each)}", err=True)
    if len(lacks) > _MOST:
        click.echo(f"Error: and {len(lacks) - _MOST} more, see README.txt", err=True)


def damaged_error(left_out: Sequence[str], *, is_nameless: bool) -> click.ClickException:
    """Say which papers lack as a record is damaged; without names nothing of their people is there.

    Args:
        left_out: The papers.
        is_nameless: Whether the export is without names.
    """
    rest = "nothing of these people is there" if is_nameless else "all else is there"
    named = ten_named([*map(printable, left_out)])
    return click.ClickException(f"{named}: left out, as the record of a photo is damaged; {rest}")
