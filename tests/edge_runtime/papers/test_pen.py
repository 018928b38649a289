"""What is written with the pen is what other programs read."""

import pytest

from edge_runtime.papers import letters
from edge_runtime.papers.pen import finished, new_page
from tests.edge_runtime.papers.pdf_tools import facts_of, needs_tools, text_of

pytestmark = needs_tools
HINDI = "\u0905\u0928\u0940\u0924\u093e"


def written(*lines, width=100, **about):
    told = {"title": "t", "language": "en", "subject": "s", **about}
    with new_page((110, 200), **told) as pen:
        below = 5.0
        for line in lines:
            below = pen.text(line, (5, below), width)
        return finished(pen)


def test_a_text_behind_one_of_another_script_is_in_its_own_font_again():
    if letters.lacking(HINDI):
        pytest.skip("no font for Devanagari: apt install fonts-noto-core")
    assert text_of(written(HINDI, "Page 1 of 1")).endswith("Page 1 of 1")
    assert text_of(written(f"{HINDI} word 17", width=12)).endswith("word 17")  # in two lines


def test_a_name_that_looks_like_the_number_of_pages_stays_a_name():
    assert text_of(written("{nb} of {nb}")) == "{nb} of {nb}"


def test_a_pdf_is_of_the_moment_that_is_said_or_of_now():
    when = "2024-01-31T10:11:12+00:00"
    assert written("a", made=when) == written("a", made=when)
    assert "2024" in facts_of(written("a", made=when))["CreationDate"]
    assert "2024" not in facts_of(written("a"))["CreationDate"]
