"""Write a comparison of two runs into a folder: figures, the photographs that changed, plots."""

import io
from pathlib import Path
from typing import Any

import pyarrow as pa
from matplotlib.figure import Figure
from pyarrow import csv

from edge_runtime.archive.compare import NO_CLASS, Changes, Comparison, in_order, share
from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import printable
from edge_runtime.predict.record import no_formula
from edge_runtime.system.codec import to_line
from edge_runtime.system.files import write_file
from edge_runtime.system.folders import new_folder

_MOST_BARS = 30
_LETTERS = 30  # of a run's name


def write_comparison(folder: Path, comparison: Comparison, flips: Any) -> None:
    """Write ``diff.json``, ``flips.csv`` and a plot for each way to group the photographs.

    Args:
        folder: A new folder.
        comparison: From ``compare``.
        flips: The table beside it.

    Raises:
        OutputExistsError: There is something at ``folder``.
        OutputFailedError: It can't be written there.
    """
    with new_folder(folder, private=True) as place:
        write_file(place / "diff.json", to_line(comparison).encode() + b"\n", private=True)
        sink = io.BytesIO()
        csv.write_csv(_without_formulas(flips), sink)
        write_file(place / "flips.csv", b"\xef\xbb\xbf" + sink.getvalue(), private=True)
        write_file(place / "classes.png", _matrix(comparison), private=True)
        for name, groups in (("source", comparison.by_source), ("month", comparison.by_month)):
            if set(groups) != {""}:
                names = in_order(name, groups)
                names = names if name == "month" else names[:_MOST_BARS]
                write_file(place / f"{name}.png", _bars(name, groups, names), private=True)


def _without_formulas(table: Any) -> Any:
    """Write texts so that no spreadsheet computes them: a list says what its sources are called."""
    for at, column in enumerate(table.schema):
        if pa.types.is_string(column.type):
            texts = [each and no_formula(each) for each in table[column.name].to_pylist()]
            table = table.set_column(at, column, pa.array(texts, pa.string()))
    return table


def _png(figure: Figure) -> bytes:
    figure.supxlabel(DISCLAIMER, fontsize=7, color="#555")
    sink = io.BytesIO()
    figure.savefig(sink, format="png", dpi=120)
    return sink.getvalue()


def _matrix(comparison: Comparison) -> bytes:
    """Draw how many photographs went from which class to which."""
    changes = comparison.whole
    pairs = {tuple(name.split(" to ", 1)): count for name, count in changes.classes.items()}
    found = {name for pair in pairs for name in pair}
    names = sorted(found, key=lambda name: (name in NO_CLASS, name))
    counts = [[pairs.get((was, now), 0) for now in names] for was in names]
    figure = Figure(figsize=(2 + len(names), 1.8 + 0.8 * len(names)), layout="constrained")
    axes = figure.subplots()
    axes.imshow([[share(n, sum(row)) for n in row] for row in counts], cmap="Blues", vmin=0, vmax=1)
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            dark = share(count, sum(row)) > 0.6
            axes.text(x, y, str(count), ha="center", va="center", color="w" if dark else "k")
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
    axes.set_yticks(range(len(names)), names)
    old, new = (_place(name) for name in (comparison.old, comparison.new))
    flipped = f"{changes.class_flips} of {changes.photos} flipped"
    axes.set(xlabel=f"new: {new}", ylabel=f"old: {old}", title=flipped)
    return _png(figure)


def _place(name: str) -> str:
    """Give the last part of where a run's records are, so that its axis has room for it."""
    return printable(name.rstrip("/").rpartition("/")[2])[:_LETTERS].replace("$", r"\$")


def _bars(title: str, groups: dict[str, Changes], names: list[str]) -> bytes:
    """Draw the share of flips and the drift of confidence of each group."""
    figure = Figure(figsize=(9, 2 + 0.3 * len(names)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    rows = range(len(names))
    chosen = [groups[name] for name in names]
    for at, (label, flips) in enumerate(
        (("class", [each.class_flips for each in chosen]),
         ("referral", [each.referral_flips for each in chosen]))
    ):  # fmt: skip
        widths = [100 * share(n, each.photos) for n, each in zip(flips, chosen, strict=True)]
        left.barh([row + 0.4 * at - 0.2 for row in rows], widths, height=0.4, label=label)
    right.barh([*rows], [each.drift or 0.0 for each in chosen], color="#666")
    labels = [f"{name or 'unknown'} ({groups[name].photos})" for name in names]
    left.set_yticks([*rows], labels)
    left.invert_yaxis()
    left.set(xlabel="flipped, %", title=f"by {title} (photos)")
    figure.legend(loc="outside upper right", ncols=2, fontsize=8)
    right.axvline(0, color="k", lw=0.5)
    right.set(xlabel="mean change of confidence, same class")
    return _png(figure)
