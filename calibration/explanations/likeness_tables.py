"""Write how alike maps are as rows of text, for pages and the console."""

from calibration.explanations.analysis.page import estimate_text
from calibration.explanations.likeness import MORE, Likeness, Measures
from calibration.explanations.map_pairs import OTHER_PERSON, RANDOM_PAIRS, TITLES

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
    others = {name: each for name, each in found.controls.items() if name != OTHER_PERSON}
    others = others if random is None else {**others, RANDOM: random}
    return [
        (
            "",
            own,
            OTHER_PERSON,
            "more alike than that by",
            "so it is",
            *(_head(found, name, each) for name, each in others.items()),
        ),
        *(
            (
                title,
                *(
                    _cell(each, name)
                    for each in (found.measures, found.controls[OTHER_PERSON], found.beyond_chance)
                ),
                found.verdicts[name],
                *(_cell(each, name) for each in others.values()),
            )
            for name, title in TITLES.items()
        ),
    ]


def _head(found: Likeness, name: str, control: Measures) -> str:
    """Name a control, with its number of photos where that isn't the pairs'."""
    photos = control["pearson"].photos
    same = name == RANDOM or photos == found.measures["pearson"].photos
    return name if same else f"{name} ({photos})"


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
    if found.other_class:
        said += (
            f"; for {found.other_class} the other person's photo is of another predicted class, as "
            "there is none of this one"
        )
    return said


def in_short(found: Likeness) -> str:
    """Say in a clause by how many of the measures maps are more alike than by chance."""
    said = list(found.verdicts.values())
    return f"{MORE} by {said.count(MORE)} of {len(said)} measures"
