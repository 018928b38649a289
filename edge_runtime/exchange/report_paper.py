"""Draw what a run found of a person as a PDF that goes where the coded results go."""

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from edge_runtime.exchange.read_results import PersonResults
from edge_runtime.results.overlays import is_ours, whole_overlay
from edge_runtime.results.structured_report import EyeReport, PersonReport
from edge_runtime.results.texts import LANGUAGES, texts

#: In which language, as the coded results are.
LANGUAGE = LANGUAGES[0]


class Paper(Struct, frozen=True):
    """What goes on paper where the coded results go, a PDF: its title, language and file's name.

    The file is the DICOM object's.
    """

    pdf: bytes
    title: str
    language: str = LANGUAGE
    file: str = "report-pdf.dcm"


def paper_of(results: PersonResults, pictures: Path | None) -> Paper:
    """Draw a person's report; the eyes are those that the coded results say.

    Args:
        results: Of the person.
        pictures: The result folder with the pictures of the photos; None to show none.

    Returns:
        A PDF: the same for the same results, see ``report_pdf``.

    Raises:
        ResultsUnreadableError: An overlay is gone or damaged, so the evidence would lack in it.
    """
    from edge_runtime.papers.report_pdf import report_pdf  # noqa: PLC0415 - may not be installed

    if pictures is not None:
        for photo in results.said().photos:
            for each in photo.overlays:
                if is_ours(each.file):
                    whole_overlay(pictures / each.file)
    words = texts(LANGUAGE)
    return Paper(report_pdf(_as_said(results), words, pictures), words.say("title"))


def _as_said(results: PersonResults) -> PersonReport:
    """Put a photo of which nobody said the eye to those of no known eye: a guess is no side."""
    report, photos = results.report, {}
    for eye in report.eyes:
        photos.update({each.number: each for each in eye.photos})
    lateralities = {each.eye: each.laterality for each in report.eyes}
    said = results.said()
    eyes = tuple(
        EyeReport(
            each.eye,
            lateralities.get(each.eye) if each.eye else None,
            tuple(photos[photo.number] for photo in each.photos),
        )
        for each in said.eyes
    )
    return replace(report, eyes=eyes)
