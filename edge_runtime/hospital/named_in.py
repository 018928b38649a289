"""Read in which words a DICOM file has its patient, to hold them against a worklist's."""

from pathlib import Path

from edge_runtime.contract import MAX_PIXELS
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from edge_runtime.hospital.damage import ClauseError
from edge_runtime.hospital.demographics import demographics_of
from edge_runtime.hospital.header import read_header, text_of
from edge_runtime.hospital.names import readable_name
from edge_runtime.photo.decode import most_bytes, open_photo

_WORDS = ("PatientName", "PatientBirthDate")


def named_in(file: Path) -> tuple[str, int | None]:
    """Give the name as people read it, and the year of birth; "" and None where none is told.

    Args:
        file: A DICOM file.
    """
    try:
        with open_photo(file) as (opened, size):
            data = read_header(opened, size, limit=most_bytes(MAX_PIXELS), also=_WORDS).dataset
    except (PhotoNotFoundError, PhotoUnreadableError, ClauseError):
        return "", None
    name, birth_date = (text_of(data, each) for each in _WORDS)
    told = demographics_of(name, birth_date, "")
    return readable_name(told.name), int(told.birth_date[:4]) if told.birth_date else None
