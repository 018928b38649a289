"""Ask a hospital's worklist who is to be photographed.

Source: DICOM PS3.4, annex K, the Modality Worklist Information Model.
"""

import datetime
import math
import re
import time
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from edge_runtime.hospital.calling import PeerSilentError, calling
from edge_runtime.hospital.demographics import Demographics, demographics_of
from edge_runtime.hospital.guard import in_silence
from edge_runtime.hospital.header import text_of
from edge_runtime.hospital.names import readable_name
from edge_runtime.hospital.peers import Peer

if TYPE_CHECKING:
    import ssl

    from pydicom.dataset import Dataset

_MODEL = "1.2.840.10008.5.1.4.31"
_TIME = re.compile(r"(\d{2})(?:(\d{2})(?:\d{2}(?:\.\d+)?)?)?", re.ASCII)
_PENDING = (0xFF00, 0xFF01)

_BORN = re.compile(r"((?:19|20)\d\d)(?:\d{4})?", re.ASCII)

_UNREAD = "it sent an entry that can't be read; ask there what is wrong"

#: What is said of a peer that answers so slowly that it isn't waited for.
SLOW = "it takes too long to answer; ask there what is wrong"

#: The most that are listed of a day; the rest is cut off, and said.
MOST = 1000


class Scheduled(Struct, frozen=True):
    """Who is to be photographed, as the worklist has it; texts are empty where it doesn't say.

    ``time`` is ISO 8601, or a day alone. ``name`` is as people read it. ``study_uid`` is the
    study's that the photographs are to belong to. ``birth_year`` is None where none is told.
    ``demographics`` are as they are to stand in objects that are made of the photographs.
    """

    time: str
    patient_id: str
    issuer: str
    name: str
    accession: str
    description: str
    modality: str
    study_uid: str
    birth_year: int | None = None
    demographics: Demographics = Demographics()


def worklist(
    peer: Peer,
    *,
    ae_title: str,
    day: datetime.date | None,
    modality: str = "",
    within: float = math.inf,
    tls: "ssl.SSLContext | None" = None,
) -> tuple[tuple[Scheduled, ...], bool]:
    """List who is scheduled, the first to come first.

    Args:
        peer: Who keeps the worklist.
        ae_title: Who asks.
        day: For which day; None for any.
        modality: For which, such as OP for ophthalmic photography; "" for any.
        within: Seconds after which a peer that goes on answering isn't heard any longer.
        tls: With what the connection is encrypted; it isn't where it is None.

    Returns:
        Them, and whether there are more than ``MOST``.

    Raises:
        PeerSilentError: It can't be asked, or it doesn't answer to the end.
    """
    found: list[Scheduled] = []
    end = time.monotonic() + within
    with in_silence(), calling(peer, _MODEL, ae_title=ae_title, tls=tls) as call:
        status = None
        for answer, data in call.send_c_find(_question(day, modality), _MODEL):
            status = answer.get("Status")
            if status not in _PENDING:
                break
            if data is None or time.monotonic() > end:
                call.abort()
                raise PeerSilentError(peer, SLOW if data is not None else _UNREAD)
            if len(found) == MOST:
                call.abort()
                return _sorted(found), True
            found.append(_scheduled(data))
    if status != 0x0000:
        said = "didn't answer to the end" if status is None else f"answered with {status:#06x}"
        raise PeerSilentError(peer, f"it {said}; ask there what is wrong")
    return _sorted(found), False


def _sorted(found: list[Scheduled]) -> tuple[Scheduled, ...]:
    return tuple(sorted(found, key=lambda each: (each.time, each.name, each.patient_id)))


def _question(day: datetime.date | None, modality: str) -> "Dataset":
    from pydicom.dataset import Dataset  # noqa: PLC0415 - its extra may not be there

    step, question = Dataset(), Dataset()
    step.ScheduledProcedureStepStartDate = f"{day:%Y%m%d}" if day else ""
    step.Modality = modality
    step.ScheduledProcedureStepStartTime = step.ScheduledProcedureStepDescription = ""
    question.ScheduledProcedureStepSequence = [step]
    question.SpecificCharacterSet = "ISO_IR 192"
    question.PatientID = question.IssuerOfPatientID = question.PatientName = ""
    question.PatientBirthDate = question.PatientSex = ""
    question.AccessionNumber = question.StudyInstanceUID = ""
    question.RequestedProcedureDescription = ""
    return question


def _scheduled(data: Any) -> Scheduled:
    """Read an answer; what of it makes no sense is empty."""
    try:
        steps = data.get("ScheduledProcedureStepSequence") or []
        step = steps[0] if steps else data
    except Exception:  # damage has no class in common
        step = data
    day, at = (text_of(step, f"ScheduledProcedureStepStart{part}") for part in ("Date", "Time"))
    name, born = text_of(data, "PatientName"), text_of(data, "PatientBirthDate")
    told = text_of(step, "ScheduledProcedureStepDescription")
    return Scheduled(
        _when(day, at),
        text_of(data, "PatientID"),
        text_of(data, "IssuerOfPatientID"),
        readable_name(name),
        text_of(data, "AccessionNumber"),
        told or text_of(data, "RequestedProcedureDescription"),
        text_of(step, "Modality"),
        text_of(data, "StudyInstanceUID"),
        int(year[1]) if (year := _BORN.fullmatch(born)) else None,
        demographics_of(name, born, text_of(data, "PatientSex")),
    )


def _when(day: str, at: str) -> str:
    """Give a start in ISO 8601 to the minute, the day alone where the time can't be read.

    An hour alone is its first minute.
    """
    found = _TIME.fullmatch(at)
    try:
        start = datetime.datetime.strptime(day, "%Y%m%d")
    except ValueError:
        return ""
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return start.date().isoformat()
    start = start.replace(hour=int(found[1]), minute=int(found[2] or 0))
    return start.isoformat(timespec="minutes")
