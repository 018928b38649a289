"""Tell which pictures an export of a camp lacks, as they are gone or damaged at the station."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from edge_runtime.errors import StoreInvalidError
from edge_runtime.predict.record import ErrorRecord, GradedRecord
from edge_runtime.station.camp_report import CampReport, read_camp_report
from edge_runtime.station.papers.camp_folder import REPORT
from edge_runtime.station.papers.due_pictures import file_called, kinds_due


class LostPicture(NamedTuple):
    """A picture that isn't there: its file's name, the photo's number, and its kind."""

    file: str
    photo: int
    kind: str


def lost_pictures(folder: Path, report: CampReport) -> list[LostPicture]:
    """List what isn't in a person's folder of an export and should be.

    Args:
        folder: It, filled by ``export_entries``.
        report: Of the person.
    """
    lost = []
    for each in report.photos:
        due = kinds_due(
            is_readable=not isinstance(each.record, ErrorRecord),
            has_class=isinstance(each.record, GradedRecord),
        )
        for kind in due:
            name = file_called(kind, each.number, each.eye)
            if not (folder / name).is_file():
                lost.append(LostPicture(f"{folder.name}/{name}", each.number, kind))
    return lost


def lost_files(folders: Iterable[Path]) -> list[str]:
    """Name what isn't in people's folders; nothing of one whose report isn't to be had."""
    return [each.file for folder in folders for each in _lost(folder)]


def _lost(folder: Path) -> list[LostPicture]:
    if not (folder / REPORT).is_file():
        return []
    try:
        report = read_camp_report(folder / REPORT)
    except StoreInvalidError:
        return []
    return lost_pictures(folder, report)
