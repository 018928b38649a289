"""Put a picture into a Secondary Capture object, which needs no eye and no time.

Source: DICOM PS3.3, A.8.1 with C.8.6.1 and C.8.6.2.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from edge_runtime.exchange.codes import SOURCE_IMAGE, Code
from edge_runtime.exchange.content import coded
from edge_runtime.exchange.new_object import Series, dress, sealed
from edge_runtime.exchange.statements import ImageReference
from edge_runtime.explain.landmarks import Eye
from edge_runtime.hospital.kinds import OVERLAY_MARK
from edge_runtime.hospital.modules import derived_uid
from edge_runtime.hospital.wrap import with_jpeg

#: The class's UID.
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"

_PLACES = 1000  # more than a photo has overlays


class Overlay(Struct, frozen=True):
    """A picture of evidence: its ``jpeg``, the class that it is ``of``, and the photo's ``source``.

    ``number`` is the photo's and ``place`` the overlay's among the photo's, from 1; ``eye`` is the
    side where it is known. ``is_annotated`` tells that the photo may show whose it is.
    """

    jpeg: bytes
    of: Code
    source: ImageReference
    number: int
    place: int
    eye: Eye | None
    is_annotated: bool


def capture_photo(
    made: Any, words: Mapping[str, str], *, eye: Eye | None, is_annotated: bool, number: int
) -> tuple[ImageReference, bytes]:
    """Make a Secondary Capture of a photo of which eye or time aren't known.

    Args:
        made: Begun with its picture.
        words: Of patient and study.
        eye: Which it shows, where that is known.
        is_annotated: Whether the picture shows whose it is.
        number: The photo's, which is the instance's.

    Returns:
        How it is referred to, and the file's content.
    """
    study = words["StudyInstanceUID"]
    series = Series(derived_uid("captured photos", study), 2, "Photographs", "OP", number)
    dress(made, words, series, sop_class=SECONDARY_CAPTURE, version="")
    made.ImageType = ["ORIGINAL", "PRIMARY"]
    _capture(made, eye, is_annotated=is_annotated)
    uid, data = sealed(made, "captured photo")
    return ImageReference(SECONDARY_CAPTURE, uid, series.uid, study), data


def capture_overlay(
    overlay: Overlay, words: Mapping[str, str], *, disclaimer: str, version: str
) -> tuple[ImageReference, bytes]:
    """Make a Secondary Capture of an overlay; its legend has class and disclaimer in it.

    Args:
        overlay: It.
        words: Of patient and study.
        disclaimer: What stands with all results.
        version: Of fundus-edge.

    Returns:
        How it is referred to, and the file's content.
    """
    study, source = words["StudyInstanceUID"], overlay.source
    description = "Grad-CAM overlays, research and education only"
    instance = _PLACES * overlay.number + overlay.place  # no two of a series have one
    series = Series(derived_uid("overlays", study), 9002, description, "OP", instance)
    made: Any = with_jpeg(overlay.jpeg)
    dress(made, words, series, sop_class=SECONDARY_CAPTURE, version=version)
    made.ImageType = ["DERIVED", "SECONDARY", OVERLAY_MARK]
    made.ImageComments = disclaimer
    _capture(made, overlay.eye, is_annotated=overlay.is_annotated)
    made.DerivationDescription = (
        f"Photograph with the evidence (Grad-CAM) for {overlay.of.meaning} laid over. {disclaimer}"
    )
    made.SourceImageSequence = [_source(source)]
    uid, data = sealed(made, "overlay")
    return ImageReference(SECONDARY_CAPTURE, uid, series.uid, study), data


def _capture(made: Any, eye: Eye | None, *, is_annotated: bool) -> None:
    made.ConversionType = "WSD"
    made.BurnedInAnnotation = "YES" if is_annotated else "NO"
    made.PatientOrientation = None
    if eye:
        made.ImageLaterality = eye[0].upper()
    else:
        made.Laterality = None  # of the series, which must be there where the picture has none


def _source(source: ImageReference) -> Any:
    from pydicom.dataset import Dataset  # noqa: PLC0415 - its extra may not be there

    item: Any = Dataset()
    item.ReferencedSOPClassUID = source.sop_class_uid
    item.ReferencedSOPInstanceUID = source.sop_instance_uid
    if source.frame:
        item.ReferencedFrameNumber = source.frame
    item.PurposeOfReferenceCodeSequence = [coded(SOURCE_IMAGE)]
    return item
