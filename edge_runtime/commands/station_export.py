"""The command ``fundus-edge station export``."""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from edge_runtime.commands.deidentify_options import (
    check_looked_at,
    chosen_nameless,
    deidentify_option,
    looked_at_option,
    move_dates_option,
    show_count_hidden,
)
from edge_runtime.commands.export_lacks import (
    counted,
    damaged_error,
    show_lacks,
    show_several,
)
from edge_runtime.commands.handed_out import log_handed_out
from edge_runtime.commands.hospital_options import (
    HospitalChoice,
    chosen_for_hospital,
    hospital_options,
)
from edge_runtime.commands.param_types import GivenDay, GivenPath
from edge_runtime.commands.station_folder import (
    chosen_data,
    folder_options,
    inbox_beside,
    opened,
)
from edge_runtime.commands.unpack_export import unpack
from edge_runtime.errors import printable
from edge_runtime.results.texts import LANGUAGES

if TYPE_CHECKING:
    from edge_runtime.exchange.deidentify.reports import Nameless
    from edge_runtime.station.camp_store import CampStore
    from edge_runtime.station.papers.hospital_folder import ForHospital

_FULL = "; make room, or take another stick"


@click.command()
@click.argument("folder", type=GivenPath())
@folder_options
@click.option(
    "--day", type=GivenDay(), metavar="YYYY-MM-DD",
    help="Only people who were there on that day, and each visit of then.  [default: all]",
)  # fmt: skip
@click.option(
    "--archive", type=GivenPath(), help="Where the station moved files from the inbox, if anywhere."
)
@click.option(
    "--originals",
    is_flag=True,
    help="Copy the camera's files too, as far as they are in the inbox or in --archive.",
)
@click.option(
    "--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True,
    help="Language of slips and of README.txt.",
)  # fmt: skip
@click.option(
    "--bundle", "bundle_path", type=GivenPath(),
    help="Bundle of the camp, where no station is at work.  [default: the one in the package]",
)  # fmt: skip
@hospital_options
@deidentify_option(pictures="pictures black outside of the eye")
@looked_at_option
@move_dates_option
def export(
    folder: Path,
    inbox: Path | None,
    data: Path | None,
    day: datetime | None,
    archive: Path | None,
    originals: bool,
    language: str,
    bundle_path: Path | None,
    hospital: HospitalChoice,
    deidentify: bool,
    pseudonyms: Path | None,
    looked_at: bool,
    move_dates: bool,
) -> None:
    """Write FOLDER to carry on a stick: of each person slip, report and photos, and the table.

    It is there wholly or not at all, with the hashes of its files, and never written over. While
    the station is at work it makes it. What --dicom and --fhir add can be sent as it is: "dicom
    send FOLDER", "fhir send FOLDER".

    For research and education only: not a validated diagnostic tool.
    """
    from edge_runtime.station.papers.camp_folder import PAPERS, REPORT, person_in, visit_in
    from edge_runtime.station.papers.lost_pictures import lost_files
    from edge_runtime.system.folders import new_folder

    check_looked_at(is_looked_at=looked_at, deidentify=deidentify)
    if deidentify and originals:
        raise click.UsageError("--originals say whose they are; leave out them or --deidentify")
    wanted = chosen_for_hospital(hospital, deidentify=deidentify, move_dates=move_dates)
    kept_in, needs_originals = chosen_data(inbox, data), originals or hospital.dicom
    source = (inbox or inbox_beside(kept_in)) if needs_originals else None
    asked = _Asked(f"{day:%Y-%m-%d}" if day else None, source, archive, language, bundle_path)
    nameless = chosen_nameless(
        pseudonyms, deidentify=deidentify, apart_from=(folder, kept_in), moves_dates=move_dates
    )
    hidden, lost = 0, list[str]()
    with new_folder(folder, private=True, no_room=_FULL) as made:
        if nameless is None:
            people = _write(kept_in, made, asked, originals=needs_originals)
            lost = lost_files(people)
            papers: tuple[str, ...] = PAPERS
        else:
            people, hidden, lost = _write_nameless(kept_in, made, asked, nameless, looked_at)
            papers = (REPORT,)
        files = [each / name for each in people for name in papers]
        left_out = [f"{each.parent.name}/{each.name}" for each in files if not each.is_file()]
        _check_anybody(asked, people)
        said = _add_for_hospital(made, wanted, language, originals=originals)
        log_handed_out(kept_in, made)
    there = {person_in(each.name) for each in people}
    click.echo(f"{printable(folder)}: {counted(there)}. Check it with: sha256sum -c SHA256SUMS")
    show_count_hidden(hidden)
    show_several([each.name for each in people if visit_in(each.name)])
    show_lacks(lost, *said)
    if left_out:
        raise damaged_error(left_out, is_nameless=deidentify)
    if said[0] or lost:
        sys.exit(1)


class _Asked(NamedTuple):
    """What is asked for: ``source`` is where the originals lie, None where they aren't wanted."""

    day: str | None
    source: Path | None
    archive: Path | None
    language: str
    bundle: Path | None


def _check_anybody(asked: _Asked, people: Sequence[Path]) -> None:
    """Refuse a day on which nobody was: an empty folder would look like an export."""
    if asked.day and not people:
        said = f'Nobody was there on {asked.day}; the page "Day" of the station has the days'
        raise click.ClickException(said)


def _add_for_hospital(
    made: Path, wanted: "ForHospital | None", language: str, *, originals: bool
) -> tuple[list[str], list[str], list[str], list[str]]:
    """Add DICOM and FHIR if wanted, and say what lacks and why, and the rest of ``Added``.

    An overlay that lacks is named among the pictures.
    """
    if wanted is None:
        return [], [], [], []
    from edge_runtime.results.texts import texts
    from edge_runtime.station.papers.hospital_folder import NO_OVERLAY, add_hospital_files
    from edge_runtime.station.web.frame import TEXTS

    added = add_hospital_files(made, wanted, texts(language, TEXTS), keeps_originals=originals)
    lacks = [each for each in added.lacks if each.key != NO_OVERLAY]
    told = [each.told(texts(LANGUAGES[0], TEXTS)) for each in lacks]
    return told, added.earlier, added.unasked, added.no_photo


def _write(kept_in: Path, made: Path, asked: _Asked, *, originals: bool) -> list[Path]:
    """Write the export as it is, and list the folders of its people."""
    with opened(kept_in) as store:
        if store is None:
            unpack(kept_in, made, day=asked.day, originals=originals, language=asked.language)
        else:
            if originals and asked.source is None:
                raise click.UsageError("--inbox is missing: the folder with the originals")
            folders = tuple(filter(None, (asked.source, asked.archive))) if originals else ()
            write = _writer(store, asked.bundle, asked.source or kept_in, asked.language)
            write(made, asked.day, folders)
    return sorted(each for each in made.iterdir() if each.is_dir())


def _write_nameless(
    kept_in: Path, made: Path, asked: _Asked, nameless: "Nameless", is_looked_at: bool
) -> tuple[list[Path], int, list[str]]:
    """Write the export beside the camp, and a copy of it that tells of nobody.

    What lies beside the camp meanwhile is for its owner only, and goes.

    Returns:
        A folder of each person, those too of which the copy has none; how many photos aren't shown;
        and which pictures are lost.
    """
    from edge_runtime.results.texts import texts
    from edge_runtime.station.papers.lost_pictures import lost_files
    from edge_runtime.station.papers.nameless_folder import nameless_entries
    from edge_runtime.station.parcel import fill
    from edge_runtime.station.web.frame import TEXTS
    from edge_runtime.system.partial import claimed, partial_of, remove

    whole = partial_of(kept_in / "export")
    with claimed(whole, lambda: whole.mkdir(0o700), wait=False):
        people = _write(kept_in, whole, asked, originals=False)
        lost = lost_files(people)
        hidden: list[None] = []
        entries = nameless_entries(
            whole, nameless, texts(asked.language, TEXTS), is_looked_at=is_looked_at,
            on_hidden=lambda: hidden.append(None),
        )  # fmt: skip
        fill(made, entries)
        lacking = [each for each in people if not (each / "report.json").is_file()]
        remove(whole)
    there = sorted(each for each in made.iterdir() if each.is_dir())
    return [*there, *lacking], len(hidden), lost


def _writer(
    store: "CampStore", bundle: Path | None, inbox: Path, language: str
) -> Callable[[Path, str | None, Sequence[Path]], None]:
    """Make what writes the folder while no station is at work."""
    from edge_runtime.predict.start import open_classifier
    from edge_runtime.station.intake import Intake
    from edge_runtime.station.papers.camp_folder import export_entries
    from edge_runtime.station.parcel import fill
    from edge_runtime.station.web.frame import Station

    classifier = open_classifier(bundle)
    station = Station(store, Intake(inbox, store, classifier), classifier, "", language)

    def write(made: Path, day: str | None, originals: Sequence[Path]) -> None:
        fill(made, export_entries(station, day=day, originals=originals))

    return write
