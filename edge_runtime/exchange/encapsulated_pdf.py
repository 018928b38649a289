"""Put a PDF into a DICOM object, in the study of the results that it shows.

Source: DICOM PS3.3, A.45.1 with C.24.1, C.8.6.1 and C.24.2.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from edge_runtime.contract import DISCLAIMER
from edge_runtime.exchange.codes import MEASUREMENT_REPORT
from edge_runtime.exchange.content import coded
from edge_runtime.exchange.new_object import Series, dress, sealed
from edge_runtime.exchange.statements import ImageReference
from edge_runtime.hospital.modules import derived_uid

#: The class's UID.
ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"

_TITLE = 200  # letters, as ST takes 1,024, and some programs count bytes


def encapsulated_pdf(
    pdf: bytes,
    words: Mapping[str, str],
    *,
    title: str,
    sources: Sequence[ImageReference],
    is_annotated: bool,
    version: str,
    time: str = "",
    instance: int = 1,
) -> tuple[ImageReference, bytes]:
    """Make an Encapsulated PDF of a document; it goes into a series of its own, of documents.

    Args:
        pdf: The document, of less than 4 GiB.
        words: Of patient and study, see ``new_object.STUDY_WORDS``.
        title: What it is called; the disclaimer stands behind it.
        sources: The photos that it shows, in any study, those that have an object.
        is_annotated: Whether the document shows whose it is: a name, a number or the like.
        version: Of fundus-edge.
        time: When its content came to be, ISO 8601: a day, or a moment of which the offset from
            UTC isn't said in DICOM; "" where nobody says it.
        instance: Its number in the series, from 1.

    Returns:
        How it is referred to, and the file's content: the same for the same document and words.
        The document is in it byte for byte, behind it a zero where its length is odd.

    Raises:
        ClauseError: A word is none that DICOM takes.
    """
    from pydicom.dataset import Dataset  # noqa: PLC0415 - its extra may not be there

    made: Any = Dataset()
    study = words["StudyInstanceUID"]
    description = "Documents of AI results, research only"
    series = Series(derived_uid("documents", study), 9003, description, "DOC", instance)
    dress(made, words, series, sop_class=ENCAPSULATED_PDF, version=version)
    made.ConversionType = "WSD"
    made.ContentDate, made.ContentTime = _day_and_clock(time)
    made.AcquisitionDateTime = None  # of several photos, each of which tells its own
    made.BurnedInAnnotation = "YES" if is_annotated else "NO"
    made.DocumentTitle = f"{title[:_TITLE]}. {DISCLAIMER}"
    made.ConceptNameCodeSequence = [coded(MEASUREMENT_REPORT)]
    objects = {each.sop_instance_uid: each.sop_class_uid for each in sources}
    if objects:
        made.SourceInstanceSequence = [_source(uid, of) for uid, of in objects.items()]
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.EncapsulatedDocumentLength = len(pdf)
    made.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    uid, data = sealed(made, "document")
    return ImageReference(ENCAPSULATED_PDF, uid, series.uid, study), data


def _day_and_clock(time: str) -> tuple[str | None, str | None]:
    if not time:
        return None, None
    moment = datetime.datetime.fromisoformat(time)
    has_clock = len(time) > len("2026-01-31")
    return f"{moment:%Y%m%d}", f"{moment:%H%M%S}" if has_clock else None


def _source(uid: str, sop_class: str) -> Any:
    from pydicom.dataset import Dataset  # noqa: PLC0415 - as above

    item: Any = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, uid
    return item
