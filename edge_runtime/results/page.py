"""Write the report: one self-contained HTML page, to read on any computer and to print."""

import base64
import datetime
from collections.abc import Mapping
from html import escape
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.manifest import ModelEntry
from edge_runtime.bundle.referral import yes_or_no
from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import printable
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import ErrorRecord, Record, UngradableRecord

_PICTURE_SIDE = 640  # pixels, the longer one, of each picture in the page

_STYLE = """
:root { color-scheme: light; --ink: #1b2230; --faint: #5d6675; --line: #dde1e8; --bar: #2f6f8f; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: #fff;
  max-width: 62rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 0 0 .6rem; overflow-wrap: anywhere; }
p { margin: .4rem 0; }
.faint { color: var(--faint); }
.notice { border: 2px solid #b3541e; border-radius: 6px; padding: .6rem .9rem; margin: 1rem 0;
  font-weight: 600; }
table { border-collapse: collapse; margin: .5rem 0; }
th, td { text-align: left; padding: .2rem 1.2rem .2rem 0; vertical-align: top;
  border-bottom: 1px solid var(--line); font-weight: normal; overflow-wrap: anywhere; }
th { color: var(--faint); }
section { border-top: 1px solid var(--line); padding: 1.2rem 0; break-inside: avoid; }
.pictures { display: flex; flex-wrap: wrap; gap: .8rem; align-items: flex-start; }
figure { margin: 0; flex: 1 1 17rem; max-width: 26rem; }
figure img { width: 100%; border-radius: 4px; display: block; }
figcaption { color: var(--faint); font-size: .85rem; }
.bars { margin: .8rem 0 0; max-width: 40rem; }
.bar { display: grid; grid-template-columns: 13rem 1fr 4.5rem; gap: .7rem; align-items: center; }
.bar.top { font-weight: 600; }
.bar span:last-child { text-align: right; font-variant-numeric: tabular-nums; }
.track { background: #edf0f4; height: .7rem; border-radius: 3px; overflow: hidden; }
.track i { display: block; height: 100%; background: var(--bar); }
.error { color: #9d1c1c; font-weight: 600; }
@media print {
  body { margin: 0; max-width: none; font-size: 11pt; }
  .track, .track i, .notice { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  figure { max-width: 8.2cm; }
}
"""


def report_head(classifier: Classifier, *, photos: int, failed: int, ungradable: int) -> str:
    """Write the page up to the first photo: what it is, the disclaimer, what the model is.

    Args:
        classifier: What made the predictions.
        photos: Number of photos in the report.
        failed: How many of them couldn't be read.
        ungradable: How many of them got no class for want of quality.
    """
    now = datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    count = f"{photos} photo{'' if photos == 1 else 's'}"
    count += f", {ungradable} ungradable" if ungradable else ""
    count += f", {failed} could not be read" if failed else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Fundus report, {now}</title><style>{_STYLE}</style></head><body>\n"
        f'<h1>Fundus report</h1><p class="faint">{now} · {count}</p>\n'
        f'<p class="notice">{DISCLAIMER} No result here may decide on a treatment, '
        "nor on leaving one out.</p>\n"
        f"{_model_section(classifier)}\n"
    )


def embedded(picture: npt.NDArray[np.uint8]) -> str:
    """Make a picture a part of the page: small, and without the file that it came from.

    Args:
        picture: uint8 (height, width, 3), RGB.

    Returns:
        A URL that holds it as JPEG.
    """
    scale = min(1.0, _PICTURE_SIDE / max(picture.shape[:2]))
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    _, data = cv2.imencode(
        ".jpg", np.ascontiguousarray(small[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 85]
    )
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode("ascii")


def photo_section(record: Record, photo: str | None, overlays: Mapping[str, str]) -> str:
    """Write one photo's part of the page.

    Args:
        record: From ``to_record``.
        photo: The photo, from ``embedded``; None if it couldn't be read.
        overlays: The overlays, from ``embedded``, by class name.
    """
    title = f"<h2>{escape(printable(record.path))}</h2>"
    if isinstance(record, ErrorRecord) or photo is None:
        error = record.error if isinstance(record, ErrorRecord) else ""
        return f'<section>{title}<p class="error">{escape(error)}</p></section>\n'
    figures = [_figure(photo, "photo as taken")]
    if isinstance(record, UngradableRecord):
        return (
            f'<section>{title}<p class="error">Ungradable: {escape(record.reason)}. '
            f'No class was computed.</p><div class="pictures">{figures[0]}</div></section>\n'
        )
    for explanation in record.explanations:
        name = explanation.class_name
        evidence = f"{explanation.evidence_logits:.2f} logits of evidence"
        caption = f"{name}: {evidence if explanation.positive_evidence else 'no evidence'}"
        figures.append(_figure(overlays[name], caption))
    bars = "".join(
        f'<div class="bar{" top" if name == record.class_name else ""}">'
        f"<span>{escape(name)}</span>"
        f'<span class="track"><i style="width:{share:.2%}"></i></span>'
        f"<span>{share:.1%}</span></div>"
        for name, share in record.probabilities.items()
    )
    decision = record.referral
    refer = (
        f"<p>Refer: <strong>{yes_or_no(decision.refer)}</strong>. "
        f"<span class='faint'>{escape(decision.why)}.</span></p>"
        if decision
        else ""
    )
    caution = record.caution
    warning = f'<p class="error">Caution: {escape(caution)}.</p>' if caution else ""
    return (
        f"<section>{title}<p><strong>{escape(record.class_name)}</strong>, "
        f"{record.confidence:.1%}</p>{warning}{refer}"
        f'<div class="pictures">{"".join(figures)}</div><div class="bars">{bars}</div></section>\n'
    )


def report_tail() -> str:
    """Write the page's end."""
    return f'<section><p class="notice">{DISCLAIMER}</p></section></body></html>\n'


def _model_section(classifier: Classifier) -> str:
    manifest, entry = classifier.bundle.manifest, classifier.session.entry
    rows = [
        ("Bundle", f"{manifest.name} ({classifier.bundle.identity[:12]})"),
        ("Model", f"{classifier.session.name}, computes in {entry.precision}"),
        ("Classes", ", ".join(manifest.classes)),
    ]
    dataset = manifest.origin.get("dataset", {})
    if "photos" in dataset:
        counts = ", ".join(f"{count} in {name}" for name, count in dataset["photos"].items())
        rows.append(("Trained and measured on", f"{dataset.get('name', '')}: {counts}"))
    for split, metrics in entry.metrics.items():
        recall = ", ".join(
            f"{name} {'-' if value is None else format(value, '.0%')}"
            for name, value in metrics["recall"].items()
        )
        rows.append(
            (
                f"Correct in {split}",
                f"{metrics['accuracy']:.1%} of {metrics['photos']} photos; of each class: {recall}",
            )
        )
        within = _within_sources(metrics)
        if within:
            rows.append((f"AUROC within each source in {split}", within))
    rows.append(("Validated", _validation(entry)))
    rows.append(
        (
            "Heatmap",
            f"Grad-CAM, {classifier.gradients} gradients: where the evidence for the class lies, "
            "scaled to its own maximum. It shows what the model used, not where a disease is.",
        )
    )
    cells = "".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in rows)
    warning = (
        "Measured on photos of the same sources as the training; other cameras and patients "
        "give other figures."
    )
    return (
        f'<section><h2>The model</h2><table>{cells}</table><p class="faint">{warning}</p></section>'
    )


def _within_sources(metrics: Mapping[str, Any]) -> str:
    """Say how well each disease is told from other eyes of the same source, if that is known."""
    key = "by_source_with_gate"
    if not metrics.get(key, {}).get("mean_within_sources"):
        key = "by_source"
    parts = []
    for name, found in metrics.get(key, {}).get("mean_within_sources", {}).items():
        interval = found.get("interval")
        spread = f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
        parts.append(f"{name} {found['value']:.2f}{spread}, mean of {found['sources']} source(s)")
    gated = ", of photos that the quality gate lets pass" if key.endswith("gate") else ""
    return "; ".join(parts) + gated if parts else ""


def _validation(entry: ModelEntry) -> str:
    found = entry.checks.get("validation")
    if found is None:
        return "not recorded"
    missed = ", ".join(gate["name"] for gate in found["gates"] if not gate["holds"])
    unjudged = any(not gate.get("judged", True) for gate in found["gates"])
    passed = "passed all gates" + (" that could be judged" if unjudged else "")
    verdict = passed if found["passed"] else f"FAILED ({missed})"
    return f"{verdict}, against {found['reference']} on {found['photos']} photos"


def _figure(source: str, caption: str) -> str:
    text = escape(caption)
    return f'<figure><img src="{source}" alt="{text}"><figcaption>{text}</figcaption></figure>'
