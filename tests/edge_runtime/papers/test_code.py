"""The line in a slip's code tells what it must and no more, and is as long as a code takes."""

import cv2
import numpy as np
import pytest

from edge_runtime.papers.code import code_line, code_squares, code_svg
from tests.edge_runtime.papers.pdf_tools import code_in

EYES = {"right": "refer", "left": "no-referral"}


def line(called="K-17", eyes=EYES, models=("17ff84c26161" + "0" * 52,), due=""):
    return code_line(
        called=called, day="2026-11-28", advice="refer", eyes=eyes, models=models, due=due
    )


def drawn(squares, pixels=8):
    dark = np.array([[255 * (each == "0") for each in row] for row in squares], np.uint8)
    return cv2.resize(dark, None, fx=pixels, fy=pixels, interpolation=cv2.INTER_NEAREST)


def test_it_is_a_line_that_a_person_can_read():
    assert line() == (
        "FUNDUS-EDGE;id=K-17;day=2026-11-28;advice=refer;right=refer;left=no-referral;"
        "model=17ff84c26161;not a diagnosis"
    )


def test_what_is_due_from_an_earlier_visit_stands_behind_the_advice():
    assert ";advice=refer;due=untold;right=" in line(due="untold")


@pytest.mark.parametrize(
    ("called", "told"),
    [
        ("a;right=no-referral", "a%3Bright%3Dno-referral"),
        ("100%", "100%25"),
        ("a\nb\u202ec", "a%0Ab%E2%80%AEc"),
        ("Mu\u00f1oz \u738b", "Mu\u00f1oz \u738b"),
        ("x" * 61, "x" * 60 + "\u2026"),
        ("\u738b" * 40, "\u738b" * 20 + "\u2026"),
    ],
)
def test_what_a_person_is_called_by_cant_pass_for_another_field_and_is_bounded(called, told):
    assert f";id={told};day=" in line(called)


@pytest.mark.parametrize("called", ["K-17", "\u738b" * 40, "x" * 200, ";" * 50, "\u00e9"])
@pytest.mark.parametrize("models", [1, 2, 5])
def test_another_program_reads_what_was_written(called, models):
    eyes = {**EYES, "unknown": "no-referral"}
    said = line(called, eyes, [f"{each:x}7ff84c26161" for each in range(models)], "missed")
    squares = code_squares(said)
    assert len(squares) <= 61 + 8
    assert code_in(drawn(squares)) == said


def test_the_white_around_it_is_part_of_it():
    squares = code_squares(line())
    assert {*"".join(squares[:4]), *"".join(squares[-4:])} == {"0"}
    assert {*"".join(row[:4] + row[-4:] for row in squares)} == {"0"}
    assert squares[4][4:11] == "1" * 7


def test_the_pages_code_has_no_style_of_its_own_which_the_policy_wouldnt_take():
    svg = code_svg(line())
    assert svg.startswith("<svg ")
    assert "style" not in svg
    assert "class" not in svg
    side = len(code_squares(line()))
    assert f'viewBox="0 0 {side} {side}"' in svg
