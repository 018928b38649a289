"""The side of the eye as a file's name tells it, and whether the photo agrees."""

import re
from pathlib import Path

from edge_runtime.explain.landmarks import Eye, Landmarks

_WORDS: dict[str, Eye] = {
    "right": "right", "righteye": "right", "od": "right",
    "left": "left", "lefteye": "left", "os": "left", "oi": "left",
}  # fmt: skip
#: These count only as the name's last word, numbers aside: "le" may be an article, "r" an initial.
_SHORT: dict[str, Eye] = {"r": "right", "re": "right", "l": "left", "le": "left"}


def side_in_name(path: Path | str) -> Eye | None:
    """Read the side of the eye from a file's name, such as 17_left.jpg, P1-OD-2.png or 085_L.tif.

    Only whole words count, between anything but letters and digits; of the folder's name nothing.
    A name that tells both sides, as of a pair, tells none.
    """
    words = [word for word in re.split(r"[\W_]+", Path(path).stem.casefold()) if word]
    sides = {side for word in words if (side := _WORDS.get(re.sub(r"^\d+|\d+$", "", word)))}
    if not sides:
        spoken = [word for word in words if not word.isdecimal()]
        sides = {side for word in spoken[-1:] if (side := _SHORT.get(word))}
    return sides.pop() if len(sides) == 1 else None


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
