"""Let blocks run over pages, none of which is broken between two."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from edge_runtime.papers.pen import Pen

#: What writes at a height and gives where it ends, both in millimetres from the page's upper edge.
Block = Callable[[Pen, float], float]

#: What writes at the foot of a page, of which it gets the number and that of all.
Foot = Callable[[Pen, int, int], None]


class Frame(Struct, frozen=True):
    """Where on a page may be written: from ``top`` to ``bottom``, in millimetres."""

    left: float
    top: float
    wide: float
    bottom: float


def in_one(*blocks: Block) -> Block:
    """Put blocks one below the other that aren't to be parted."""

    def together(pen: Pen, below: float) -> float:
        for each in blocks:
            below = each(pen, below)
        return below

    return together


def write_blocks(
    pen: Pen, blocks: Sequence[Block], foot: Foot, frame: Frame, *, last: Block
) -> None:
    """Write blocks one below the other, on as many pages as they need.

    Args:
        pen: On its first page.
        blocks: Each is written twice, measured first; one that is higher than a page overflows it.
        foot: Of each page.
        frame: Where blocks may be.
        last: One more, that knows which letters lack in those before it.
    """
    pages = _on_pages(pen, blocks, frame, last=last)
    for number, page in enumerate(pages, 1):
        if number > 1:
            pen.pdf.add_page()
        below = frame.top
        for block in page:
            below = block(pen, below)
        foot(pen, number, len(pages))


def _on_pages(pen: Pen, blocks: Sequence[Block], frame: Frame, *, last: Block) -> list[list[Block]]:
    """Say which blocks stand on which page."""
    pages: list[list[Block]] = [[]]
    below = frame.top
    pen.is_dry = True
    for block in (*blocks, last):
        high = block(pen, 0)
        if pages[-1] and below + high > frame.bottom:
            pages.append([])
            below = frame.top
        pages[-1].append(block)
        below += high
    pen.is_dry = False
    return pages
