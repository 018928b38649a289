"""Draw the effects by class, and photos before and after a swap, as URLs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calibration.explanations.explained import Floats
from calibration.explanations.panels import as_url, panel
from calibration.explanations.shortcuts.audit import Audited, Case, Pixels
from calibration.explanations.shortcuts.record import Effect, ShortcutsRecord
from calibration.explanations.shortcuts.swaps import SWAPS
from edge_runtime.errors import printable
from edge_runtime.explain.gradcam import heatmap
from edge_runtime.explain.overlay import lay_heatmap
from edge_runtime.photo.field import Field
from edge_runtime.results.embedded import embedded
from edge_runtime.results.shown import percent, titled

_INK, _FOUND, _FAINT = "#2f6f8f", "#9d1c1c", "#9aa3b2"
_SIDE = 220  # pixels
_MOST_CASES = 8


@dataclass(frozen=True)
class ShownCase:
    """A swap on the page: what it is, what came of it, and pictures by their captions, as URLs."""

    title: str
    text: str
    pictures: dict[str, str]


def plot_effects(record: ShortcutsRecord) -> dict[str, str]:
    """Draw the share of photos that each property turns beyond its own like, a panel a class."""
    most = 100 * max((abs(end) for each in record.effects for end in _ends(each)), default=0.0)
    return {
        f"into {titled(donor)}" if donor else "by another source": _effects(record, donor, most)
        for donor in dict.fromkeys(each.donor for each in record.effects)
    }


def _effects(record: ShortcutsRecord, donor: str | None, most: float) -> str:
    names = list(dict.fromkeys(each.property for each in record.effects))
    figure, axes = panel(height=0.2 * len(names) + 0.5)
    for each in (row for row in record.effects if row.donor == donor):
        if each.turned_beyond.value is None:
            continue
        place, (low, high) = names.index(each.property), _ends(each)
        colour = _FOUND if each.verdict == "shortcut" else _INK
        filled = colour if each.turned_beyond.interval else "none"
        axes.plot([100 * low, 100 * high], [place] * 2, color=colour, linewidth=1.5)
        axes.plot(
            100 * each.turned_beyond.value, place, "o", color=colour, mfc=filled, markersize=4
        )
    least = 100 * record.thresholds.turned_beyond_least
    axes.axvline(0, color=_FAINT, linewidth=0.8)
    axes.axvline(least, color=_FAINT, linestyle=":", linewidth=0.8)
    reach = 1.05 * max(most, least)
    axes.set_xlim(-reach, reach)
    axes.set_yticks(range(len(names)), [SWAPS[name].title.partition(" (")[0] for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    return as_url(figure)


def _ends(each: Effect) -> tuple[float, float]:
    """Give where the line of an effect begins and ends."""
    found = each.turned_beyond
    return found.interval or (found.value or 0.0, found.value or 0.0)


def shown_cases(record: ShortcutsRecord, audited: Audited) -> list[ShownCase]:
    """Draw the most harmful swap of each shortcut, then of the rows that turn most photos."""
    order = sorted(
        (each for each in record.effects if each.donor and each.count),
        key=lambda each: (each.verdict != "shortcut", -(each.turned_beyond.value or 0)),
    )
    classes = audited.pool.explained.classes
    keys = [(each.property, classes.index(each.donor)) for each in order]
    return [_shown(key[0], audited.cases[key], audited) for key in keys[:_MOST_CASES]]


def _shown(name: str, case: Case, audited: Audited) -> ShownCase:
    pool, donors = audited.pool.explained, audited.donors
    own = donors.chosen[case.row]
    top, now = int(pool.top[own]), int(case.probabilities.argmax())
    called, then = (titled(pool.classes[each]) for each in (top, now))
    before, after = float(pool.probabilities[own, top]), float(case.probabilities[now])
    text = f"{printable(Path(pool.photos[own].path).name)}: {called} {percent(before)}, "
    text += f"then {then} {percent(after)}"
    pictures = {
        "photo": embedded(case.before, side=_SIDE),
        f"its map: {called} {percent(before)}": _map(case.before, pool.maps[own, top]),
    }
    if case.donor is not None:
        path = pool.photos[donors.donors[case.row, case.kind]].path
        text += f"; donor: {printable(Path(path).name)}, called {titled(pool.classes[case.kind])}"
        pictures["donor"] = embedded(case.donor, side=_SIDE)
    pictures["after the swap"] = embedded(case.after, side=_SIDE)
    pictures[f"its map then: {then} {percent(after)}"] = _map(case.after, case.cam[now])
    return ShownCase(
        f"{SWAPS[name].title}, into {titled(pool.classes[case.kind])}", text + ".", pictures
    )


def _map(image: Pixels, cam: Floats) -> str:
    height, width = image.shape[:2]
    field = Field.of_box(0, 0, width, height)
    laid = lay_heatmap(image, heatmap(np.asarray(cam)), field, photo_size=(height, width))
    return embedded(laid, side=_SIDE)
