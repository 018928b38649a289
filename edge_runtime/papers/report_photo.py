"""Write what a person's report says of one photograph, with its pictures."""

from collections.abc import Sequence

from edge_runtime.papers.flow import Frame
from edge_runtime.papers.pen import BAD, FAINT, INK, Colour, Pen
from edge_runtime.papers.report_pictures import Picture
from edge_runtime.results.person_words import Row, explained, file_name, photo_rows, result_of
from edge_runtime.results.shown import percent
from edge_runtime.results.structured_report import Finding, PhotoReport
from edge_runtime.results.texts import Texts

_SIDE, _GAP = 48.0, 2.0  # of a picture, and between two
_SPACE = 4.0  # between pictures and words
_MOST_CLASSES = 8
_LABEL = 22.0
_RESULT = 100.0  # of what is to be done and the result together
_NAME, _SHARE, _ROW = 32.0, 13.0, 4.0  # of a class's name and probability; the height of both
_BAR: Colour = (122, 139, 168)
_CHOSEN: Colour = (27, 58, 112)
_GROUND: Colour = (232, 235, 240)


def shown_photo(
    photo: PhotoReport,
    pictures: Sequence[Picture],
    eye: str,
    texts: Texts,
    frame: Frame,
    pen: Pen,
    below: float,
) -> float:
    """Write a photo with its pictures on the left and what is said of it on the right.

    Args:
        photo: It.
        pictures: Two at most.
        eye: Which it shows, in words.
        texts: In which language.
        frame: Where the page may be written on.
        pen: What writes.
        below: From which height on.

    Returns:
        Where the next thing may stand.
    """
    below = told_photo(photo, eye, texts, frame, pen, below, size=10) + 0.5
    low = _show(pen, pictures, (frame.left, below))
    left = len(pictures) * (_SIDE + _GAP) - _GAP + _SPACE if pictures else 0.0
    end = _words(pen, photo, texts, (frame.left + left, below), frame.wide - left)
    return max(low, end) + 3


def told_photo(
    photo: PhotoReport,
    eye: str,
    texts: Texts,
    frame: Frame,
    pen: Pen,
    below: float,
    *,
    size: float = 8,
) -> float:
    """Write in a line what is to be done with a photo, what it came to, its eye and its file.

    Args:
        photo: As above, and so the others.
        eye: Likewise, as the eye's title may stand on an earlier page.
        texts: Likewise.
        frame: Likewise.
        pen: Likewise.
        below: Likewise.
        size: Of the letters, in points.

    Returns:
        Likewise.
    """
    mark = texts.say(f"group.{photo.group}")
    right, low = pen.mark(photo.group, mark, (frame.left, below), size=size)
    sure = "" if photo.confidence is None else f" {percent(photo.confidence)}"
    said, high = f"{result_of(photo, texts)}{sure}", (low - below) / 10
    left = frame.left + _RESULT
    room = left - right - 4
    end = pen.text(said, (right + 2, below + high), room, size=size, bold=True, most=2)
    wide = frame.wide - _RESULT
    whose = f"{eye} \u00b7 {file_name(photo)}"
    file = pen.text(whose, (left, below + high), wide, size=7.5, colour=FAINT, most=2)
    return max(low, end, file) + 1


def _show(pen: Pen, pictures: Sequence[Picture], at: tuple[float, float]) -> float:
    """Show pictures side by side with their captions; give where they end."""
    x, below = at
    low = below
    for place, each in enumerate(pictures):
        left = x + place * (_SIDE + _GAP)
        if not each.jpeg:
            said = each.caption
            end = pen.text(said, (left, below), _SIDE, size=7.5, bold=True, colour=BAD)
            low = max(low, end)
            continue
        high = min(_SIDE * each.shape, _SIDE)
        pen.photo(each.jpeg, (left, below), (_SIDE, high), each.caption)
        end = pen.text(
            each.caption, (left, below + high + 0.5), _SIDE, size=6.5, colour=FAINT, most=2
        )
        low = max(low, end)
    return low


def _words(
    pen: Pen, photo: PhotoReport, texts: Texts, at: tuple[float, float], wide: float
) -> float:
    x, below = at
    if photo.findings:
        said = texts.say("probabilities")
        below = pen.text(said, (x, below), wide, size=7, colour=FAINT, most=1)
        below = _classes(pen, photo.findings, texts, (x, below + 0.8), wide) + 1.5
    return _rows(pen, photo_rows(photo, explained(photo), texts), (x, below), wide)


def _classes(
    pen: Pen, findings: Sequence[Finding], texts: Texts, at: tuple[float, float], wide: float
) -> float:
    """Draw the probability of each class; of many those of the likeliest, and the rest as one."""
    x, below = at
    likeliest = sorted(findings, key=lambda each: -each.probability)[:_MOST_CLASSES]
    shown = [each for each in findings if each in likeliest]
    lines = [(texts.class_name(each.class_name), each.probability, each.is_predicted)
             for each in shown]  # fmt: skip
    if rest := [each.probability for each in findings if each not in likeliest]:
        lines.append((texts.say("probabilities.others", count=len(rest)), sum(rest), False))
    long = wide - _NAME - _SHARE - 2
    for name, share, is_chosen in lines:
        pen.text(name, (x, below), _NAME - 1, size=7.5, bold=is_chosen, most=1)
        pen.fill((x + _NAME, below + 0.6), (long, 2), _GROUND)
        bar = _CHOSEN if is_chosen else _BAR
        pen.fill((x + _NAME, below + 0.6), (long * min(max(share, 0.0), 1.0), 2), bar)
        right = x + wide - _SHARE
        pen.text(percent(share), (right, below), _SHARE, size=7.5, bold=is_chosen, most=1)
        below += _ROW
    return below


def _rows(pen: Pen, rows: Sequence[Row], at: tuple[float, float], wide: float) -> float:
    x, below = at
    for named, said, is_bad in rows:
        one = pen.text(named, (x, below), _LABEL - 1, size=7.5, colour=FAINT, most=2)
        ink, place = BAD if is_bad else INK, (x + _LABEL, below)
        other = pen.text(said, place, wide - _LABEL, size=7.5, bold=is_bad, colour=ink, most=8)
        below = max(one, other) + 0.6
    return below
