"""Write tables in Markdown."""

from collections.abc import Sequence

from edge_runtime.errors import printable


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table, its first column to the left and the others to the right."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: str) -> str:
    """Keep a folder's name from ending a cell or a line."""
    return printable(text).replace("|", "\\|")


def figure(value: float | None, interval: Sequence[float] | None, *, has_intervals: bool) -> str:
    """Write a figure with its interval, and a dash for either that is missing."""
    if value is None:
        return "-"
    if interval is None:
        return f"{value:.3f}" + (" (-)" if has_intervals else "")
    return f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"
