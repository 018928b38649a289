"""The command ``fundus-edge station backup``."""

import os
from contextlib import closing
from functools import partial
from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.commands.station_folder import chosen_data, folder_options, opened
from edge_runtime.errors import printable


@click.command()
@click.argument("file", type=GivenPath())
@folder_options
def backup(file: Path, inbox: Path | None, data: Path | None) -> None:
    """Copy a whole camp into FILE, a ZIP file, also while the station is at work.

    It holds every record, the history, the log, the pictures of the pages, and which releases ran
    and what was revoked (--trust), with their hashes, and was read again to its end once this says
    so. Not in it: photos as the camera wrote them, keys (the station's, the log's), passwords.
    """
    from edge_runtime.results.texts import LANGUAGES, texts
    from edge_runtime.station.at_work import BACKUP, ask_station
    from edge_runtime.station.backup import NAMES, backup_entries
    from edge_runtime.station.camp_form import CAMP_PICTURES
    from edge_runtime.station.parcel import zipped
    from edge_runtime.station.parcel_reader import check_parcel
    from edge_runtime.station.web.frame import TEXTS
    from edge_runtime.system.files import one_sentence, replacing

    folder = chosen_data(inbox, data)
    _check_free(file)
    with one_sentence(file), replacing(file, private=True) as written:
        with opened(folder) as store:
            if store is None:
                pieces = ask_station(folder, BACKUP)
            else:
                logged = partial(store.log.handed_out, is_backup=True) if store.log else None
                words = texts(LANGUAGES[0], TEXTS)
                pieces = zipped(backup_entries(store, words), on_sums=logged)
            with closing(pieces):  # so that a stick that is full leaves no copy of the store
                written.writelines(pieces)
        written.flush()
        names = check_parcel(Path(written.name), NAMES)
        _check_free(file)  # still
    pictures = sum(name.startswith(f"{CAMP_PICTURES}/") for name in names)
    size = file.stat().st_size / 1e6
    click.echo(f"{printable(file)}: the camp, with {pictures} pictures, {size:.1f} MB.")


def _check_free(file: Path) -> None:
    """Refuse to write over anything."""
    from edge_runtime.errors import OutputExistsError

    if os.path.lexists(file):
        raise OutputExistsError(file, "choose another name")
