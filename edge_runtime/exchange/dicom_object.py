"""Read what a DICOM file is that is to be sent: its class, its UID, and how it is written."""

import re
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from edge_runtime.exchange.errors import NotSendableError
from edge_runtime.hospital.bounded import Bounded
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.header import read_meta, text_of
from edge_runtime.hospital.kinds import DIRECTORY, kind_name
from edge_runtime.hospital.syntaxes import BIG_ENDIAN, DEFLATED, IMPLICIT
from edge_runtime.photo.beside import begins_as_dicom

#: The most bytes of a file that is sent.
MOST_BYTES = 2 << 30

_BUDGET = 1 << 20  # bytes up to the UIDs, which stand at the beginning
_UID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_BEHIND_UIDS = 0x00080018
_NO_SENSE = "is damaged: what it says of itself makes no sense"


class DicomObject(Struct, frozen=True):
    """What a file is: the UIDs of its class, of itself, and of how it is written.

    ``starts_at`` is where the data set begins, in bytes.
    """

    sop_class: str
    uid: str
    syntax: str
    starts_at: int

    @property
    def title(self) -> str:
        """The class in words, such as "Comprehensive 3D SR"."""
        return kind_name(self.sop_class)


def read_object(file: Path) -> DicomObject:
    """Read what a file is.

    Raises:
        NotSendableError: It isn't DICOM, damaged, too large, or the index of a disk.
        OSError: It can't be read.
    """
    if not begins_as_dicom(file):
        raise NotSendableError(file, "it isn't a DICOM file; dicom wrap makes one of a photo")
    size = file.stat().st_size
    if size > MOST_BYTES:
        raise NotSendableError(file, f"it has more than {MOST_BYTES >> 30} GB")
    try:
        with file.open("rb") as opened:
            return _read(opened, size)
    except ClauseError as error:
        raise NotSendableError(file, f"the DICOM file {error}") from error


def _read(opened: BinaryIO, size: int) -> DicomObject:
    source = Bounded(opened, size, budget=_BUDGET)
    meta = read_meta(source)
    found = DicomObject(
        text_of(meta, "MediaStorageSOPClassUID"), text_of(meta, "MediaStorageSOPInstanceUID"),
        text_of(meta, "TransferSyntaxUID"), source.tell(),
    )  # fmt: skip
    if found.sop_class == DIRECTORY:
        raise ClauseError("is the index of a disk; name the folder to send what it lists")
    for uid in (found.sop_class, found.uid, found.syntax):
        if len(uid) > 64 or not _UID.fullmatch(uid):
            raise ClauseError("is damaged: it doesn't say by UIDs what it is")
    if found.syntax != DEFLATED:
        _check_same(source, found)
    return found


def _check_same(source: Bounded, found: DicomObject) -> None:
    """Refuse a file whose head names another object than its data set does."""
    from pydicom.filereader import read_dataset  # noqa: PLC0415 - its extra may not be there

    with in_words(_NO_SENSE):
        data = read_dataset(
            source,  # type: ignore[arg-type]
            is_implicit_VR=found.syntax == IMPLICIT,
            is_little_endian=found.syntax != BIG_ENDIAN,
            stop_when=lambda tag, vr, length: tag > _BEHIND_UIDS or length > _BUDGET,
        )
    uids = text_of(data, "SOPClassUID"), text_of(data, "SOPInstanceUID")
    if uids != (found.sop_class, found.uid):
        raise ClauseError("is damaged: its head names another object than its data")
