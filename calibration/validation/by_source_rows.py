"""Write what two models tell within each source as rows of a table."""

from calibration.compare.by_source import PairedAuroc
from calibration.validation.record import ModelRecord
from edge_runtime.results.shown import number, signed
from train.evaluation.by_source_table import shown_source

#: In the place of a source: the mean over those that have a figure.
MEAN = "mean within sources"


def by_source_rows(entry: ModelRecord) -> list[tuple[str, ...]]:
    """List source, disease, photos, what they are told from, both AUROCs and their difference.

    Returns:
        Rows of eight cells of plain text, the means last; none where no photo has a source.
    """
    if not entry.by_source:
        return []
    rows = [
        (
            shown_source(source),
            name,
            f"{row.photos} / {row.photos_against}",
            row.against,
            *_compared(row),
        )
        for source, diseases in entry.by_source.sources.items()
        for name, row in diseases.items()
    ]
    return rows + [
        (MEAN, name, f"{row.sources} sources", "", *_compared(row))
        for name, row in entry.by_source.mean_within_sources.items()
    ]


def _compared(row: PairedAuroc) -> tuple[str, ...]:
    interval = " to ".join(map(signed, row.interval)) if row.interval else "-"
    return number(row.original), number(row.model), signed(row.difference), interval
