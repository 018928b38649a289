"""Write on the pages of a PDF, or only measure: text in lines, marks, codes and photographs."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fpdf import FPDF, ViewerPreferences
from fpdf.fonts import TTFFont

from edge_runtime.papers.letters import BOLD, LACKING, PLAIN, composed, fonts_for, lacking
from edge_runtime.version import VERSION

Colour = tuple[int, int, int]

INK: Colour = (27, 34, 48)
FAINT: Colour = (80, 88, 102)
BAD: Colour = (157, 28, 28)

_WHITE: Colour = (255, 255, 255)
_MARKS: dict[str, tuple[Colour, Colour, Colour]] = {  # edge, ground and letters
    "refer": (BAD, BAD, _WHITE),
    "retake": ((122, 82, 0), (255, 233, 168), (61, 41, 0)),
    "no-referral": ((31, 107, 69), _WHITE, (31, 107, 69)),
}
_MM = 25.4 / 72  # of a point
_LINE = 1.22  # heights of letters


@dataclass
class Pen:
    """A page that is written on; ``scale`` makes all that is written smaller.

    While ``is_dry`` nothing is written and everything measured. ``most`` is how many lines a text
    takes, what is longer ends with an ellipsis. ``lacks`` are letters that no font of this computer
    has. All lengths are in millimetres from the upper left corner, sizes of letters in points.
    """

    pdf: FPDF
    scale: float = 1.0
    most: int = 99
    is_dry: bool = False
    lacks: set[str] = field(default_factory=set)
    _added: list[str] = field(default_factory=list)

    def text(
        self,
        text: str,
        at: tuple[float, float],
        width: float,
        *,
        size: float = 8.5,
        bold: bool = False,
        colour: Colour = INK,
        most: int | None = None,
        align: str = "L",
    ) -> float:
        """Write a text in lines of a width, and give where the next thing may stand."""
        pdf = self.pdf
        pdf.set_font("own", "B" if bold else "", size * self.scale)
        pdf.set_text_color(*colour)
        high = size * self.scale * _MM * _LINE
        x, y = at
        for line in self._lines(self._writable(text), width, min(self.most, most or self.most)):
            if not self.is_dry:
                self._cell((x, y), (width, high), line, align=align)
            y += high
        return y

    def mark(
        self, key: str, said: str, at: tuple[float, float], *, size: float = 10
    ) -> tuple[float, float]:
        """Write what is to be done in a box of its colours; give where it ends, right and below.

        The box is as wide as its words, which tell what the colours do.
        """
        pdf = self.pdf
        edge, ground, letters = _MARKS.get(key, (FAINT, _WHITE, INK))
        pdf.set_font("own", "B", size * self.scale)
        high, gap = size * self.scale * _MM * 1.5, 1.5 * self.scale
        width = pdf.get_string_width(said) + 2 * gap
        if not self.is_dry:
            with pdf.local_context(draw_color=edge, fill_color=ground, line_width=0.4):
                pdf.rect(*at, width, high, style="DF", round_corners=True, corner_radius=0.8)
            pdf.set_text_color(*letters)
            self._cell((at[0] + gap, at[1]), (width, high), said)
        return at[0] + width, at[1] + high

    def squares(self, rows: list[str], at: tuple[float, float], side: float) -> None:
        """Draw a code's dark squares, row by row in one piece each, of a side with its white."""
        if self.is_dry:
            return
        one = side / len(rows)
        with self.pdf.local_context(fill_color=(0, 0, 0)):
            for down, row in enumerate(rows):
                start = 0
                for run in row.replace("01", "0 1").replace("10", "1 0").split():
                    if run[0] == "1":
                        place = at[0] + start * one, at[1] + down * one
                        self.pdf.rect(*place, len(run) * one, one, style="F")
                    start += len(run)

    def photo(
        self, jpeg: bytes, at: tuple[float, float], box: tuple[float, float], alt: str
    ) -> None:
        """Show a photograph as large as a box of a width and height takes it."""
        if not self.is_dry:
            self.pdf.image(jpeg, *at, *box, keep_aspect_ratio=True, alt_text=alt)

    def line(self, at: tuple[float, float], width: float) -> None:
        """Draw a line to write on."""
        if not self.is_dry:
            with self.pdf.local_context(draw_color=FAINT, line_width=0.25):
                self.pdf.line(*at, at[0] + width, at[1])

    def fill(self, at: tuple[float, float], box: tuple[float, float], colour: Colour) -> None:
        """Fill a box of a width and height with a colour."""
        if not self.is_dry:
            with self.pdf.local_context(fill_color=colour):
                self.pdf.rect(*at, *box, style="F")

    def _cell(
        self, at: tuple[float, float], box: tuple[float, float], line: str, *, align: str = "L"
    ) -> None:
        """Write a line, naming its font anew: fpdf2 forgets that the last one ended in another."""
        self.pdf.current_font_is_set_on_page = False
        self.pdf.set_xy(*at)
        self.pdf.cell(*box, line, align=align)

    @property
    def unwritten(self) -> str:
        """The first twelve of the letters that no font has, by their numbers; "" where none is."""
        return " ".join(f"U+{ord(letter):04X}" for letter in sorted(self.lacks)[:12])

    def _writable(self, text: str) -> str:
        """Have the fonts that a text needs, and put a sign in the place of what none can write."""
        said = composed(text)
        for file in fonts_for(said):
            name = file.stem.lower()
            if name not in self._added:
                self.pdf.add_font(name, "", file)
                self._added.append(name)
                self.pdf.set_fallback_fonts(self._added, exact_match=False)
        gone = lacking(said)
        self.lacks |= {*gone}
        return said.translate({ord(letter): LACKING for letter in gone})

    def _lines(self, text: str, width: float, most: int) -> list[str]:
        found = self.pdf.multi_cell(width, text=text, align="L", dry_run=True, output="LINES")
        lines: list[str] = [str(each) for each in found]  # type: ignore[union-attr]
        if len(lines) > most:
            last = lines[most - 1].rstrip()
            while last and self.pdf.get_string_width(f"{last}\u2026") > width:
                last = last[:-1].rstrip()
            lines = [*lines[: most - 1], f"{last}\u2026"]
        return lines


@contextmanager
def new_page(
    size: tuple[float, float],
    *,
    title: str,
    language: str,
    subject: str,
    made: str = "",
) -> Iterator[Pen]:
    """Begin a PDF with a page of a width and a height; its fonts are open within the block.

    The PDF says that it was ``made`` then, ISO 8601 with the offset from UTC, or now where that is
    "". With a moment the same words make the same PDF.
    """
    pdf = FPDF(unit="mm", format=size)
    if made:
        pdf.set_creation_date(datetime.datetime.fromisoformat(made))
    pdf.alias_nb_pages(None)  # type: ignore[arg-type]  # or a name of "{nb}" would be a number
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.set_lang(language)
    pdf.set_title(title)
    pdf.set_subject(subject)
    pdf.set_creator(f"fundus-edge {VERSION}")
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    for style, file in (("", PLAIN), ("B", BOLD)):
        pdf.add_font("own", style, Path(file))
    pdf.set_text_shaping(use_shaping_engine=True)
    pdf.add_page()
    try:
        yield Pen(pdf)
    finally:
        for font in pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()


def finished(pen: Pen) -> bytes:
    """Give the PDF that was written."""
    return bytes(pen.pdf.output())
