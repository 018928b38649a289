"""Say whom a photograph that comes in is of: what its file's names tell, else who was called."""

from pathlib import Path

from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.station.by_dicom import agrees, whose_by
from edge_runtime.station.calls import called_by
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Person
from edge_runtime.station.events import Event, PersonOpened, PhotoAssigned
from edge_runtime.station.orders import is_of_order, of_study
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
    study = of_study(dicom.study_uid) if dicom and dicom.study_uid else ()
    person = _told(camp, key, name, study) if key else called_by(camp, call)
    if person is not None:
        return [PhotoAssigned(photo, person)]
    new = camp.newest + 1
    if key and study and _is_anybodys(camp, key):
        key = study  # which two of one ID don't share
    return [PersonOpened(new, name, key), PhotoAssigned(photo, new)]


def _told(camp: Camp, key: tuple[str, ...], name: str, study: tuple[str, ...]) -> int | None:
    """Find whom a name or an ID tells, or the study where two have it; None where it is open."""
    by_study = camp.now_of(camp.keys.get(study, 0))
    if by_study is not None and _is_of_id(camp.people[by_study], key, name):
        return by_study
    found = camp.keys.get(key)
    known = camp.people.get(camp.now_of(found or 0) or 0)
    if known is not None and known.doubled and not _is_exact(key, known):
        return None
    return found or _numbered(camp, key, name)


def _is_of_id(person: Person, key: tuple[str, ...], name: str) -> bool:
    """Tell whether an ID is a person's, or what they are called by who came up by a file."""
    return _is_by_worklist(person, key) if person.patient_id else person.given_id == name


def _is_exact(key: tuple[str, ...], person: Person) -> bool:
    """Tell whether an ID is within its issuer the person's alone."""
    own = whose_by(person.patient_id, person.issuer)[0]
    return person.doubled == "number" and key == own


def _is_anybodys(camp: Camp, key: tuple[str, ...]) -> bool:
    """Tell whether two people of a worklist have an ID."""
    return any(
        each.doubled == "id" and _is_by_worklist(each, key)
        for number in numbered(camp, key[-1])
        for each in (camp.people[number],)
    )


def _numbered(camp: Camp, key: tuple[str, ...], name: str) -> int | None:
    """Find the one person whom an operator gave the number that a name tells, or called by it.

    Who was called from a hospital's worklist is nobody whom a file has by another ID or issuer, and
    where it has two of that number, it is neither.
    """
    if any(camp.people[number].doubled for number in numbered(camp, name)):
        return None
    by_names = {  # told from others of that number
        camp.now_of(n) for known, n in camp.keys.items() if not is_of_order(known)
    }
    found = {
        number
        for number in numbered(camp, name)
        if number not in by_names or _is_by_worklist(camp.people[number], key)
    }
    last = of_last_day(camp, found)
    return last[0] if len(last) == 1 else None


def _is_by_worklist(person: Person, key: tuple[str, ...]) -> bool:
    return bool(person.patient_id) and agrees(key, person.patient_id, person.issuer)
