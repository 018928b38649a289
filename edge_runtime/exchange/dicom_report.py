"""Make the DICOM objects of a person's results: report, overlays, and photos of other files."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from edge_runtime.errors import ResultsUnreadableError
from edge_runtime.exchange.capture import Overlay, capture_overlay
from edge_runtime.exchange.codes import Code
from edge_runtime.exchange.read_results import PersonResults
from edge_runtime.exchange.source_images import SourceImage, source_images, words_without_image
from edge_runtime.exchange.state import statements_of
from edge_runtime.exchange.statements import ImageReference, PersonStatements, PhotoStatements
from edge_runtime.exchange.write_report import Pictures, write_report
from edge_runtime.hospital.damage import ClauseError
from edge_runtime.results.overlays import is_ours, is_whole, plain_name

_MOST_BYTES = 64 << 20  # of an overlay, which is of 1,600 pixels at most
_GONE = "it is gone or damaged; make it again: the same 'fundus-edge predict' with --resume"


class DicomObject(Struct, frozen=True):
    """An object to be kept: what its file is called, how it is referred to, and its content."""

    name: str
    reference: ImageReference
    data: bytes


class ReportObjects(Struct, frozen=True):
    """What a person's results are in DICOM.

    ``report`` refers to the others and to objects that an archive has already. ``is_copied`` is
    false where a DICOM file of the person wasn't where it was, so that the report says of patient
    and study only what the results know.
    """

    report: DicomObject
    others: tuple[DicomObject, ...]
    said: PersonStatements
    is_copied: bool


def report_objects(
    folder: Path, results: PersonResults, *, issuer: str = "", is_annotated: bool = False
) -> ReportObjects:
    """Make a person's objects; the same for the same results.

    The report goes into the study of the newest photo. Photos of DICOM files are referred to where
    they are, and of others Ophthalmic Photography objects are made, as ``dicom wrap`` does, or
    Secondary Captures where nobody says the eye or the time.

    Args:
        folder: The result folder.
        results: Of the person, from ``read_results``.
        issuer: Of the IDs that the names of files tell.
        is_annotated: Whether pictures that aren't DICOM show whose they are.

    Raises:
        PhotoNotFoundError: A photo isn't where it was.
        PhotoUnreadableError: It is another one now, or can't be said in DICOM.
        ResultsUnreadableError: An overlay is gone, or the results can't be said in DICOM.
    """
    said = statements_of(results.report, results.facts)
    images = source_images(results, said, issuer=issuer, is_annotated=is_annotated)
    try:
        words = _newest(said, images) or words_without_image(results, said)
        others = [
            DicomObject(f"photo-{number:04d}.dcm", each.reference, each.made)
            for number, each in images.items()
            if each.made is not None
        ]
        pictures = {}
        for photo in said.photos:
            image = images.get(photo.number)
            overlays = [*_overlays(folder, said, photo, image)] if image else []
            others += [each for _, each in overlays]
            drawn = tuple((of, each.reference) for of, each in overlays)
            pictures[photo.number] = Pictures(image.reference if image else None, drawn)
        reference, data = write_report(said, pictures, words)
    except ClauseError as error:
        raise ResultsUnreadableError(folder, f"what is of {results.file} {error}") from error
    is_copied = all(each.is_copied for each in images.values())
    return ReportObjects(DicomObject("report.dcm", reference, data), tuple(others), said, is_copied)


def _newest(said: PersonStatements, images: Mapping[int, SourceImage]) -> Mapping[str, str] | None:
    """Give the words of the study that has the newest photo, the first where none has a time."""
    known = [photo for photo in said.photos if photo.number in images]
    if not known:
        return None
    return images[max(known, key=lambda photo: photo.acquired).number].words


def _overlays(
    folder: Path,
    said: PersonStatements,
    photo: PhotoStatements,
    image: SourceImage,
) -> Iterator[tuple[Code, DicomObject]]:
    """Make the overlays of a photo, each in the photo's own study."""
    for place, each in enumerate(photo.overlays, 1):
        file = folder / each.file
        if not is_ours(each.file) or not is_whole(file) or file.stat().st_size > _MOST_BYTES:
            raise ResultsUnreadableError(file, _GONE)
        overlay = Overlay(file.read_bytes(), each.of, image.reference, photo.number, photo.eye)
        reference, data = capture_overlay(
            overlay, image.words, disclaimer=said.disclaimer, version=said.algorithm.version
        )
        name = f"overlay-{photo.number:04d}-{place}-{plain_name(each.class_name)}.dcm"
        yield each.of, DicomObject(name, reference, data)
