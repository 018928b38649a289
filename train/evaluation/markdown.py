"""Write tables in Markdown."""

from collections.abc import Sequence

from edge_runtime.bundle.metrics import Figure, MeanFigure
from edge_runtime.errors import printable

#: A table's heads, and its rows of plain text.
Table = tuple[list[str], list[list[str]]]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table of plain text, its first column to the left and the others to the right."""
    lines = [["---", *["---:"] * (len(heads) - 1)], *([*map(cell, row)] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in ([*map(cell, heads)], *lines))


def cell(text: str) -> str:
    """Keep a folder's name from ending a cell or a line."""
    return printable(text).replace("|", "\\|")


def figure(found: Figure | MeanFigure | None, *, has_intervals: bool = True) -> str:
    """Write a figure with its interval, and a dash for either that is missing."""
    if found is None or found.value is None:
        return "-"
    if found.interval is None:
        return f"{found.value:.3f}" + (" (-)" if has_intervals else "")
    low, high = found.interval
    return f"{found.value:.3f} ({low:.3f} to {high:.3f})"
