"""Write a report's pages: a worklist first, and the details of each photo behind it."""

import datetime
import itertools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from edge_runtime.bundle.manifest import ModelEntry
from edge_runtime.bundle.metrics import Metrics
from edge_runtime.bundle.thresholds import Thresholds
from edge_runtime.bundle.verdict import doubt_of, validation_of
from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import printable
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import ErrorRecord, Record
from edge_runtime.results.page_template import begin, page_template
from edge_runtime.results.worklist import GROUPS, NOT_REFERRED, REFER, UNDECIDED, Place

#: The folder of all that the worklist leads to, and how many photos have a page of details: few
#: enough for a phone.
DETAILS, ON_A_PAGE = "report", 25

_REPORT, _ROW, PERSON = "report.html.jinja", "row.html.jinja", "person.html.jinja"
_DETAILS, _PHOTO = "details.html.jinja", "photo.html.jinja"


class Figure(NamedTuple):
    """A picture: its file, seen from the page, and its shape as width and height."""

    file: str
    width: int
    height: int


def begin_page() -> None:
    """Load in a thread what the functions below need, so that they don't wait for it."""
    begin(_PHOTO, _ROW, _DETAILS, _REPORT, PERSON, "base.html.jinja", "style.css", "person.css")


def page_file(index: int) -> str:
    """Name the page of details that the photo ``index`` of the worklist, from 0, stands on."""
    return f"photos-{index // ON_A_PAGE + 1:03d}.html"


def picture_file(number: int) -> str:
    """Name the picture of a photo as taken, by its number in the run."""
    return f"{number:04d}.jpg"


def thumbnail_file(number: int) -> str:
    """Name its thumbnail."""
    return f"{number:04d}-small.jpg"


def report_page(
    classifier: Classifier,
    rows: Iterable[tuple[int, str]],
    *,
    counts: Mapping[int, int],
    warning: str | None = None,
) -> Iterator[str]:
    """Write the worklist piece by piece: what it is, the counts, the photos, the model.

    Args:
        classifier: What made the predictions.
        rows: Each photo's group and row, from ``worklist_row``, sorted by group; one at a time is
            in memory.
        counts: Number of photos by group.
        warning: What is to be said of the photos as a whole, if anything.
    """
    entry = classifier.session.entry
    last = NOT_REFERRED if _thresholds(classifier) else UNDECIDED
    return page_template(_REPORT).generate(
        now=datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        disclaimer=DISCLAIMER,
        validation=_validation(entry),
        is_validated=doubt_of(entry.verdict) is None,
        warning=warning,
        model=_model_rows(classifier),
        photos=sum(counts.values()),
        counts=[
            (group, counts.get(index, 0))
            for index, group in enumerate(GROUPS)
            if counts.get(index) or REFER < index < NOT_REFERRED or index in (REFER, last)
        ],
        groups=((GROUPS[index], counts[index], (row for _, row in found))
                for index, found in itertools.groupby(rows, key=lambda row: row[0])),
        folder=DETAILS,
    )  # fmt: skip


def worklist_row(record: Record, place: Place, *, index: int, person: str) -> str:
    """Write one photo's row of the worklist.

    Args:
        record: From ``to_record``.
        place: Where it stands.
        index: How many photos stand before it.
        person: The page of the photo's person, seen from the worklist.
    """
    path = Path(record.path)
    is_bare = path.parent == Path()
    return page_template(_ROW).render(
        record=record,
        group=GROUPS[place.group],
        number=place.number,
        name=printable(path.name),
        parent="" if is_bare else printable(path.parent),
        error=_error(record),
        details=f"{DETAILS}/{page_file(index)}",
        person=person,
        thumbnail=f"{DETAILS}/{thumbnail_file(place.number)}",
    )


def details_page(sections: Iterable[str], *, first: int, photos: int) -> Iterator[str]:
    """Write a page of details piece by piece.

    Args:
        sections: Each photo's part, from ``photo_section``; one at a time is in memory.
        first: How many photos stand on the pages before it.
        photos: How many there are on all pages.
    """
    last = min(first + ON_A_PAGE, photos)
    return page_template(_DETAILS).generate(
        disclaimer=DISCLAIMER,
        sections=sections,
        first=first + 1,
        last=last,
        photos=photos,
        before=page_file(first - 1) if first else None,
        after=page_file(last) if last < photos else None,
    )


def photo_section(record: Record, place: Place, pictures: Mapping[str, Figure]) -> str:
    """Write one photo's part of a page of details.

    Args:
        record: From ``to_record``.
        place: Where it stands.
        pictures: The photo as taken under "", and the overlays by class name.
    """
    return page_template(_PHOTO).render(
        record=record,
        group=GROUPS[place.group],
        number=place.number,
        name=printable(Path(record.path).name),
        path=printable(record.path),
        error=_error(record),
        pictures=pictures,
    )


def _error(record: Record) -> str:
    """Give what is wrong with a photo without its path, which stands beside it."""
    said = record.error if isinstance(record, ErrorRecord) else ""
    return said.removeprefix(f"{printable(record.path)}: ")


def _model_rows(classifier: Classifier) -> list[tuple[str, str]]:
    manifest, entry = classifier.bundle.manifest, classifier.session.entry
    rows = [
        ("Bundle", f"{manifest.name} ({classifier.bundle.identity[:12]})"),
        ("Model", f"{classifier.session.name}, computes in {entry.precision}"),
        ("Classes", ", ".join(manifest.classes)),
    ]
    if dataset := manifest.origin.dataset:
        counts = ", ".join(f"{count} in {name}" for name, count in dataset.photos.items())
        rows.append(("Trained and measured on", f"{dataset.name}: {counts}"))
    for split, metrics in entry.metrics.items():
        recall = ", ".join(
            f"{name} {'-' if value is None else format(value, '.0%')}"
            for name, value in metrics.recall.items()
        )
        rows.append(
            (
                f"Correct in {split}",
                f"{metrics.accuracy:.1%} of {metrics.photos} photos; of each class: {recall}",
            )
        )
        within = _within_sources(metrics)
        if within:
            rows.append((f"AUROC within each source in {split}", within))
    if thresholds := _thresholds(classifier):
        rows.append(("Referral", _referral(thresholds)))
    rows.append(("Validated", _validation(entry)))
    rows.append(
        (
            "Heatmap",
            f"Grad-CAM, {classifier.gradients} gradients: where the evidence for the class lies, "
            "scaled to its own maximum. It shows what the model used, not where a disease is.",
        )
    )
    return rows


def _thresholds(classifier: Classifier) -> Thresholds | None:
    return classifier.bundle.manifest.for_model(classifier.session.name).thresholds


def _within_sources(metrics: Metrics) -> str:
    """Say how well each disease is told from other eyes of the same source, if that is known."""
    gated, every = metrics.by_source_with_gate, metrics.by_source
    of_gated = gated.mean_within_sources if gated else {}
    means = of_gated or (every.mean_within_sources if every else {})
    parts = []
    for name, found in means.items():
        interval = found.interval
        spread = f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
        parts.append(f"{name} {found.value:.2f}{spread}, mean of {found.sources} source(s)")
    passed = ", of photos that the quality gate lets pass" if of_gated else ""
    return "; ".join(parts) + passed if parts else ""


def _referral(thresholds: Thresholds) -> str:
    """Say at which probability a photo is referred, and what that reaches."""
    parts = [
        f"by the lowest threshold, for a sensitivity of {thresholds.sensitivity:.0%} of each class"
        + _reached(", specificity", thresholds.specificity, thresholds.specificity_interval)
    ]
    for name, found in thresholds.classes.items():
        parts.append(
            f"{name} {found.threshold:.1%}"
            + _reached(", sensitivity", found.sensitivity, found.sensitivity_interval)
            + _reached(", specificity of it alone", found.specificity, found.specificity_interval)
        )
    return "; ".join(parts)


def _reached(what: str, share: float | None, interval: tuple[float, float] | None) -> str:
    """Write a share with its interval, nothing where it wasn't measured."""
    if share is None:
        return ""
    spread = f" ({interval[0]:.1%} to {interval[1]:.1%})" if interval else ""
    return f"{what} {share:.1%}{spread}"


def _validation(entry: ModelEntry) -> str:
    """Say it in the words of the records and of the warning on the console."""
    found, doubt = entry.verdict, doubt_of(entry.verdict)
    said: str = validation_of(found)
    if found is not None:
        unjudged = ", ".join(gate.name for gate in found.gates if not gate.judged)
        said += f", against {found.reference} on {found.photos} photos"
        said += f" (not judged: {unjudged})" if unjudged else ""
    return f"{said}. The model {doubt}" if doubt else said
