"""Make a person's slip a PDF: one A4 page, always."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from edge_runtime.papers.code import code_squares
from edge_runtime.papers.pen import BAD, FAINT, INK, Pen, finished, new_page
from edge_runtime.papers.scale import scale_jpeg
from edge_runtime.papers.unwritten import write_unwritten
from edge_runtime.results.embedded import small_jpeg
from edge_runtime.results.overlays import whole
from edge_runtime.results.shown import percent
from edge_runtime.station.intake import OVERLAY, PHOTO
from edge_runtime.station.papers.slip import Slip
from edge_runtime.station.web.cards import EyeCard

_A4 = (210.0, 297.0)
_MARGIN, _GAP = 10.0, 6.0
_CODE = 30.0
_LABEL, _NARROW = (0.27, 0.35), 80.0  # of a column's width, and of one of fewer mm
_SIDE = 800  # pixels: 220 an inch of the widest picture, 450 of those side by side
_SCALE = 38.0, 1.9  # the scale of the heatmap's colours

#: How large letters are, how many lines a text takes, and how high a picture is that has a row of
#: its own (0: photograph and overlay are side by side), until all is on the page.
_TRIES = (
    (1.35, 99, 64.0), (1.25, 99, 62.0), (1.15, 99, 58.0), (1.05, 99, 54.0), (1.0, 99, 48.0),
    (1.0, 99, 0.0), (0.9, 99, 0.0), (0.82, 6, 0.0), (0.75, 4, 0.0), (0.7, 3, 0.0), (0.65, 2, 0.0),
    (0.6, 1, 0.0),
)  # fmt: skip

Picture = Callable[[int, str], Path]
Read = Callable[[Path], bytes | None]
_Pictures = dict[tuple[int, str], tuple[bytes, float]]  # a JPEG, and its height by its width


def slip_pdf(slip: Slip, picture: Picture, *, read: Read = whole) -> bytes:
    """Write a slip.

    Args:
        slip: What stands on it.
        picture: Names the file of a photograph's picture, as ``CampStore.picture``.
        read: Reads such a file, as ``whole``, for whoever needs it too.

    Returns:
        A PDF of one page, as large as there is room: where much is to be said pictures and letters
        get smaller, and at last texts end with an ellipsis. Letters that no font of this computer
        has are named at its foot.
    """
    pictures = _pictures(slip, picture, read)
    with new_page(_A4, **described(slip), made=slip.made) as pen:
        pen.is_dry = True
        for pen.scale, pen.most, high in _TRIES:
            if _write(pen, slip, pictures, high) <= _A4[1] - _MARGIN:
                break
        pen.is_dry = False
        _write(pen, slip, pictures, high)
        return finished(pen)


def described(slip: Slip) -> dict[str, str]:
    """Say what a PDF tells programs of itself."""
    return {"title": slip.title, "language": slip.texts.language, "subject": slip.notice}


def _write(pen: Pen, slip: Slip, pictures: _Pictures, high: float) -> float:
    """Write all of it, and give where it ends."""
    wide = _A4[0] - 2 * _MARGIN
    below = max(_head(pen, slip, wide - _CODE - _GAP), _MARGIN + _CODE) + 2 * pen.scale
    pen.squares(code_squares(slip.code), (_A4[0] - _MARGIN - _CODE, _MARGIN), _CODE)
    column = (wide - _GAP * (len(slip.eyes) - 1)) / len(slip.eyes)
    ends = [
        _eye(pen, slip, eye, pictures, (_MARGIN + place * (column + _GAP), below), (column, high))
        for place, eye in enumerate(slip.eyes)
    ]
    below = max(ends) + 3 * pen.scale
    shown = (eye.shown for eye in slip.eyes if eye.shown)
    if any(each.has_heat and (each.number, OVERLAY) in pictures for each in shown):
        below = _legend(pen, slip, below, wide)
    for label, said in slip.blanks:
        pen.text(label, (_MARGIN, below + 3 * pen.scale), 38, bold=True, most=1)
        low = below + 8 * pen.scale
        if said:
            end = pen.text(said, (_MARGIN + 40, below + 3 * pen.scale), wide - 40, most=3)
            low = max(low, end + 0.5 * pen.scale)
        below = low
        pen.line((_MARGIN + 40, below), wide - 40)
    return _foot(pen, slip, below + 3 * pen.scale, wide)


def _head(pen: Pen, slip: Slip, wide: float) -> float:
    card, say = slip.card, slip.texts.say
    born = f" \u00b7 {slip.born}" if slip.born else ""
    below = pen.text(slip.title, (_MARGIN, _MARGIN), wide, size=15, bold=True, most=3)
    below = pen.text(
        f"{say('title')} \u00b7 {slip.day}{born}", (_MARGIN, below), wide, colour=FAINT
    )
    below = pen.text(slip.notice, (_MARGIN, below + pen.scale), wide, bold=True)
    right, low = pen.mark(card.mark.look, card.mark.said, (_MARGIN, below + 2 * pen.scale), size=13)
    left = right + 3 * pen.scale
    if right - _MARGIN > wide / 3:  # too little room beside it
        end = pen.text(card.why, (_MARGIN, low + pen.scale), wide, size=11)
    else:
        end = pen.text(card.why, (left, below + 3 * pen.scale), _MARGIN + wide - left, size=11)
    below = max(end, low)
    if slip.unanswered:
        at = _MARGIN, below + pen.scale
        return pen.text(slip.unanswered, at, wide, size=10, bold=True, colour=BAD)
    return below


def _eye(
    pen: Pen,
    slip: Slip,
    eye: EyeCard,
    pictures: _Pictures,
    at: tuple[float, float],
    box: tuple[float, float],
) -> float:
    """Write an eye into its column, its pictures so high each (0: in one row); give its end."""
    (x, below), wide = at, box[0]
    below = pen.text(eye.title, (x, below), wide, size=11, bold=True, most=2) + pen.scale
    _, below = pen.mark(eye.mark.look, eye.mark.said, (x, below), size=10)
    below += 2 * pen.scale
    photo, say = eye.shown, slip.texts.say
    if photo is None:
        return pen.text(say("eye.none"), (x, below), wide, colour=FAINT)
    alts = {PHOTO: say("picture.photo"), OVERLAY: photo.evidence}
    for name, is_due in ((PHOTO, photo.has_picture), (OVERLAY, photo.has_overlay)):
        if is_due and (photo.number, name) not in pictures:
            lost = say("slip.lost", what=alts[name])
            below = pen.text(lost, (x, below), wide, size=8, bold=True, colour=BAD) + pen.scale
    found = [(alt, pictures.get((photo.number, name))) for name, alt in alts.items()]
    below = _show(pen, [(*shown, alt) for alt, shown in found if shown], (x, below), box)
    sure = "" if photo.confidence is None else f" {percent(photo.confidence)}"
    below = pen.text(f"{photo.result}{sure}", (x, below), wide, size=10, bold=True)
    named = f"{photo.name} \u00b7 {photo.time}"
    below = pen.text(named, (x, below), wide, size=7.5, colour=FAINT, most=2)
    return _rows(pen, photo.rows, (x, below + pen.scale), wide)


def _show(
    pen: Pen,
    pictures: list[tuple[bytes, float, str]],
    at: tuple[float, float],
    box: tuple[float, float],
) -> float:
    """Show pictures one below the other, so high each, or in one row where that is 0."""
    (x, below), (wide, most) = at, box
    half = (wide - 2) / 2
    low = below
    for place, (jpeg, shape, alt) in enumerate(pictures):
        if most:
            high = min(most, wide * shape)
            pen.photo(jpeg, (x, below), (wide, high), alt)
            low = below = below + high + 1.5
        else:
            high = min(half * shape, 60) * pen.scale
            pen.photo(jpeg, (x + place * (half + 2), below), (half, high), alt)
            low = max(low, below + high + 1.5 * pen.scale)
    return low


def _legend(pen: Pen, slip: Slip, below: float, wide: float) -> float:
    """Say what the colours over the pictures mean, beside their scale."""
    pen.photo(scale_jpeg(), (_MARGIN, below + 0.8 * pen.scale), _SCALE, "")
    left, said = _SCALE[0] + 3, slip.texts.say("heatmap")
    end = pen.text(said, (_MARGIN + left, below), wide - left, size=7, colour=FAINT)
    return end + pen.scale


def _rows(
    pen: Pen, rows: list[tuple[str, str, bool]], at: tuple[float, float], wide: float
) -> float:
    x, below = at
    label = wide * _LABEL[wide < _NARROW]
    for named, said, is_bad in rows:
        one = pen.text(named, (x, below), label - 1, size=7.5, colour=FAINT)
        ink = BAD if is_bad else INK
        other = pen.text(said, (x + label, below), wide - label, size=7.5, bold=is_bad, colour=ink)
        below = max(one, other) + 0.6 * pen.scale
    return below


def _foot(pen: Pen, slip: Slip, below: float, wide: float) -> float:
    """Write which model spoke, what the code says, and what couldn't be written."""
    left = 36 * max(1.0, pen.scale)
    for named, said, is_bad in [*slip.model, *slip.codes]:
        pen.text(named, (_MARGIN, below), left - 2, size=7, colour=FAINT, most=1)
        ink, at = BAD if is_bad else INK, (_MARGIN + left, below)
        below = pen.text(said, at, wide - left, size=7, bold=is_bad, colour=ink)
    return unwritten(pen, slip, (_MARGIN, below), wide)


def unwritten(pen: Pen, slip: Slip, at: tuple[float, float], wide: float) -> float:
    """Say that letters were left out, as no font of this computer has them."""
    more = slip.texts.say("slip.unwritten")
    return write_unwritten(pen, slip.texts, at, wide, size=7, more=more)


def _pictures(slip: Slip, picture: Picture, read: Read) -> _Pictures:
    """Read those photographs and overlays that are whole, as large as the paper shows them."""
    found: _Pictures = {}
    for photo in (eye.shown for eye in slip.eyes if eye.shown and eye.shown.has_picture):
        for name in (PHOTO, OVERLAY) if photo.has_overlay else (PHOTO,):
            file = picture(photo.number, name)
            data = read(file)
            shown = None if data is None else cv2.imdecode(np.frombuffer(data, np.uint8), 1)
            if shown is not None:
                small = np.ascontiguousarray(shown[..., ::-1], np.uint8)
                shape = small.shape[0] / small.shape[1]
                found[photo.number, name] = small_jpeg(small, side=_SIDE, quality=80), shape
    return found
