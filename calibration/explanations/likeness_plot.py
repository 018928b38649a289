"""Draw how alike maps are, beside what chance gives, a panel for each measure."""

from collections.abc import Mapping

from calibration.explanations.likeness import Measures
from calibration.explanations.map_pairs import TITLES
from calibration.explanations.panels import as_url, panel, short_label

_OWN, _CHANCE = "#2f6f8f", "#8a93a3"


def plot_likeness(rows: Mapping[str, Measures], *, chance: frozenset[str]) -> dict[str, str]:
    """Draw the mean and the interval of each row.

    Args:
        rows: The measures by what they are of.
        chance: Which of the rows are controls.

    Returns:
        A panel's URL by the title of its measure.
    """
    return {title: _drawn(name, rows, chance) for name, title in TITLES.items()}


def _drawn(name: str, rows: Mapping[str, Measures], chance: frozenset[str]) -> str:
    figure, axes = panel(height=0.2 * len(rows) + 0.5)
    for place, (label, measures) in enumerate(rows.items()):
        found = measures[name]
        colour = _CHANCE if label in chance else _OWN
        if found.interval is not None:
            axes.plot(found.interval, [place, place], color=colour, linewidth=2)
        if found.value is not None:
            axes.plot(found.value, place, "o", color=colour, markersize=5)
    axes.set_yticks(range(len(rows)), [short_label(label) for label in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(axis="x", color="#dde1e8", linewidth=0.6)
    return as_url(figure)
