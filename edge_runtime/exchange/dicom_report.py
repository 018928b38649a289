"""Make the DICOM objects of a person's results: report, overlays, PDF, photos of other files."""

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from edge_runtime.errors import ResultsUnreadableError
from edge_runtime.exchange.capture import Overlay, capture_overlay
from edge_runtime.exchange.codes import Code
from edge_runtime.exchange.encapsulated_pdf import encapsulated_pdf
from edge_runtime.exchange.new_object import MODIFIED, number_at
from edge_runtime.exchange.outline import outline
from edge_runtime.exchange.read_results import PersonResults
from edge_runtime.exchange.report_paper import Paper
from edge_runtime.exchange.source_images import SourceImage, source_image, words_without_image
from edge_runtime.exchange.statements import ImageReference, PersonStatements, PhotoStatements
from edge_runtime.exchange.write_report import Pictures, write_report
from edge_runtime.hospital.damage import ClauseError
from edge_runtime.results.overlays import is_ours, plain_name, whole_overlay

_NOT_COPIED = (
    "not all DICOM files are where they were, so the report has neither the patient's name nor the "
    "study's date; put them back and make it again"
)
_NOT_OURS = "it is no file of an overlay; make the results again"


class ReportObject(Struct, frozen=True):
    """An object to be kept: what its file is called, how it is referred to, and its content.

    ``note`` is a sentence for whoever exports it, or "". ``photo`` is the number of the photo that
    it was made of, None for overlays and documents.
    """

    name: str
    reference: ImageReference
    data: bytes
    note: str = ""
    photo: int | None = None


def report_objects(
    folder: Path,
    results: PersonResults,
    *,
    issuer: str = "",
    is_annotated: bool = False,
    paper: Paper | None = None,
) -> Iterator[ReportObject]:
    """Make a person's objects one after the other, the report last; the same for the same results.

    The report goes into the study of the newest photo of those that have the person's ID. Photos of
    DICOM files are referred to where they are, and of others Ophthalmic Photography objects are
    made, as ``dicom wrap`` does, or Secondary Captures where nobody says the eye or the time.

    Args:
        folder: The result folder.
        results: Of the person, from ``read_results``.
        issuer: Of the IDs that the names of files tell.
        is_annotated: Whether pictures that aren't DICOM show whose they are.
        paper: The report as ``paper_of`` draws it, or another one; None to do without.

    Raises:
        PhotoNotFoundError: A photo isn't where it was.
        PhotoUnreadableError: It is another one now, or can't be said in DICOM.
        ResultsUnreadableError: An overlay is gone, the results can't be said in DICOM, or there is
            neither a person nor an image that they would be of.
    """
    said = results.said()
    pictures: dict[int, Pictures] = {}
    is_copied, newest = True, None
    try:
        for photo in said.photos:
            image = source_image(results, said, photo, issuer=issuer, is_annotated=is_annotated)
            if image is None:
                pictures[photo.number] = Pictures(None)
                continue
            image = replace(image, words={**image.words, MODIFIED: results.dates})
            pictures[photo.number] = yield from _pictures(folder, results, said, photo, image)
            is_copied = is_copied and image.is_copied
            rank = image.words["PatientID"] == said.patient.identifier, photo.acquired
            if not newest or rank > newest[0]:
                newest = rank, image.words
        if not newest and not (said.patient.is_known or said.patient.at_camp):
            cause = f"{results.file} is neither a known person nor a picture; take the photo again"
            raise ResultsUnreadableError(folder, cause)
        words = newest[1] if newest else words_without_image(results, said, issuer)
        words = {**words, MODIFIED: results.dates}
        requests = results.camp.requests if results.camp else ()
        reference, data = write_report(said, pictures, words, requests)
        if paper is not None:
            yield _document(paper, said, pictures, words)
    except ClauseError as error:
        raise ResultsUnreadableError(folder, f"what is of {results.file} {error}") from error
    yield ReportObject("report.dcm", reference, data, "" if is_copied else _NOT_COPIED)


def _document(
    paper: Paper,
    said: PersonStatements,
    pictures: Mapping[int, Pictures],
    words: Mapping[str, str],
) -> ReportObject:
    """Make the PDF's object, which refers to the photos and overlays as the report does."""
    reference, data = encapsulated_pdf(
        paper.pdf,
        words,
        title=paper.title,
        sources=[each for picture in pictures.values() for each in picture.objects],
        is_annotated=not words[MODIFIED],  # by what the person is called
        version=said.algorithm.version,
        time=said.time,
        instance=number_at(said.time),
    )
    return ReportObject(paper.file, reference, data)


def _pictures(
    folder: Path,
    results: PersonResults,
    said: PersonStatements,
    photo: PhotoStatements,
    image: SourceImage,
) -> Generator[ReportObject, None, Pictures]:
    """Make a photo's object, if it has none, and those of its overlays; give them all."""
    if image.made is not None:
        name = f"photo-{photo.number:04d}.dcm"
        yield ReportObject(name, image.reference, image.made, photo=photo.number)
    drawn = []
    for of, each in _overlays(folder, results, said, photo, image):
        yield each
        drawn.append((of, each.reference))
    seen = results.fields.get(photo.number)
    return Pictures(image.reference, tuple(drawn), outline(image.size, seen) if image.size else ())


def _overlays(
    folder: Path,
    results: PersonResults,
    said: PersonStatements,
    photo: PhotoStatements,
    image: SourceImage,
) -> Iterator[tuple[Code, ReportObject]]:
    """Make the overlays of a photo, each in the photo's own study."""
    for place, each in enumerate(photo.overlays, 1):
        file = results.pictures.get(each.file, folder / each.file)
        is_known = each.file in results.pictures or is_ours(each.file)
        if not is_known:
            raise ResultsUnreadableError(file, _NOT_OURS)
        overlay = Overlay(
            whole_overlay(file), each.of, image.reference, photo.number, place, photo.eye,
            image.is_annotated,
        )  # fmt: skip
        reference, data = capture_overlay(
            overlay, image.words, disclaimer=said.disclaimer, version=said.algorithm.version
        )
        name = f"overlay-{photo.number:04d}-{place}-{plain_name(each.class_name)}.dcm"
        yield each.of, ReportObject(name, reference, data)
