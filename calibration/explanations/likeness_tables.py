"""Write how alike maps are as rows of text, for pages and the console."""

from calibration.explanations.analysis.page import estimate_text
from calibration.explanations.likeness import PRIMARY, Likeness, Measures
from calibration.explanations.map_pairs import OTHER_PERSON, PARTNERS, RANDOM_PAIRS, TITLES

Row = tuple[str, ...]

#: How the column of the pairs of other persons, of any class, is called.
RANDOM = f"{RANDOM_PAIRS} random pairs"


#: Why a measure has no value where the others have one.
_WITHOUT = {"iou": "as hot everywhere", "peak_degrees": "no peak"}


def likeness_table(found: Likeness, own: str, random: Measures | None = None) -> list[Row]:
    """Write a likeness as a table, its head first: the measures beside their controls.

    Args:
        found: The likeness.
        own: How the pairs are called.
        random: The same of random pairs, if they shall stand beside it.
    """
    named = columns(found, own)
    last = list(named).index(OTHER_PERSON) + 1
    first, others = list(named.items())[:last], list(named.items())[last:]
    if random is not None:
        others.append((RANDOM, random))
    return [
        (
            "",
            *(name for name, _ in first),
            "more alike than that by",
            "so it is",
            *(name for name, _ in others),
        ),
        *(
            (
                title,
                *(_cell(each, name) for _, each in first),
                _cell(found.beyond_chance, name),
                found.verdict if name == PRIMARY else "",
                *(_cell(each, name) for _, each in others),
            )
            for name, title in TITLES.items()
        ),
    ]


def columns(found: Likeness, own: str) -> dict[str, Measures]:
    """Put each control beside the pairs' own figures over the same photos, chance first.

    Args:
        found: The likeness.
        own: How the pairs are called.

    Returns:
        Measures by heading: the pairs' own, then the controls. Before one that some photos lack
        stand the pairs' own over those that it has.
    """
    named = {own: found.measures}
    for name in sorted(found.controls, key=lambda name: name != OTHER_PERSON):
        control = found.controls[name]
        if name in found.same_photos:
            photos = control["pearson"].photos
            named[f"{own}, the {photos} of {name}"] = found.same_photos[name]
        named[name] = control
    return named


def beside(found: Likeness, control: str) -> Measures:
    """Give the pairs' own figures over the photos that a control has."""
    return found.same_photos.get(control, found.measures)


def _cell(measures: Measures, name: str) -> str:
    """Write a measure; of maps without a peak or a hottest tenth, why there is none."""
    if measures[name].value is None and measures["pearson"].value is not None and name in _WITHOUT:
        return f"- ({_WITHOUT[name]})"
    return estimate_text(measures[name])


def counts_text(found: Likeness, what: str = "photos") -> str:
    """Say of how many a likeness is, and of how many there is a doubt."""
    said = f"{found.pairs} {what} of {found.persons} persons"
    if found.blank:
        said += f", {found.blank} of them without evidence to compare"
    return said + doubts_text(found.other_class, found.other_side, found.fewer)


def doubts_text(other_class: int, other_side: int, fewer: int) -> str:
    """Say for how many the other persons' photos aren't what they should be; nothing for none."""
    said = ""
    if other_class:
        said += (
            f"; for {other_class} the other persons' photos are of another predicted class, as "
            "there is none of this one"
        )
    if other_side:
        said += (
            f"; for {other_side} they are of the other side of the eye, or a side isn't known, "
            "which may make chance lower"
        )
    if fewer:
        said += f"; for {fewer} there are fewer than {PARTNERS} such persons"
    return said


def in_short(found: Likeness) -> str:
    """Say in a clause whether maps are more alike than by chance."""
    return f"{found.verdict}, by their correlation"
