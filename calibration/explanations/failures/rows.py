"""Write the figures of failures as rows of text, for the page and the console."""

from collections.abc import Iterator

from calibration.explanations.analysis.page import estimate_text
from calibration.explanations.failures.contrast import Contrast, p_text
from calibration.explanations.failures.one_place import PlaceRecord
from calibration.explanations.failures.record import Contrasts, Failure, Failures, MapOfFailure
from edge_runtime.errors import printable
from edge_runtime.explain.zones import ZONES
from edge_runtime.results.shown import percent, titled

Row = tuple[str, ...]

KINDS = {
    "place": "Where the evidence lies",
    "map": "What the map looks like",
    "photo": "What the photograph is like",
    "control": "For comparison",
}
TRAIT_HEADS = (
    "", "of wrong ones", "of right ones", "wrong one has more, in % of pairs", "p", "corrected p",
    "the same within one source", "corrected p",
)  # fmt: skip
ALONE_HEADS = TRAIT_HEADS[:6]
PLACE_HEADS = (
    "predicted as", "photographs", "most often hottest", "there", "turned by chance", "corrected p",
    "more than with left eyes mirrored", "it follows",
)  # fmt: skip
SOURCE_HEADS = ("source", "photographs", "wrong", "as its predicted classes are", "true classes")
FAILURE_HEADS = ("photograph", "true", "predicted", "confidence", "where the evidence lies")

_FOLLOWS = {
    "nothing": "no one place",
    "photo": "the photograph",
    "eye": "the eye",
    "not told": "not told",
}


def trait_rows(found: Failures, kind: str) -> list[Row]:
    """List the traits of a kind: wrong against right ones of a class, and within one source."""
    return [
        (
            found.titles[name],
            *contrast_cells(row),
            *contrast_cells(within)[2:3],
            p_text(within.p_holm),
        )
        for name, row in found.compared.in_class.items()
        if found.kinds[name] == kind and row.superiority is not None
        for within in [found.compared.in_class_and_source[name]]
    ]


def not_compared(found: Failures) -> dict[str, list[str]]:
    """List the traits of which nothing can be said, by the reason."""
    named: dict[str, list[str]] = {}
    for name, row in found.compared.in_class.items():
        if row.superiority is None:
            named.setdefault(row.note or "", []).append(found.titles[name])
    return named


def apart_rows(found: Failures, rows: Contrasts) -> list[Row]:
    """List what is apart in a table, the farthest first."""
    apart = [(name, row) for name, row in rows.items() if row.apart]
    apart.sort(key=lambda pair: -abs((pair[1].superiority or 0.5) - 0.5))
    return [(found.titles[name], *contrast_cells(row)) for name, row in apart]


def surest_rows(found: Failures, count: int) -> list[Row]:
    """List so many traits with the smallest p, wrong against right ones of a class."""
    rows = [(name, row) for name, row in found.compared.in_class.items() if row.p_value is not None]
    rows.sort(key=lambda pair: pair[1].p_value or 0)
    return [(found.titles[name], *contrast_cells(row)) for name, row in rows[:count]]


def contrast_cells(row: Contrast) -> Row:
    """Write both means, the probability of superiority with its interval, and both p-values."""
    if row.superiority is None:
        return ("-",) * 5
    between = ""
    if row.interval is not None:
        low, high = row.interval
        between = f" ({100 * low:.0f} to {100 * high:.0f})"
    value = f"{100 * row.superiority:.0f}{between}"
    return (
        f"{row.mean:.3g}",
        f"{row.mean_others:.3g}",
        value,
        p_text(row.p_value),
        p_text(row.p_holm),
    )


def place_rows(found: Failures) -> list[Row]:
    """List where maps are hottest, class by class."""
    return [(titled(name), *_place_cells(record)) for name, record in found.places.items()]


def source_rows(found: Failures) -> list[Row]:
    """List how often predictions are wrong by source."""
    return [
        (
            printable(name),
            f"{each.photos} of {each.persons}",
            estimate_text(each.wrong, shares=True),
            percent(each.by_class),
            ", ".join(f"{titled(label)} {count}" for label, count in each.labels.items()),
        )
        for name, each in found.sources.by_name.items()
    ]


def failure_rows(failures: tuple[Failure, ...]) -> Iterator[Row]:
    """List failures in a line each."""
    for each in failures:
        yield (
            printable(each.path),
            true_class(each),
            titled(each.predicted.class_name),
            percent(each.predicted.probability),
            where(each.predicted),
        )


def true_class(failure: Failure) -> str:
    """Write a failure's true class, or which it isn't."""
    return titled(failure.true or f"not {failure.excluded}")


def where(found: MapOfFailure) -> str:
    """Say in words where the evidence of a map lies."""
    if not found.evidence:
        return "nothing speaks for it"
    said = [f"hottest {found.place}" if found.place else "hot in several places"]
    if found.zone and found.zone_share is not None and found.zone_evenly is not None:
        evenly = f"evenly spread {percent(found.zone_evenly, 0)}"
        said.append(f"{percent(found.zone_share, 0)} {ZONES[found.zone]} ({evenly})")
    return "; ".join(said)


def _place_cells(record: PlaceRecord) -> Row:
    of = f"{record.photos} of {record.persons}"
    if record.nowhere:
        of += f"; {record.nowhere} hot nowhere or in several places"
    if record.commonest is None or record.share is None:
        return of, f"- ({record.note})", "-", "-", "-", "-", "-"
    beyond = record.beyond_mirrored
    return (
        of,
        record.commonest,
        estimate_text(record.share, shares=True),
        percent(record.by_turning or 0),
        p_text(record.p_holm),
        "-" if beyond is None else estimate_text(beyond, shares=True),
        _FOLLOWS[record.follows],
    )
