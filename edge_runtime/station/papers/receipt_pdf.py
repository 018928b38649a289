"""Make a person's receipt a PDF: a roll of 80 mm, as long as what stands on it."""

from edge_runtime.papers.code import code_squares
from edge_runtime.papers.pen import FAINT, Pen, finished, new_page
from edge_runtime.results.shown import percent
from edge_runtime.station.papers.slip import Slip
from edge_runtime.station.papers.slip_pdf import described, unwritten

_ROLL, _MARGIN = 80.0, 4.0  # mm, of which printers reach 72
_CODE = 40.0
_LONGEST = 3000.0  # mm while it is measured


def receipt_pdf(slip: Slip) -> bytes:
    """Write a receipt: who, when, what to do, each eye, and the code, without photographs.

    Returns:
        A PDF of one page, 80 mm wide and as long as it needs to be.
    """
    with new_page((_ROLL, _LONGEST), **described(slip), made=slip.made) as pen:
        pen.is_dry = True
        long = _write(pen, slip) + _MARGIN
    with new_page((_ROLL, long), **described(slip), made=slip.made) as pen:
        _write(pen, slip)
        return finished(pen)


def _write(pen: Pen, slip: Slip) -> float:
    card, say, wide = slip.card, slip.texts.say, _ROLL - 2 * _MARGIN
    below = pen.text(slip.title, (_MARGIN, _MARGIN), wide, size=14, bold=True, most=4)
    below = pen.text(f"{say('title')} \u00b7 {slip.day}", (_MARGIN, below), wide)
    _, below = pen.mark(card.mark.look, card.mark.said, (_MARGIN, below + 2), size=14)
    below = pen.text(card.why, (_MARGIN, below + 1), wide, size=10)
    if slip.unanswered:
        below = pen.text(slip.unanswered, (_MARGIN, below + 1), wide, size=10, bold=True)
    for eye in slip.eyes:
        below = pen.text(eye.title, (_MARGIN, below + 3), wide, size=10, bold=True)
        _, below = pen.mark(eye.mark.look, eye.mark.said, (_MARGIN, below + 0.5), size=10)
        if eye.shown is None:
            said = say("eye.none")
        else:
            sure = eye.shown.confidence
            said = f"{eye.shown.result}{'' if sure is None else f' {percent(sure)}'}"
        below = pen.text(said, (_MARGIN, below + 0.5), wide, size=10, most=3)
    for label, said in slip.blanks:
        if said:
            below = pen.text(f"{label}: {said}", (_MARGIN, below + 1), wide, size=10, most=9)
    pen.squares(code_squares(slip.code), ((_ROLL - _CODE) / 2, below + 3), _CODE)
    below = pen.text(slip.notice, (_MARGIN, below + _CODE + 5), wide, bold=True)
    named = " \u00b7 ".join(said for _, said, _ in slip.model)
    below = pen.text(named, (_MARGIN, below + 1), wide, size=7, colour=FAINT, most=4)
    if slip.log:
        logged = f"{say('slip.log')} {slip.log}"
        below = pen.text(logged, (_MARGIN, below + 1), wide, size=7)
    return unwritten(pen, slip, (_MARGIN, below), wide)
