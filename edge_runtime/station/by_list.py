"""Give whom a DICOM file brought, and nobody called, the words that a worklist has of them."""

from edge_runtime.station.asker import Heard
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import Event, PersonExpected
from edge_runtime.station.patients import Came, Patient


def told_by_list(camp: Camp, heard: Heard) -> list[Event]:
    """Say who of a worklist came by a DICOM file of exactly their ID and issuer.

    It is said once of a person: who undid it isn't told again. Who has another name or birth year
    in the file than in the list isn't taken for the same; ``ListedHints`` asks.

    Args:
        camp: As it is; whoever asks holds its lock until the events have happened.
        heard: What the worklist says.
    """
    came = Came(camp, heard.day)
    return [
        patient.expected(person)
        for patient in heard.patients
        if (person := _brought(camp, came, patient)) is not None
    ]


def _brought(camp: Camp, came: Came, patient: Patient) -> int | None:
    """Find who is a patient by a file of today alone; None for nobody."""
    if not patient.id_key or patient.doubled or patient.id_key not in camp.keys:
        return None
    person = came.person(patient)
    if person is None or camp.people[person].patient_id:
        return None
    own = patient.patient_id, patient.issuer
    files = [told.photo.dicom for told in camp.of(person) if told.photo.dicom]
    is_by_file = any((each.patient_id, each.issuer) == own for each in files)
    is_here = came.is_photographed(person)
    is_new = not any(
        isinstance(each.event, PersonExpected)
        and (camp.now_of(each.event.person), each.event.code) == (person, patient.code)
        for each in camp.history
    )
    return person if is_by_file and is_here and is_new else None
