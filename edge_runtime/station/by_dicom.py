"""What a DICOM file says of a photograph at a camp: whose it is, of which eye, and when taken."""

import datetime

from msgspec import Struct

from edge_runtime.errors import printable
from edge_runtime.explain.landmarks import Eye
from edge_runtime.hospital.facts import EYES_BY_WORD, DicomFacts, DoubtKind
from edge_runtime.results.people import is_patient

_DICOM = "DICOM"  # what stands before an issuer and an ID; names of files lead to two words


class ByDicom(Struct, frozen=True):
    """The file's words: the patient's ID within its issuer, and the eye.

    ``laterality`` is as the file has it, ``eye`` what follows from it, None where ``doubt`` says
    why nothing does. ``name`` and ``birth_year`` are there only where a worklist is asked, to be
    held against its words.
    """

    patient_id: str = ""
    issuer: str = ""
    laterality: str = ""
    eye: Eye | None = None
    doubt: DoubtKind | None = None
    name: str = ""
    birth_year: int | None = None

    @property
    def said(self) -> Eye | None:
        """The eye by the file's word alone, doubted or not."""
        return EYES_BY_WORD.get(self.laterality)


def by_dicom(facts: DicomFacts) -> ByDicom:
    """Put down what a camp needs of a file's words, once its eye is settled."""
    doubt = facts.eye_doubt.kind if facts.eye_doubt else None
    return ByDicom(facts.patient_id, facts.issuer, facts.laterality, facts.eye, doubt)


def whose_by(patient_id: str, issuer: str) -> tuple[tuple[str, ...], str]:
    """Say whom a photograph is of, as ``whose.whose`` does: by the patient's ID and its issuer."""
    if not is_patient(patient_id):
        return (), ""
    return (_DICOM, issuer, patient_id), printable(patient_id)


def is_of_dicom(key: tuple[str, ...]) -> bool:
    """Tell whether what tells a person is an ID of DICOM files; names of files have two words."""
    return len(key) == 3 and key[0] == _DICOM


def agrees(key: tuple[str, ...], patient_id: str, issuer: str) -> bool:
    """Tell whether what tells a person may lead to a patient: a file's name may, as any word may.

    A DICOM file's doesn't where it has another ID, or another issuer than the one that is told.
    """
    if not is_of_dicom(key):
        return True
    return key[2] == patient_id and (key[1] == issuer or "" in (key[1], issuer))


def taken_by(facts: DicomFacts) -> str | None:
    """Give the time at which a photograph was taken, by the camera's own clock.

    Returns:
        ISO 8601 to the second, without an offset from UTC, as photographs of other files have it;
        None where the file tells none, or a day alone.
    """
    if "T" not in facts.acquired:
        return None
    taken = datetime.datetime.fromisoformat(facts.acquired)
    return taken.replace(tzinfo=None, microsecond=0).isoformat()
