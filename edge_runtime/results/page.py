"""Write the report: one self-contained HTML page, to read on any computer and to print."""

import datetime
from collections.abc import Iterable, Iterator, Mapping

from edge_runtime.bundle.manifest import ModelEntry
from edge_runtime.bundle.metrics import Metrics
from edge_runtime.bundle.thresholds import Thresholds
from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import printable
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import Record
from edge_runtime.results.page_template import begin, page_template

_PHOTO, _REPORT = "photo.html.jinja", "report.html.jinja"


def begin_page() -> None:
    """Load in a thread what the functions below need, so that they don't wait for it."""
    begin(_PHOTO, _REPORT, "base.html.jinja", "style.css")


def report_page(
    classifier: Classifier, sections: Iterable[str], *, photos: int, failed: int, ungradable: int
) -> Iterator[str]:
    """Write the page piece by piece: what it is, the disclaimer, what the model is, the photos.

    Args:
        classifier: What made the predictions.
        sections: Each photo's part, from ``photo_section``; one at a time is in memory.
        photos: Number of photos in the report.
        failed: How many of them couldn't be read or classified.
        ungradable: How many of them got no class for want of quality.
    """
    return page_template(_REPORT).generate(
        now=datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        disclaimer=DISCLAIMER,
        model=_model_rows(classifier),
        sections=sections,
        photos=photos,
        failed=failed,
        ungradable=ungradable,
    )


def photo_section(record: Record, photo: str | None, overlays: Mapping[str, str]) -> str:
    """Write one photo's part of the page.

    Args:
        record: From ``to_record``.
        photo: The photo as a URL of its data; None if it couldn't be read.
        overlays: The overlays likewise, by class name.
    """
    return page_template(_PHOTO).render(
        name=printable(record.path), record=record, photo=photo, overlays=overlays
    )


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
    thresholds = manifest.for_model(classifier.session.name).thresholds
    if thresholds:
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
    found = entry.verdict
    if found is None:
        return "not recorded"
    missed = ", ".join(gate.name for gate in found.gates if not gate.holds)
    unjudged = any(not gate.judged for gate in found.gates)
    passed = "passed all gates" + (" that could be judged" if unjudged else "")
    verdict = passed if found.passed else f"FAILED ({missed})"
    return f"{verdict}, against {found.reference} on {found.photos} photos"
