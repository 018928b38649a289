"""Write an analysis of explanations as one self-contained page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calibration.explanations.analysis.analyse import ClassMaps
from calibration.explanations.analysis.pictures import average_picture, explained_picture
from calibration.explanations.analysis.prototypes import Kind
from calibration.explanations.analysis.record import Analysis, ClassAnalysis
from calibration.explanations.estimate import Estimate
from calibration.explanations.explained import Explained
from calibration.explanations.published import photo_name, publish, to_json
from calibration.explanations.stored_field import not_found
from edge_runtime.explain.zones import ZONES
from edge_runtime.results.embedded import embedded
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import number, percent

PAGE, RECORD = "analysis.html", "analysis.json"

_TEMPLATES = Path(__file__).parent / "templates"
_SIDE = 240  # pixels of a picture
_FEWEST = 3  # photos of an average that is drawn

#: The average pictures of a class: what each shows, and whether it is in the common frame.
_AVERAGES = {
    "all": ("all, disc and fovea in one place", True),
    "right": ("predicted rightly", True),
    "wrong": ("predicted wrongly", True),
    "not aligned": ("the same photos, not aligned", False),
}

#: How like an average maps are, by the names of ``LikeAverage``.
_LIKENESS = {
    "aligned": "disc and fovea in one place",
    "mirrored": "left eyes mirrored and no more",
    "unaligned": "as the photographs are",
    "alignment_gain": "what alignment brings beyond mirroring",
}


@dataclass(frozen=True, eq=False)
class _Part:
    """A class's section; pictures are URLs by caption, ``kinds`` likewise beside their number."""

    name: str
    found: ClassAnalysis
    zones: list[tuple[str, ...]]
    concentration: list[tuple[str, ...]]
    likeness: list[tuple[str, ...]]
    averages: Mapping[str, str]
    kinds: list[tuple[int, Mapping[str, str]]]
    alike: Mapping[str, list[tuple[str, str]]]
    not_drawn: list[str]


def write_analysis(
    found: Analysis,
    kept: Explained,
    maps: Mapping[str, ClassMaps],
    folder: Path,
    *,
    on_share: Callable[[str, float], None] = lambda label, share: None,
) -> None:
    """Write ``analysis.html`` and ``analysis.json`` into a new folder, both or none.

    Raises:
        OutputExistsError: Something stands there.
        OutputFailedError: It can't be written.
    """
    page = analysis_page(found, kept, maps, on_share=on_share)
    publish(folder, (PAGE, page), (RECORD, to_json(found)))


def analysis_page(
    found: Analysis,
    kept: Explained,
    maps: Mapping[str, ClassMaps],
    *,
    on_share: Callable[[str, float], None] = lambda label, share: None,
) -> str:
    """Write the page: average maps, zones, concentration, kinds, and how alike maps are.

    Args:
        found: From ``analyse``.
        kept: The photos of it.
        maps: What is drawn, by class.
        on_share: Called with what is under way, and with the share 0..1 of it that is done.
    """
    parts = []
    for name in found.classes:
        parts.append(_part(name, found, kept, maps[name]))
        on_share("pictures", len(parts) / len(found.classes))
    return page_template("analyse.html.jinja", _TEMPLATES).render(
        found=found,
        parts=parts,
        controls=tuple(next(iter(found.classes.values())).like_average_by_chance),
        absent=[name for name in kept.classes if name not in found.classes],
        not_found=not_found(kept.photos),
    )


def estimate_text(found: Estimate, *, shares: bool = False) -> str:
    """Write a mean with its interval, or why there is none."""
    show = percent if shares else number
    if found.value is None:
        return f"- ({found.note})" if found.note else "-"
    if found.interval is None:
        return f"{show(found.value)} (no interval: {found.note})"
    low, high = map(show, found.interval)
    return f"{show(found.value)} ({low} to {high})"


def _part(name: str, found: Analysis, kept: Explained, maps: ClassMaps) -> _Part:
    entry = found.classes[name]
    most = max(
        (float(np.nanmax(each)) for each in maps.averages.values() if not np.isnan(each).all()),
        default=1.0,
    )
    averages = {
        f"{caption} ({maps.counts[key]})": embedded(
            average_picture(maps.averages[key], most=most, marks=aligned, side=_SIDE)
        )
        for key, (caption, aligned) in _AVERAGES.items()
        if maps.counts[key] >= _FEWEST and not np.isnan(maps.averages[key]).all()
    }
    return _Part(
        name=name,
        found=entry,
        zones=[
            (
                ZONES[zone],
                estimate_text(row.share, shares=True),
                "-" if row.evenly is None else percent(row.evenly),
                _times(row.share.value, row.evenly),
                f"{row.share.photos} of {row.share.persons}",
            )
            for zone, row in entry.zones.items()
        ],
        concentration=_concentration(entry, found),
        likeness=_likeness(entry),
        averages=averages,
        kinds=[(kind.photos, _kind_pictures(kept, kind, most)) for kind in maps.kinds],
        alike={
            title: [(photo_name(each.photo), number(each.correlation)) for each in photos]
            for title, photos in (
                ("The most like the class's average", entry.most_alike),
                ("The least like the class's average", entry.least_alike),
            )
            if photos
        },
        not_drawn=[
            f"{caption} ({maps.counts[key]})"
            for key, (caption, _) in _AVERAGES.items()
            if 0 < maps.counts[key] < _FEWEST
        ],
    )


def _concentration(entry: ClassAnalysis, found: Analysis) -> list[tuple[str, ...]]:
    rows = (
        ("entropy of the map, 1 is spread evenly", entry.entropy, found.entropy_by_area),
        ("share of the map that holds half of the evidence", entry.half_area,
         found.half_area_by_area),
    )  # fmt: skip
    return [
        (what, estimate_text(each), number(evenly), f"{each.photos} of {each.persons}")
        for what, each, evenly in rows
    ]


def _likeness(entry: ClassAnalysis) -> list[tuple[str, ...]]:
    """Write how like maps are to an average, and what each control reaches, a measure a row."""
    columns = (entry.like_average, *entry.like_average_by_chance.values())
    return [
        (what, *(estimate_text(getattr(each, name)) for each in columns))
        for name, what in _LIKENESS.items()
    ]


def _kind_pictures(kept: Explained, kind: Kind, most: float) -> dict[str, str]:
    pictures = {}
    if kind.photos >= _FEWEST:
        average = average_picture(kind.average, most=most, marks=True, side=_SIDE)
        pictures["average"] = embedded(average)
    for index in kind.prototypes:
        photo = kept.photos[index]
        cam = kept.maps[index, kept.top[index]]
        drawn = explained_picture(photo, cam, side=_SIDE)
        if drawn is not None:
            pictures[photo_name(photo.path)] = embedded(drawn)
    return pictures


def _times(share: float | None, evenly: float | None) -> str:
    return "-" if share is None or not evenly else f"{share / evenly:.2f}"
