"""The side of the eye as a file's name tells it, and whether the photo agrees."""

import re
from collections.abc import Sequence
from pathlib import Path

from edge_runtime.explain.eye_words import ENDS, ORGANS, SHORT, SIDES, SURNAMES, WHOLE, parted
from edge_runtime.explain.landmarks import Eye, Landmarks


def side_in_name(path: Path | str) -> Eye | None:
    """Read the side of the eye from a file's name, as 17_left.jpg, P1-OD-2.png, 17 izquierdo.tif.

    Only whole words count (``eye_words``), between anything but letters and digits; of the folder's
    name nothing. A name that tells both sides, as of a pair, tells none.
    """
    words = [word for word in re.split(r"[\W_]+", parted(Path(path).stem.casefold())) if word]
    told = [re.sub(r"^\d+|\d+$", "", word) for word in words]
    spoken = [place for place, word in enumerate(words) if not word.isdecimal()]
    sides = {side for word in told if (side := WHOLE.get(word))}
    for place, organ in enumerate(told[:-1], 1):
        if organ in ORGANS and (side := SIDES.get(told[place])):
            sides.add(side)
            told[place] = ""  # it is nobody's surname
    surnames = {SURNAMES[word] for word in told if word in SURNAMES}
    if spoken and (told[spoken[-1]] in SURNAMES or _is_behind_a_number(words, told)):
        sides |= surnames
    if spoken and (side := ENDS.get(told[spoken[-1]])):
        sides.add(side)
    if not sides and spoken and (side := SHORT.get(words[spoken[-1]])):
        sides.add(side)
    return sides.pop() if len(sides) == 1 else None


def _is_behind_a_number(words: Sequence[str], told: Sequence[str]) -> bool:
    """Tell whether a word that may be a surname stands behind a number, as in P17 izquierdo."""
    both = zip(words, told[1:], strict=False)
    return any(before[-1].isdecimal() and word in SURNAMES for before, word in both)


def agreed_side(named: str | None, by_disc: str | None) -> str | None:
    """Give the side that a name or the disc tells; None where neither does, or they disagree."""
    return None if named and by_disc and named != by_disc else named or by_disc


def side_doubt(path: Path | str, landmarks: Landmarks) -> str | None:
    """Say in a clause that a file's name and its photo disagree about the side of the eye.

    Returns:
        None where they agree, or where one of them doesn't tell.
    """
    named = side_in_name(path)
    if named is None or landmarks.eye is None or named == landmarks.eye:
        return None
    return (
        f"the file's name says {named} eye, but the optic disc lies as in a {landmarks.eye} eye; "
        "check the name, and whether the photo is mirrored or turned"
    )
