"""Make a person's slip a PDF: one A4 page, always."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from edge_runtime.results.embedded import small_jpeg
from edge_runtime.results.shown import percent
from edge_runtime.station.intake import OVERLAY, PHOTO
from edge_runtime.station.papers.code import code_squares
from edge_runtime.station.papers.pen import BAD, FAINT, INK, Pen, finished, new_page
from edge_runtime.station.papers.slip import Slip
from edge_runtime.station.web.cards import EyeCard

_A4 = (210.0, 297.0)
_MARGIN, _GAP = 10.0, 6.0
_CODE = 30.0
_LABEL = 0.27  # of a column's width
_SIDE = 520  # pixels: 300 an inch, as wide as pictures are on the paper

#: How small letters get, and how many lines a text takes then, until all is on the page.
_TRIES = ((1.0, 99), (0.9, 99), (0.82, 6), (0.75, 4), (0.7, 3), (0.65, 2), (0.6, 1))

Picture = Callable[[int, str], Path]


def slip_pdf(slip: Slip, picture: Picture) -> bytes:
    """Write a slip.

    Args:
        slip: What stands on it.
        picture: Names the file of a photograph's picture, as ``CampStore.picture``.

    Returns:
        A PDF of one page: where much is to be said letters get smaller, and at last texts end with
        an ellipsis. Letters that no font of this computer has are named at its foot.
    """
    pictures = _pictures(slip, picture)
    with new_page(_A4, **described(slip)) as pen:
        pen.is_dry = True
        for pen.scale, pen.most in _TRIES:
            if _write(pen, slip, pictures) <= _A4[1] - _MARGIN:
                break
        pen.is_dry = False
        _write(pen, slip, pictures)
        return finished(pen)


def described(slip: Slip) -> dict[str, str]:
    """Say what a PDF tells programs of itself."""
    return {"title": slip.card.title, "language": slip.texts.language, "subject": slip.notice}


def _write(pen: Pen, slip: Slip, pictures: dict[tuple[int, str], bytes]) -> float:
    """Write all of it, and give where it ends."""
    wide = _A4[0] - 2 * _MARGIN
    below = max(_head(pen, slip, wide - _CODE - _GAP), _MARGIN + _CODE) + 2 * pen.scale
    pen.squares(code_squares(slip.code), (_A4[0] - _MARGIN - _CODE, _MARGIN), _CODE)
    column = (wide - _GAP * (len(slip.eyes) - 1)) / len(slip.eyes)
    ends = [
        _eye(pen, slip, eye, pictures, (_MARGIN + place * (column + _GAP), below), column)
        for place, eye in enumerate(slip.eyes)
    ]
    below = max(ends) + 3 * pen.scale
    for label, said in slip.blanks:
        pen.text(label, (_MARGIN, below + 3 * pen.scale), 38, bold=True, most=1)
        if said:
            pen.text(said, (_MARGIN + 40, below + 3 * pen.scale), wide - 40, most=1)
        below += 8 * pen.scale
        pen.line((_MARGIN + 40, below), wide - 40)
    return _foot(pen, slip, below + 3 * pen.scale, wide)


def _head(pen: Pen, slip: Slip, wide: float) -> float:
    card, say = slip.card, slip.texts.say
    born = f" \u00b7 * {card.birth_year}" if card.birth_year else ""
    below = pen.text(card.title, (_MARGIN, _MARGIN), wide, size=15, bold=True, most=3)
    below = pen.text(
        f"{say('title')} \u00b7 {slip.day}{born}", (_MARGIN, below), wide, colour=FAINT
    )
    below = pen.text(slip.notice, (_MARGIN, below + pen.scale), wide, bold=True)
    right, low = pen.mark(card.mark, (_MARGIN, below + 2 * pen.scale), size=13)
    left = right + 3 * pen.scale
    end = pen.text(card.why, (left, below + 3 * pen.scale), _MARGIN + wide - left, size=11)
    return max(end, low)


def _eye(
    pen: Pen,
    slip: Slip,
    eye: EyeCard,
    pictures: dict[tuple[int, str], bytes],
    at: tuple[float, float],
    wide: float,
) -> float:
    """Write an eye into its column, and give where it ends."""
    x, below = at
    below = pen.text(eye.title, (x, below), wide, size=11, bold=True, most=2) + pen.scale
    _, below = pen.mark(eye.mark, (x, below), size=10)
    below += 2 * pen.scale
    photo, say = eye.shown, slip.texts.say
    if photo is None:
        return pen.text(say("eye.none"), (x, below), wide, colour=FAINT)
    half, high = (wide - 2) / 2, min((wide - 2) / 2, 60) * pen.scale
    alts = {PHOTO: say("picture.photo"), OVERLAY: say("picture.overlay", name=photo.result)}
    shown = [(alt, pictures.get((photo.number, name))) for name, alt in alts.items()]
    for place, (alt, jpeg) in enumerate(shown):
        if jpeg:
            pen.photo(jpeg, (x + place * (half + 2), below), (half, high), alt)
    if any(jpeg for _, jpeg in shown):
        below += high + 1.5 * pen.scale
    sure = "" if photo.confidence is None else f" {percent(photo.confidence)}"
    below = pen.text(f"{photo.result}{sure}", (x, below), wide, size=10, bold=True)
    named = f"{photo.name} \u00b7 {photo.time}"
    below = pen.text(named, (x, below), wide, size=7.5, colour=FAINT, most=2)
    return _rows(pen, photo.rows, (x, below + pen.scale), wide)


def _rows(
    pen: Pen, rows: list[tuple[str, str, bool]], at: tuple[float, float], wide: float
) -> float:
    x, below = at
    label = wide * _LABEL
    for named, said, is_bad in rows:
        one = pen.text(named, (x, below), label - 1, size=7.5, colour=FAINT)
        ink = BAD if is_bad else INK
        other = pen.text(said, (x + label, below), wide - label, size=7.5, bold=is_bad, colour=ink)
        below = max(one, other) + 0.6 * pen.scale
    return below


def _foot(pen: Pen, slip: Slip, below: float, wide: float) -> float:
    """Write which model spoke, what the code says, and what couldn't be written."""
    say = slip.texts.say
    for named, said, is_bad in [*slip.model, (say("slip.code"), slip.code, False)]:
        pen.text(named, (_MARGIN, below), 34, size=7, colour=FAINT, most=1)
        ink = BAD if is_bad else INK
        below = pen.text(said, (_MARGIN + 36, below), wide - 36, size=7, bold=is_bad, colour=ink)
    return unwritten(pen, slip, (_MARGIN, below), wide)


def unwritten(pen: Pen, slip: Slip, at: tuple[float, float], wide: float) -> float:
    """Say that letters were left out, as no font of this computer has them."""
    if not pen.lacks:
        return at[1]
    codes = " ".join(f"U+{ord(letter):04X}" for letter in sorted(pen.lacks)[:12])
    said = slip.texts.say("slip.unwritten", letters=codes)
    return pen.text(said, at, wide, size=7, bold=True, colour=BAD)


def _pictures(slip: Slip, picture: Picture) -> dict[tuple[int, str], bytes]:
    """Read the photographs and their overlays, as large as the paper shows them."""
    found = {}
    for photo in (eye.shown for eye in slip.eyes if eye.shown and eye.shown.has_picture):
        for name in (PHOTO, OVERLAY) if photo.has_overlay else (PHOTO,):
            file = picture(photo.number, name)
            read = cv2.imread(str(file), cv2.IMREAD_COLOR) if file.is_file() else None
            if read is not None:
                small = np.ascontiguousarray(read[..., ::-1], np.uint8)
                found[photo.number, name] = small_jpeg(small, side=_SIDE, quality=80)
    return found
