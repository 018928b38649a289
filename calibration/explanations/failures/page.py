"""Write failures as one self-contained page, with a sheet of the worst."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from calibration.explanations.analysis.averages import average, densities, usable
from calibration.explanations.analysis.pictures import average_picture, laid_over
from calibration.explanations.explained import Explained
from calibration.explanations.failures.contrast import p_text
from calibration.explanations.failures.record import Failure, Failures
from calibration.explanations.failures.rows import (
    ALONE_HEADS,
    FAILURE_HEADS,
    KINDS,
    PLACE_HEADS,
    SOURCE_HEADS,
    TRAIT_HEADS,
    apart_rows,
    failure_rows,
    not_compared,
    place_rows,
    source_rows,
    surest_rows,
    trait_rows,
    true_class,
    where,
)
from calibration.explanations.published import photo_name, publish, to_json
from calibration.explanations.stored_field import not_found, stored_field
from edge_runtime.errors import printable
from edge_runtime.results.embedded import embedded
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import percent, titled

PAGE, RECORD = "failures.html", "failures.json"

_TEMPLATES = Path(__file__).parent / "templates"
_SIDE = 240  # pixels of a picture
_SHOWN = 320  # of a picture that is laid over
_GREY = 70  # in the place of a photo that is gone


@dataclass(frozen=True)
class _Card:
    """A failure on the sheet; pictures are a URL, a caption and what the map shows."""

    path: str
    true: str
    predicted: str
    confidence: str
    source: str
    gone: bool
    pictures: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class _Part:
    """A class's section; pictures are URLs by caption."""

    name: str
    right: int
    wrong: int
    pictures: dict[str, str]
    rows: list[tuple[str, ...]]
    note: str | None


def write_failures(
    found: Failures,
    explained: Explained,
    folder: Path,
    *,
    show: int,
    on_picture: Callable[[], object] = lambda: None,
) -> None:
    """Write ``failures.html`` and ``failures.json`` into a new folder, both or none.

    Args:
        found: From ``find_failures``.
        explained: The photos that it is of.
        folder: Where.
        show: How many wrong ones the sheet has at most, and how many unsure ones.
        on_picture: Called for each failure on the sheet.

    Raises:
        OutputExistsError: Something stands there.
        OutputFailedError: It can't be written.
    """
    page = failures_page(found, explained, show=show, on_picture=on_picture)
    publish(folder, (PAGE, page), (RECORD, to_json(found)))


def failures_page(
    found: Failures,
    explained: Explained,
    *,
    show: int,
    on_picture: Callable[[], object] = lambda: None,
) -> str:
    """Write the page. Every figure on it stands in ``failures.json`` too.

    Args:
        found: From ``find_failures``.
        explained: The photos that it is of.
        show: How many wrong ones the sheet has at most, and how many unsure ones.
        on_picture: Called for each failure on the sheet.
    """
    wrong, unsure = (
        tuple(each for each in found.failures if each.wrong is side) for side in (True, False)
    )

    named = tuple(replace(each, path=Path(each.path).name) for each in wrong)

    def cards(failures: tuple[Failure, ...]) -> Iterator[_Card]:
        for each in failures[:show]:
            yield _card(each, explained)
            on_picture()

    return page_template("failures.html.jinja", _TEMPLATES).render(
        found=found,
        wrong=list(cards(wrong)),
        unsure=list(cards(unsure)),
        parts=_parts(found, explained),
        traits=[(title, trait_rows(found, kind)) for kind, title in KINDS.items()],
        trait_heads=TRAIT_HEADS,
        not_compared=not_compared(found),
        compared=bool(surest_rows(found, 1)),
        source_p=p_text(found.sources.p_value),
        alone_heads=ALONE_HEADS,
        doubted=apart_rows(found, found.compared.unsure),
        overall=apart_rows(found, found.compared.overall),
        places=(PLACE_HEADS, place_rows(found)),
        sources=(SOURCE_HEADS, source_rows(found)),
        confusions=[(titled(name), str(count)) for name, count in found.confusions.items()],
        listed=(FAILURE_HEADS, list(failure_rows(named))),
        not_found=not_found(explained.photos),
    )


def on_sheet(found: Failures, show: int) -> int:
    """Count the failures that the sheet has."""
    wrong = sum(each.wrong for each in found.failures)
    return min(wrong, show) + min(len(found.failures) - wrong, show)


def _card(failure: Failure, explained: Explained) -> _Card:
    photo, maps = explained.photos[failure.row], explained.maps[failure.row]
    square = stored_field(photo, size=(_SIDE, _SIDE))
    under = np.full((_SIDE, _SIDE, 3), _GREY, np.uint8) if square is None else square
    captions = {failure.predicted: "predicted"}
    if failure.other is not None:
        captions[failure.other] = "true class" if failure.wrong else "second most likely"
    return _Card(
        path=photo_name(photo.path),
        true=true_class(failure),
        predicted=titled(failure.predicted.class_name),
        confidence=percent(failure.predicted.probability),
        source=printable(failure.source or "not known"),
        gone=square is None,
        pictures=tuple(
            (
                embedded(
                    laid_over(under, maps[explained.classes.index(of.class_name)]), side=_SHOWN
                ),
                f"{caption}: {titled(of.class_name)}",
                f"{percent(of.probability)}; {where(of)}",
            )
            for of, caption in captions.items()
        ),
    )


def _parts(found: Failures, explained: Explained) -> Iterator[_Part]:
    """Draw for each predicted class the average maps of right and of wrong ones, as photos lie."""
    kept = explained.taken(np.array([photo.fault is None for photo in explained.photos], bool))
    maps, sides = densities(kept).unaligned, {"right": kept.right, "wrong": kept.wrong}
    for label, name in enumerate(kept.classes):
        rows = found.compared.by_class[name]
        chosen = {side: maps[mask & (kept.top == label)] for side, mask in sides.items()}
        averages = {side: average(each) for side, each in chosen.items() if usable(each).any()}
        most = max((float(np.nanmax(each)) for each in averages.values()), default=1.0)
        yield _Part(
            name=titled(name),
            right=len(chosen["right"]),
            wrong=len(chosen["wrong"]),
            pictures={
                f"{side} ones ({usable(chosen[side]).sum()})": embedded(
                    average_picture(each, most=most, marks=False, side=_SIDE)
                )
                for side, each in averages.items()
            },
            rows=apart_rows(found, rows),
            note=rows["confidence"].note if rows["confidence"].p_value is None else None,
        )
