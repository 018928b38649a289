"""Write figures and names as the pages show them."""

import re
from collections.abc import Iterable
from typing import Any

_NO_INTERVAL = re.compile(r" \(no interval: ((?:[^()]|\([^()]*\))*)\)")
_MARKS = str.maketrans("0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")


def percent(share: float, digits: int = 1) -> str:
    """Write a share 0..1 in percent."""
    return f"{share:.{digits}%}"


def titled(name: str) -> str:
    """Write a name, such as a class's, without its underscores."""
    return name.replace("_", " ")


def number(value: float | None, digits: int = 3) -> str:
    """Write a figure, a dash where there is none."""
    return "-" if value is None else f"{round(value, digits) + 0.0:.{digits}f}"


def signed(value: float | None) -> str:
    """Write a difference with its sign, a dash where there is none."""
    return "-" if value is None else f"{round(value, 3) + 0.0:+.3f}"


def unbroken(cell: str) -> str:
    """Keep what stands in brackets, an interval, on one line of a cell."""
    return re.sub(r"\([^)]*\)", lambda found: found[0].replace(" ", "\u00a0"), cell)


def footnoted(
    rows: Iterable[Iterable[Any]], *, wide: bool = False
) -> tuple[list[tuple[Any, ...]], dict[str, str]]:
    """Take out of a table's cells why figures have no interval, and keep intervals on one line.

    Args:
        rows: The cells; those that aren't text stay.
        wide: Whether there are so many columns that an interval may break before its upper end.

    Returns:
        The rows with a mark in the place of each reason, and the reasons by their marks.
    """
    reasons: dict[str, str] = {}

    def marked(found: re.Match[str]) -> str:
        number = str(len(reasons) + 1)
        return "\u00a0" + reasons.setdefault(found[1], number.translate(_MARKS))

    def shown(cell: Any) -> Any:
        if type(cell) is not str:
            return cell
        whole = unbroken(_NO_INTERVAL.sub(marked, cell))
        return whole.replace("\u00a0to\u00a0", "\u00a0to ") if wide else whole

    found = [tuple(shown(cell) for cell in row) for row in rows]
    return found, {mark: why for why, mark in reasons.items()}
