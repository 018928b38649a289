"""The words by which files' names tell an eye, in the languages of those who write them.

English, Spanish, Portuguese and French. D and I alone are none: series of pictures are lettered so.
"""

import re
from collections.abc import Iterable

from edge_runtime.explain.landmarks import Eye

#: They tell the side wherever they stand in a name.
WHOLE: dict[str, Eye] = {
    "right": "right", "righteye": "right", "od": "right", "dcho": "right", "dcha": "right",
    "left": "left", "lefteye": "left", "os": "left", "oi": "left",
    "izq": "left", "izdo": "left", "izda": "left",
}  # fmt: skip

#: People are called so too (Maria Izquierdo, Per og Kari, Kenzaburo Oe): they tell the side behind
#: a word for the eye or a number, and at the end of a name.
SURNAMES: dict[str, Eye] = {
    "derecho": "right", "derecha": "right", "direito": "right", "direita": "right",
    "droit": "right", "droite": "right",
    "izquierdo": "left", "izquierda": "left", "esquerdo": "left", "esquerda": "left",
    "gauche": "left", "og": "left", "oe": "left",
}  # fmt: skip

#: They tell it behind a word for the eye and at the end of a name: "der" is an article too.
ENDS: dict[str, Eye] = {"der": "right"}

#: They tell it as the last word alone: "le" may be an article, "r" an initial.
SHORT: dict[str, Eye] = {"r": "right", "re": "right", "l": "left", "le": "left"}

#: Words for the eye that stand before its side.
ORGANS = ("ojo", "olho", "oeil", "œil")

#: Every word for the side that is more than a letter or two of English.
SIDES: dict[str, Eye] = {**WHOLE, **SURNAMES, **ENDS}


def any_of(words: Iterable[str]) -> str:
    """Give a pattern that finds any of some words, the longest first."""
    return "|".join(sorted(words, key=len, reverse=True))


_END = r"(?![^\W\d_])"
#: Where a side begins though nothing parts it from what is before: P52izq, 52OD, ojoderecho. Of
#: words of two letters a whole number must stand there: h2os is nobody's eye.
_GLUED = re.compile(
    rf"(?<=\d)(?=(?:{any_of(each for each in SIDES if len(each) > 2)}){_END})"
    rf"|(?<![^\W_])(?:\d+(?=(?:{any_of(each for each in SIDES if len(each) == 2)}){_END})"
    rf"|(?:{any_of(ORGANS)})(?=(?:{any_of(SIDES)}){_END}))",
    re.IGNORECASE,
)


def parted(name: str) -> str:
    """Put a space before the side where it hangs on a number or on a word for the eye."""
    return _GLUED.sub(r"\g<0> ", name)
