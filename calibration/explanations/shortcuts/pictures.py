"""Draw the effects by class, and photos before and after a swap, as URLs."""

import io
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from calibration.explanations.explained import Floats
from calibration.explanations.shortcuts.audit import Audited, Case, Pixels
from calibration.explanations.shortcuts.record import ShortcutsRecord
from calibration.explanations.shortcuts.swaps import SWAPS
from edge_runtime.errors import printable
from edge_runtime.explain.gradcam import heatmap
from edge_runtime.explain.overlay import lay_heatmap
from edge_runtime.photo.field import Field
from edge_runtime.results.embedded import data_url, embedded
from edge_runtime.results.shown import percent

matplotlib.use("agg")
matplotlib.rcParams["svg.hashsalt"] = "fundus-edge"

_INK, _FOUND, _FAINT = "#2f6f8f", "#9d1c1c", "#9aa3b2"
_SIDE = 220  # pixels
_MOST_CASES = 8


@dataclass(frozen=True)
class ShownCase:
    """A swap on the page: what it is, what came of it, and pictures by their captions, as URLs."""

    title: str
    text: str
    pictures: dict[str, str]


def plot_effects(record: ShortcutsRecord) -> str:
    """Draw the share of photos that each property turns beyond its own like, a panel a class."""
    donors = list(dict.fromkeys(each.donor for each in record.effects))
    names = list(dict.fromkeys(each.property for each in record.effects))
    columns = min(3, len(donors))
    rows = -(-len(donors) // columns)
    figure = Figure(
        figsize=(2.6 * columns + 2, (0.24 * len(names) + 0.9) * rows), layout="constrained"
    )
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for panel, donor in zip(panels, donors, strict=False):
        for each in (row for row in record.effects if row.donor == donor):
            place, figure_of = names.index(each.property), each.turned_beyond
            if figure_of.value is None:
                continue
            low, high = figure_of.interval or (figure_of.value, figure_of.value)
            colour = _FOUND if each.verdict == "shortcut" else _INK
            panel.plot([100 * low, 100 * high], [place] * 2, color=colour, linewidth=1.5)
            panel.plot(100 * figure_of.value, place, "o", color=colour, markersize=4)
        panel.axvline(0, color=_FAINT, linewidth=0.8)
        panel.axvline(
            100 * record.thresholds.turned_beyond_least, color=_FAINT, linestyle=":", linewidth=0.8
        )
        title = f"into {donor.replace('_', ' ')}" if donor else "by another source"
        panel.set_title(title, fontsize=9)
        panel.tick_params(labelsize=8, labelbottom=True)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].set_yticks(range(len(names)), [SWAPS[name].title for name in names])
    panels[0].invert_yaxis()
    for panel in panels[len(donors) :]:
        panel.set_axis_off()
    figure.supxlabel("photos turned, % beyond what the control turns", fontsize=9)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return data_url(buffer.getvalue(), "image/svg+xml")


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
    called, then = (pool.classes[each] for each in (top, now))
    before, after = float(pool.probabilities[own, top]), float(case.probabilities[now])
    text = f"{printable(Path(pool.photos[own].path).name)}: {called} {percent(before)}, "
    text += f"then {then} {percent(after)}"
    pictures = {
        "photo": embedded(case.before, side=_SIDE),
        f"its map: {called} {percent(before)}": _map(case.before, pool.maps[own, top]),
    }
    if case.donor is not None:
        path = pool.photos[donors.donors[case.row, case.kind]].path
        text += f"; donor: {printable(Path(path).name)}, called {pool.classes[case.kind]}"
        pictures["donor"] = embedded(case.donor, side=_SIDE)
    pictures["after the swap"] = embedded(case.after, side=_SIDE)
    pictures[f"its map then: {then} {percent(after)}"] = _map(case.after, case.cam[now])
    return ShownCase(f"{SWAPS[name].title}, into {pool.classes[case.kind]}", text + ".", pictures)


def _map(image: Pixels, cam: Floats) -> str:
    height, width = image.shape[:2]
    field = Field.of_box(0, 0, width, height)
    laid = lay_heatmap(image, heatmap(np.asarray(cam)), field, photo_size=(height, width))
    return embedded(laid, side=_SIDE)
