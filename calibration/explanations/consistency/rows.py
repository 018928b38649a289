"""Write the figures of consistency as rows of text, for the page and the console."""

from collections.abc import Iterator
from dataclasses import dataclass

from calibration.explanations.analysis.page import estimate_text
from calibration.explanations.consistency.record import SAME, ConsistencyRecord
from calibration.explanations.estimate import Estimate
from calibration.explanations.likeness import Likeness, Measures
from calibration.explanations.likeness_tables import RANDOM, beside
from calibration.explanations.map_pairs import OTHER_PERSON, TITLES

Row = tuple[str, ...]

SHORT_HEADS = ("", "pairs of one class", "correlation", "by chance", "so it is", "one class in")


@dataclass(frozen=True)
class Compared:
    """One comparison: how it is called, how often one class is predicted, and its maps there."""

    title: str
    same_class: Estimate | None
    agreeing: Likeness


def comparisons(record: ConsistencyRecord) -> Iterator[Compared]:
    """List the comparisons of which there are pairs of one class."""
    found = []
    for kind, each in record.pairs.items():
        found.append(Compared(kind, each.same_class, each.as_they_are.agreeing))
        if each.aligned is not None:
            found.append(Compared(f"{kind}, aligned", None, each.aligned.agreeing))
    for model in record.models:
        result = model.result
        found.append(Compared(f"beside {model.name}", result.same_class, result.agreeing))
    if record.mirror is not None:
        found.append(
            Compared("mirrored photo, turned back", None, record.mirror.turned_back.agreeing)
        )
    return (each for each in found if each.agreeing.pairs)


def short_rows(record: ConsistencyRecord) -> list[Row]:
    """Say how often the class agrees, and how alike maps are where it does, by correlation."""
    rows: list[Row] = []
    for each in comparisons(record):
        part = each.agreeing
        own, other = (each["pearson"] for each in (beside(part, OTHER_PERSON), _chance(part)))
        same = "" if each.same_class is None else _brief(each.same_class, shares=True)
        said = _brief(own), _brief(other), part.verdict
        rows.append((each.title, str(part.pairs), *said, same))
    return rows


def plotted(record: ConsistencyRecord) -> tuple[dict[str, Measures], frozenset[str]]:
    """Choose what is plotted, by what it is of, and say which of it is chance.

    Files of the same bytes are left out, as their maps are equal.
    """
    rows: dict[str, Measures] = {}
    chance = {RANDOM}
    for each in comparisons(record):
        if each.title == SAME:
            continue
        rows[each.title] = beside(each.agreeing, OTHER_PERSON)
        rows[f"{each.title}: chance"] = _chance(each.agreeing)
        chance.add(f"{each.title}: chance")
    return {**rows, RANDOM: record.random_pairs}, frozenset(chance)


def measure_rows(measures: Measures) -> list[Row]:
    """Write each measure with its interval."""
    return [(title, estimate_text(measures[name])) for name, title in TITLES.items()]


def _chance(found: Likeness) -> Measures:
    return found.controls[OTHER_PERSON]


def _brief(found: Estimate, *, shares: bool = False) -> str:
    """Write a mean without the reason where it has no interval, which stands further down."""
    return estimate_text(found, shares=shares).partition(" (no interval:")[0]
