"""Write what two models tell within each source as rows of a table."""

from collections.abc import Mapping
from typing import Any

from edge_runtime.results.shown import number, signed
from train.evaluation.by_source_table import shown_source

#: In the place of a source: the mean over those that have a figure.
MEAN = "mean within sources"


def by_source_rows(entry: Mapping[str, Any]) -> list[list[str]]:
    """List source, disease, photos, what they are told from, both AUROCs and their difference.

    Args:
        entry: A model's part of a validation's record.

    Returns:
        Rows of eight cells of plain text, the means last; none where no photo has a source.
    """
    found = entry.get("by_source")
    if found is None:
        return []
    rows = [
        [
            shown_source(source),
            name,
            f"{row['photos']} / {row['photos_against']}",
            row["against"],
            *_compared(row),
        ]
        for source, diseases in found["sources"].items()
        for name, row in diseases.items()
    ]
    return rows + [
        [MEAN, name, f"{row['sources']} sources", "", *_compared(row)]
        for name, row in found["mean_within_sources"].items()
    ]


def _compared(row: Mapping[str, Any]) -> list[str]:
    interval = row["interval"]
    return [
        number(row["original"]),
        number(row["model"]),
        signed(row["difference"]),
        " to ".join(map(signed, interval)) if interval else "-",
    ]
