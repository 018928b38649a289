"""Write a model's figures by source for its card."""

from collections.abc import Mapping
from typing import Any

from train.evaluation.by_source_table import shown_figure, shown_source
from train.evaluation.markdown import cell, table


def card_by_source(metrics: Mapping[str, Any]) -> list[str]:
    """Write what a model tells within each source, without the quality gate and with it.

    Args:
        metrics: Of one split in the manifest.

    Returns:
        Paragraphs of Markdown; none where the photographs have no source.
    """
    found = metrics.get("by_source")
    if not found:
        return []
    gated = metrics.get("by_source_with_gate")
    about = "Within each source, where the camera can't tell the class"
    if gated:
        gate = metrics["gate"]
        about += (
            f"; behind the quality gate too, as `predict` applies it, which refuses "
            f"{gate['ungradable']} of {gate['photos']} photographs"
        )
    heads = ["source", "disease", "photographs / others", "told from", "AUROC"]
    heads += ["behind the gate"] if gated else []
    limits = any("at_threshold" in row for _, _, row in _diseases(found))
    heads += ["sensitivity at its threshold", "specificity there"] if limits else []
    rows = []
    for source, disease, row in _diseases(found):
        cells = [
            cell(shown_source(source)), cell(disease),
            f"{row['photos']} / {row['photos_against']}", cell(row["against"]),
            shown_figure(row["auroc"]),
        ]  # fmt: skip
        if gated:
            diseases = gated["sources"].get(source, {"diseases": {}})["diseases"]
            cells.append(shown_figure(diseases.get(disease, {}).get("auroc")))
        if limits:
            at = row.get("at_threshold", {})
            cells += [shown_figure(at.get(key)) for key in ("sensitivity", "specificity")]
        rows.append(cells)
    return [f"{about}:", table(heads, rows), *_means(found, gated)]


def _diseases(found: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    return [
        (source, disease, row)
        for source, of_source in found["sources"].items()
        for disease, row in of_source["diseases"].items()
    ]


def _means(found: Mapping[str, Any], gated: Mapping[str, Any] | None) -> list[str]:
    """Write the mean of each disease over the sources in a sentence."""
    said = []
    for disease, row in found["mean_within_sources"].items():
        words = f"{disease} {shown_figure(row)} over {row['sources']} source(s)"
        behind = (gated or {"mean_within_sources": {}})["mean_within_sources"].get(disease)
        said.append(words + (f" ({shown_figure(behind)} behind the gate)" if behind else ""))
    return [f"Mean AUROC within sources: {'; '.join(said)}."] if said else []
