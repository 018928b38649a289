"""Write tables in Markdown."""

from collections.abc import Sequence

from edge_runtime.bundle.metrics import Figure, MeanFigure
from edge_runtime.errors import printable


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table, its first column to the left and the others to the right."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


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
