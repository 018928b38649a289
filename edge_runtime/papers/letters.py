"""Find the fonts that can write a text: the package's own, then those of the system."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from fontTools import unicodedata as scripts
from fontTools.ttLib import TTFont

#: The package's own fonts: Latin, Greek, Cyrillic, and the signs of the advices.
PLAIN, BOLD = (Path(__file__).parent / "fonts" / f"DejaVuSans{end}.ttf" for end in ("", "-Bold"))

#: What stands in the place of a letter that no font has.
LACKING = "\ufffd"

#: Where systems keep fonts.
_FOLDERS = tuple(
    Path("/usr/share/fonts", *each.split("/"))
    for each in (
        "truetype/noto", "opentype/noto", "noto", "google-noto", "noto-cjk", "truetype/dejavu",
        "truetype/freefont", "truetype/droid",
    )
)  # fmt: skip
_MANY = ("DejaVuSans.ttf", "FreeSans.ttf", "DroidSansFallbackFull.ttf")  # of several scripts
_CHINESE = ("NotoSansCJK-Regular.ttc", "DroidSansFallbackFull.ttf")
_CHINESE_SCRIPTS = {"Hani", "Hira", "Kana", "Hang", "Bopo"}


def composed(text: str) -> str:
    """Write a text with letters that have their marks in them, as fonts have them."""
    return unicodedata.normalize("NFC", text)


def fonts_for(text: str) -> tuple[Path, ...]:
    """List the system's fonts that a text needs besides the package's own.

    Args:
        text: As ``composed`` writes it.
    """
    files: dict[Path, None] = {}
    for letter in sorted(set(text)):
        found = _font_of(letter)
        if found is not None and found != PLAIN:
            files.setdefault(found)
    return tuple(files)


def lacking(text: str) -> str:
    """Give the letters of a text that no font of this computer has, each once."""
    return "".join(letter for letter in sorted(set(text)) if _font_of(letter) is None)


def letters_of(font: Path) -> frozenset[int]:
    """List the letters that a font has; none where it can't be read."""
    return _letters(font)


def _font_of(letter: str) -> Path | None:
    if ord(letter) in _letters(PLAIN) or unicodedata.category(letter) in ("Cf", "Cc"):
        return PLAIN  # what isn't seen needs no font
    return next((file for file in _candidates(letter) if ord(letter) in _letters(file)), None)


def _candidates(letter: str) -> Iterator[Path]:
    """Name the files that may have a letter, the likeliest first."""
    script = scripts.script(letter)
    named = re.sub(r"[^A-Za-z]", "", scripts.script_name(script, default=""))
    symbols = ("NotoSansSymbols-Regular.ttf", "NotoSansSymbols2-Regular.ttf")
    own = _CHINESE if script in _CHINESE_SCRIPTS else (f"NotoSans{named}-Regular.ttf", *symbols)
    for name in (*own, "NotoSans-Regular.ttf", *_MANY):
        for folder in _FOLDERS:
            if (folder / name).is_file():
                yield folder / name


@lru_cache(maxsize=16)
def _letters(font: Path) -> frozenset[int]:
    try:
        with TTFont(font, lazy=True, fontNumber=0) as opened:
            return frozenset(opened.getBestCmap() or ())
    except Exception:  # whatever a damaged font makes fontTools raise: it has no letter then
        return frozenset()
