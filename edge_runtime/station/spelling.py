"""Compare what people are called by, however it is written."""

import re
import unicodedata
from functools import lru_cache

_KEPT = 1 << 15  # texts beyond ASCII of which the answer is kept: a large camp's
_ASCII_SIGNS = {each: " " for each in range(128) if not chr(each).isalnum()}
_ASCII_GONE = dict.fromkeys(_ASCII_SIGNS)
_BORDER = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")  # of letters and digits
_PAGE, _PARTS = re.compile(r"#\d{1,9}"), re.compile(r"[-_./]+")

#: Letters that have no accent to be taken off, and what somebody types who doesn't have them.
_PLAIN = str.maketrans(
    {"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
)


def same_number(told: str) -> str:
    """Write a number or name so that two are equal where people mean the same by them.

    Capitals don't count, nor which sign parts it: P-17, p_17, P 17 and P17 are one, but 17 is
    another than 1-7. Accents count: who reads them means them.
    """
    return _spelt(told) if told.isascii() else _spelt_once(told)


class Search:
    """What somebody searches for in what people are called by.

    Each word of it may stand anywhere. Neither capitals count nor accents, nor what parts a number.
    """

    def __init__(self, typed: str) -> None:
        words = _bare(typed).split()
        self._pages = {int(word[1:]) for word in words if _PAGE.fullmatch(word)}
        named = [word for word in words if not _PAGE.fullmatch(word)]
        self._words = [(word, _PARTS.sub("", word) or word) for word in named]

    def finds(self, told: str, number: int) -> bool:
        """Tell whether it finds somebody.

        Args:
            told: What the person is called by.
            number: That of their page, which is found by a # before it.
        """
        if self._pages - {number}:
            return False
        where = _bare(told)
        return all(word in where or whole in _unparted(where) for word, whole in self._words)


def _spelt(told: str) -> str:
    whole = unicodedata.normalize("NFKC", told).casefold()
    return _BORDER.sub(" ", " ".join(_words(whole))) or whole


_spelt_once = lru_cache(_KEPT)(_spelt)  # of ASCII it takes no time


def _words(text: str) -> list[str]:
    """Part a text where neither a letter stands nor a digit, nor a mark that belongs to one.

    Marks are the vowels of Bengali, Hindi, Thai and others: without them two names would be one.
    What isn't seen, as what joins letters in those scripts, parts nothing.
    """
    if text.isascii():
        return text.translate(_ASCII_SIGNS).split()
    seen = (each for each in text if unicodedata.category(each) != "Cf")
    return "".join(each if unicodedata.category(each)[0] in "LNM" else " " for each in seen).split()


def _unparted(text: str) -> str:
    return text.translate(_ASCII_GONE) if text.isascii() else "".join(_words(text))


def _bare(text: str) -> str:
    """Take capitals and accents off."""
    return text.casefold() if text.isascii() else _bare_once(text)


@lru_cache(_KEPT)
def _bare_once(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in parts if not unicodedata.combining(each)).translate(_PLAIN)
