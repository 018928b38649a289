"""Put the paper that was handed to a person into the study of their report."""

from pathlib import Path

from edge_runtime.exchange.encapsulated_pdf import encapsulated_pdf
from edge_runtime.exchange.read_report import read_report
from edge_runtime.exchange.source_images import study_words
from edge_runtime.exchange.statements import ImageReference

_INSTANCE = 2  # behind the report's own pages, if they are there


def paper_object(
    report: Path, pdf: bytes, *, title: str, time: str, version: str
) -> tuple[ImageReference, bytes]:
    """Make the object of a paper; the same for the same report and paper.

    Args:
        report: The person's structured report, as ``report_objects`` makes it. The paper is of the
            same patient and study, and refers to the same pictures.
        pdf: The paper, which shows whose it is.
        title: What it is called.
        time: When what it says was found, ISO 8601.
        version: Of fundus-edge.

    Returns:
        How it is referred to, and the file's content.

    Raises:
        ResultsUnreadableError: It is no such report.
        OSError: It can't be read.
    """
    photos = read_report(report).photos
    sources = [each.source for each in photos if each.source]
    sources += [image for each in photos for _, image in each.overlays]
    return encapsulated_pdf(
        pdf, study_words(report.read_bytes()), title=title, sources=sources, is_annotated=True,
        version=version, time=time, instance=_INSTANCE,
    )  # fmt: skip
