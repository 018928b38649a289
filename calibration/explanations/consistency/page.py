"""Write a measurement of consistency as one self-contained page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calibration.explanations.analysis.page import estimate_text
from calibration.explanations.analysis.pictures import explained_picture
from calibration.explanations.consistency.compare_photos import PairOfPhotos, Parts
from calibration.explanations.consistency.record import KINDS, ConsistencyRecord
from calibration.explanations.consistency.rows import (
    SHORT_HEADS,
    Row,
    measure_rows,
    plotted,
    short_rows,
)
from calibration.explanations.explained import Explained
from calibration.explanations.likeness import Likeness
from calibration.explanations.likeness_plot import plot_likeness
from calibration.explanations.likeness_tables import counts_text, likeness_table
from calibration.explanations.published import publish, to_json
from calibration.explanations.similarity.record import model_name
from calibration.explanations.stored_field import not_found
from edge_runtime.errors import printable
from edge_runtime.results.embedded import embedded
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import number, titled

PAGE, RECORD = "consistency.html", "consistency.json"

_TEMPLATES = Path(__file__).parent / "templates"
_SHOWN = 3  # pairs that are least alike, and as many that are most
_SIDE = 200  # pixels


@dataclass(frozen=True)
class _Part:
    """Some pairs under one heading: of how many the figures are, and their table, if of any."""

    title: str
    counts: str
    table: list[Row]


@dataclass(frozen=True)
class _Shown:
    """A pair side by side: what is said of it, and its pictures by caption."""

    said: str
    pictures: dict[str, str]


def write_consistency(record: ConsistencyRecord, kept: Explained, folder: Path) -> None:
    """Write ``consistency.html`` and ``consistency.json`` into a new folder, both or none.

    Raises:
        OutputExistsError: Something stands there.
        OutputFailedError: It can't be written.
    """
    publish(folder, (PAGE, consistency_page(record, kept)), (RECORD, to_json(record)))


def consistency_page(record: ConsistencyRecord, kept: Explained) -> str:
    """Write the page.

    Args:
        record: The figures.
        kept: The graded photos that they are of.
    """
    rows, chance = plotted(record)
    return page_template("consistency.html.jinja", _TEMPLATES).render(
        record=record,
        not_found=not_found(kept.photos),
        model=model_name(record.store),
        short=(SHORT_HEADS, short_rows(record)),
        plot=plot_likeness(rows, chance=chance),
        random=measure_rows(record.random_pairs),
        kinds=[
            {
                "name": kind,
                "about": KINDS[kind],
                "found": each,
                "same_class": estimate_text(each.same_class, shares=True),
                "parts": [
                    *_parts(each.as_they_are, "pairs"),
                    *(_parts(each.aligned, "pairs", ", aligned") if each.aligned else []),
                ],
                "gain": measure_rows(each.alignment_gain) if each.alignment_gain else [],
                "shown": _shown(each.by_pair, kept),
            }
            for kind, each in record.pairs.items()
        ],
        models=[
            (each.name, model_name(each.store), each.result,
             estimate_text(each.result.same_class, shares=True),
             _parts(Parts(each.result.agreeing, each.result.differing), "photos"))
            for each in record.models
        ],
        mirror=_mirror(record),
    )  # fmt: skip


def _parts(found: Parts, what: str, also: str = "") -> list[_Part]:
    titles = {
        f"One class predicted{also}": found.agreeing,
        f"Different classes predicted{also}": found.differing,
    }
    return [_part(title, each, what) for title, each in titles.items()]


def _part(title: str, found: Likeness, what: str) -> _Part:
    return _Part(
        title, counts_text(found, what), likeness_table(found, "pair") if found.pairs else []
    )


def _mirror(record: ConsistencyRecord) -> tuple[list[Row], list[_Part], list[Row]] | None:
    found = record.mirror
    if found is None:
        return None
    facts: list[Row] = [
        ("model", found.model),
        ("photos", f"{found.photos} of {found.persons} persons"),
        ("files that don't lie there any more, or are others", str(found.gone)),
        ("the class changes in", estimate_text(found.changed, shares=True)),
        ("the first class's probability moves by", estimate_text(found.probability_moved)),
        ("correlation turned back less in place", estimate_text(found.eye_less_frame)),
    ]
    held, changed = found.turned_back.agreeing, found.turned_back.differing
    parts = [
        _part("The class held: map turned back", held, "photos"),
        _part("The class changed: map turned back", changed, "photos"),
    ]
    return facts, parts, measure_rows(found.in_place)


def _shown(pairs: Sequence[PairOfPhotos], kept: Explained) -> dict[str, list[_Shown]]:
    """Show the pairs that are least and most alike by correlation, none twice."""
    ordered = sorted(
        (pair for pair in pairs if pair.measures), key=lambda pair: pair.measures["pearson"]
    )
    least, most = ordered[:_SHOWN], ordered[_SHOWN:][-_SHOWN:][::-1]
    places = {photo.path: number for number, photo in enumerate(kept.photos)}
    return {
        title: [_side_by_side(pair, kept, places) for pair in some]
        for title, some in (("Least alike", least), ("Most alike", most))
        if some
    }


def _side_by_side(pair: PairOfPhotos, kept: Explained, places: dict[str, int]) -> _Shown:
    label = kept.classes.index(pair.first_class)
    pictures = {}
    for path, mirrored in ((pair.first, False), (pair.second, pair.mirrored)):
        place = places[path]
        photo = kept.photos[place]
        drawn = explained_picture(photo, kept.maps[place, label], side=_SIDE)
        if drawn is not None:
            caption = printable(Path(path).name) + (", mirrored" if mirrored else "")
            turned = np.ascontiguousarray(drawn[:, ::-1]) if mirrored else drawn
            pictures[caption if caption not in pictures else f"{caption} (the other)"] = embedded(
                turned
            )
    classes = " and ".join(dict.fromkeys(map(titled, (pair.first_class, pair.second_class))))
    said = (
        f"{classes}: correlation {number(pair.measures['pearson'])}, overlap of the hottest tenth "
        f"{number(pair.measures.get('iou'))}, "
    )
    apart = pair.measures.get("peak_degrees")
    said += "one has no peak" if apart is None else f"peaks {number(apart, 1)} degrees apart"
    return _Shown(said, pictures)
