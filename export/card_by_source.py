"""Write a model's figures by source for its card."""

from edge_runtime.bundle.metrics import BySource, DiseaseFigures, Metrics
from train.evaluation.by_source_table import shown_source
from train.evaluation.markdown import figure, table


def card_by_source(metrics: Metrics) -> list[str]:
    """Write what a model tells within each source, without the quality gate and with it.

    Args:
        metrics: Of one split in the manifest.

    Returns:
        Paragraphs of Markdown; none where the photographs have no source.
    """
    found, gated, gate = metrics.by_source, metrics.by_source_with_gate, metrics.gate
    if not found:
        return []
    about = "Within each source, where the camera can't tell the class"
    if gated and gate:
        about += (
            f"; behind the quality gate too, as `predict` applies it, which refuses "
            f"{gate.ungradable} of {gate.photos} photographs"
        )
    heads = ["source", "disease", "photographs / others", "told from", "AUROC"]
    heads += ["behind the gate"] if gated else []
    told = _diseases(found)
    behind = {row[:2]: row[2].auroc for row in _diseases(gated)} if gated else {}
    limits = any(row.at_threshold for _, _, row in told)
    heads += ["sensitivity at its threshold", "specificity there"] if limits else []
    rows = []
    for source, disease, row in told:
        cells = [
            shown_source(source),
            disease,
            f"{row.photos} / {row.photos_against}",
            row.against,
            figure(row.auroc),
        ]
        cells += [figure(behind.get((source, disease)))] if gated else []
        if limits:
            at = row.at_threshold
            cells += [figure(at.sensitivity), figure(at.specificity)] if at else ["-", "-"]
        rows.append(cells)
    return [f"{about}:", table(heads, rows), *_means(found, gated or None)]


def _diseases(found: BySource) -> list[tuple[str, str, DiseaseFigures]]:
    return [
        (source, disease, row)
        for source, of_source in found.sources.items()
        for disease, row in of_source.diseases.items()
    ]


def _means(found: BySource, gated: BySource | None) -> list[str]:
    """Write the mean of each disease over the sources in a sentence."""
    said = []
    for disease, row in found.mean_within_sources.items():
        behind = gated.mean_within_sources.get(disease) if gated else None
        words = f"{disease} {figure(row)} over {row.sources} source(s)"
        said.append(words + (f" ({figure(behind)} behind the gate)" if behind else ""))
    return [f"Mean AUROC within sources: {'; '.join(said)}."] if said else []
