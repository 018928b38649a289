"""Make a person's report a PDF: A4 pages, as many as it takes, that say what the page says.

Both eyes stand one below the other, each photograph beside its evidence and all that is said of it.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.papers.flow import Block, Frame, in_one, write_blocks
from edge_runtime.papers.pen import BAD, FAINT, INK, Pen, finished, new_page
from edge_runtime.papers.report_photo import shown_photo, told_photo
from edge_runtime.papers.report_pictures import Picture, pictures_of
from edge_runtime.papers.scale import scale_jpeg
from edge_runtime.papers.unwritten import write_unwritten
from edge_runtime.results.person_words import done_at, model_rows, told_by
from edge_runtime.results.structured_report import EyeReport, PersonReport
from edge_runtime.results.texts import Texts

_A4 = (210.0, 297.0)
_MARGIN, _FOOT = 12.0, 11.0
_FRAME = Frame(_MARGIN, _MARGIN, _A4[0] - 2 * _MARGIN, _A4[1] - _MARGIN - _FOOT)
_SHOWN = 4  # photos of an eye that are shown with pictures; of more a line each tells the result
_LABEL = 28.0
_SCALE = 38.0, 1.9  # the scale of the heatmap's colours
_NAME = 120  # letters of a person's name at the foot

_Pictures = dict[int, tuple[Picture, ...]]  # by the photo's number


def report_pdf(report: PersonReport, texts: Texts, pictures: Path | None) -> bytes:
    """Write a person's report.

    Args:
        report: It.
        texts: In which language.
        pictures: The result folder with the pictures of its photos; None to show none. In the place
            of one that is gone or damaged stands that it is.

    Returns:
        A PDF: the same bytes for the same report, pictures, fonts of the system, and versions of
        what draws. Letters that no font of this computer has are named at its end.
    """
    person = printable(report.person)
    with new_page(
        _A4,
        title=f"{person}: {texts.say('title')}",
        language=texts.language,
        subject=texts.say("disclaimer"),
        made=report.time,
    ) as pen:
        found = _found(report, texts, pictures) if pictures else {}
        has_heat = any(each.has_heat for those in found.values() for each in those)
        blocks: list[Block] = [
            partial(_head, report, texts),
            *_eyes(report, texts, found),
            partial(_model, report, texts, has_heat=has_heat),
        ]
        foot = partial(_foot, person[:_NAME], done_at(report), texts)
        write_blocks(pen, blocks, foot, _FRAME, last=partial(_unwritten, texts))
        return finished(pen)


def _found(report: PersonReport, texts: Texts, folder: Path) -> _Pictures:
    photos = (each for eye in report.eyes for each in eye.photos[:_SHOWN])
    return {each.number: pictures_of(each, texts, folder) for each in photos}


def _head(report: PersonReport, texts: Texts, pen: Pen, below: float) -> float:
    x, wide, say = _FRAME.left, _FRAME.wide, texts.say
    below = pen.text(printable(report.person), (x, below), wide, size=16, bold=True, most=3)
    below = pen.text(f"{say('title')} \u00b7 {done_at(report)}", (x, below), wide, colour=FAINT)
    below = pen.text(say(told_by(report)), (x, below), wide, size=7.5, colour=FAINT)
    notice = f"{say('disclaimer')} {say('treatment')}"
    return pen.text(notice, (x, below + 1.5), wide, size=9, bold=True) + 4


def _eyes(report: PersonReport, texts: Texts, pictures: _Pictures) -> Iterator[Block]:
    """Give the blocks of the eyes: right, left, and that of which nobody knows the side."""
    eyes = {each.eye: each for each in report.eyes}
    for eye in ("right", "left", None):
        title = texts.say(f"eye.{eye or 'unknown'}.title")
        if eye in eyes:
            yield from _eye(eyes[eye], title, texts, pictures)
        elif report.is_named and eye is not None and None not in eyes:
            yield in_one(partial(_title, title), partial(_line, texts.say("eye.none")))


def _eye(eye: EyeReport, title: str, texts: Texts, pictures: _Pictures) -> Iterator[Block]:
    shown, others = eye.photos[:_SHOWN], eye.photos[_SHOWN:]
    photos = [
        partial(shown_photo, each, pictures.get(each.number, ()), title, texts, _FRAME)
        for each in shown
    ]
    yield in_one(partial(_title, title), *photos[:1])  # no title ends a page
    yield from photos[1:]
    lines = [partial(told_photo, each, title, texts, _FRAME) for each in others]
    if lines:
        yield in_one(partial(_line, texts.say("eye.more")), lines[0])
        yield from lines[1:]


def _title(said: str, pen: Pen, below: float) -> float:
    below = pen.text(said, (_FRAME.left, below), _FRAME.wide, size=12, bold=True, most=1)
    pen.line((_FRAME.left, below + 0.5), _FRAME.wide)
    return below + 2


def _line(said: str, pen: Pen, below: float) -> float:
    return pen.text(said, (_FRAME.left, below), _FRAME.wide, colour=FAINT) + 3


def _model(report: PersonReport, texts: Texts, pen: Pen, below: float, *, has_heat: bool) -> float:
    """Say what the colours mean, and which model spoke with what is known of it."""
    x, wide = _FRAME.left, _FRAME.wide
    pen.line((x, below), wide)
    below += 2
    if has_heat:
        pen.photo(scale_jpeg(), (x, below + 0.8), _SCALE, "")
        left = _SCALE[0] + 3
        said = texts.say("heatmap")
        below = pen.text(said, (x + left, below), wide - left, size=7, colour=FAINT) + 2
    for named, said, is_bad in model_rows(report, texts):
        ink, at = BAD if is_bad else INK, (x + _LABEL, below)
        pen.text(named, (x, below), _LABEL - 2, size=7.5, colour=FAINT, most=1)
        below = pen.text(said, at, wide - _LABEL, size=7.5, bold=is_bad, colour=ink, most=8) + 0.5
    return below


def _unwritten(texts: Texts, pen: Pen, below: float) -> float:
    """Say that letters were left out, as no font of this computer has them."""
    if not pen.lacks:
        return below
    return write_unwritten(pen, texts, (_FRAME.left, below + 2), _FRAME.wide, size=7.5)


def _foot(person: str, time: str, texts: Texts, pen: Pen, page: int, pages: int) -> None:
    """Write at a page's foot what all is for, whose it is and which page it is.

    Whose stands alone, as a name that is read from the right would turn about what stands with it.
    """
    x, wide, top = _FRAME.left, _FRAME.wide, _A4[1] - _FOOT
    pen.line((x, top - 1), wide)
    counted = f"{time} \u00b7 {texts.say('page', page=page, pages=pages)}"
    below = pen.text(texts.say("disclaimer"), (x, top), wide, size=7.5, bold=True, most=1)
    pen.text(person, (x, below), wide - 62, size=7, colour=FAINT, most=1)
    pen.text(counted, (x + wide - 60, below), 60, size=7, colour=FAINT, most=1, align="R")
