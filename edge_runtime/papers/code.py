"""The code on a slip: one line of text that a phone shows as it is, and its squares."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import segno

_KEPT = 60  # bytes of what a person is called by
_QUIET = 4  # modules of white around the squares, ISO/IEC 18004


def code_line(
    *,
    called: str,
    day: str,
    advice: str,
    eyes: Mapping[str, str],
    models: Sequence[str],
    due: str = "",
) -> str:
    """Write what a slip says in one line, as ``key=value`` between semicolons.

    Percent signs, semicolons and equals signs of what a person is called by, and what isn't seen,
    stand as ``%XX`` of UTF-8, as in addresses; all other letters as they are. What is longer than
    60 bytes ends with an ellipsis, so that the code has 61 modules a side at most.

    Args:
        called: What the person is called by.
        day: ISO 8601; the first and the last one, with a comma, of a visit of several.
        advice: The key of what is to be done with the person.
        eyes: The same of each eye, ``right`` or ``right?`` where that is a guess.
        models: The identities of the bundles that gave the results; 12 digits of two stand.
        due: The key of what is due from an earlier visit, which stands in no other line.

    Returns:
        ``FUNDUS-EDGE;id=...;day=...;advice=...;due=...;right=...;left=...;model=...;not a
        diagnosis``
    """
    parts = {
        "id": _escaped(called),
        "day": day,
        "advice": advice,
        "due": due,
        **eyes,
        "model": ",".join(each[:12] for each in models[:2]),
    }
    told_all = (f"{key}={value}" for key, value in parts.items() if value)
    return ";".join(("FUNDUS-EDGE", *told_all, "not a diagnosis"))


def code_squares(line: str) -> list[str]:
    """Draw a line as a QR code, of which 15 % may be lost.

    Returns:
        Rows of ``0`` and ``1``, the dark ones 1, with the white that must be around it.

    Source: ISO/IEC 18004, error correction level M.
    """
    code = _code(line)
    rows = code.matrix_iter(scale=1, border=_QUIET)
    return ["".join("1" if dark else "0" for dark in row) for row in rows]


def code_svg(line: str) -> str:
    """Draw a line as a QR code for a page: an SVG without a style, white beneath."""
    return str(
        _code(line).svg_inline(
            border=_QUIET, omitsize=True, svgclass=None, lineclass=None, light="#fff", dark="#000"
        )
    )


def _code(line: str) -> segno.QRCode:
    """Say of letters beyond ASCII that they are UTF-8: some readers take them for others else."""
    is_plain = line.isascii()
    return segno.make_qr(line, error="m", boost_error=False, encoding="utf-8", eci=not is_plain)


def _escaped(called: str) -> str:
    """Write a name so that it stands between semicolons, and cut one that is long."""
    told = ""
    for letter in called:
        part = quote(letter, safe="") if letter in "%;=" or not letter.isprintable() else letter
        if len(f"{told}{part}".encode()) > _KEPT:
            return f"{told}\u2026"
        told += part
    return told
