"""Say whom a photograph that comes in is of: what its file's names tell, else who was called."""

from pathlib import Path

from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.station.by_dicom import whose_by
from edge_runtime.station.calls import called_by
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import Event, PersonOpened, PhotoAssigned
from edge_runtime.station.visits import numbered, of_last_day
from edge_runtime.station.whose import whose


def given_to(
    camp: Camp, photo: int, path: Path, call: int | None, dicom: DicomFacts | None = None
) -> list[Event]:
    """Give a photograph to whom it is of.

    Where the call under which its file came was undone, nobody knows, and the photograph is of a
    person of its own. Who was merged has the number of before, so that a merger that is undone
    gives all back.

    Args:
        camp: As it is; whoever asks holds its lock until the events have happened.
        photo: The number that the photograph gets.
        path: Its file below the inbox.
        call: The call that was in force when the file was first seen: the next person may have been
            called since.
        dicom: What the file says of whose it is, where it is DICOM: then its name tells nothing.
    """
    key, name = whose(path) if dicom is None else whose_by(dicom.patient_id, dicom.issuer)
    person = (camp.keys.get(key) or _numbered(camp, name)) if key else called_by(camp, call)
    if person is not None:
        return [PhotoAssigned(photo, person)]
    new = camp.newest + 1
    return [PersonOpened(new, name, key), PhotoAssigned(photo, new)]


def _numbered(camp: Camp, name: str) -> int | None:
    """Find the one person whom an operator gave the number that a name tells."""
    by_names = {camp.now_of(n) for n in camp.keys.values()}  # told from others of that number
    found = of_last_day(camp, set(numbered(camp, name)) - by_names)
    return found[0] if len(found) == 1 else None
