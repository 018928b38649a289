"""The table of a camp has every photograph, and nothing that a spreadsheet would run."""

import csv
import io

from edge_runtime.station.events import (
    ConsentTold,
    EyeTold,
    FollowedUp,
    OperatorAtCamera,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    PersonReferred,
    ResultOverridden,
)
from edge_runtime.station.web.export import BYTE_ORDER_MARK, COLUMNS, camp_csv
from tests.edge_runtime.results.records import ungradable
from tests.edge_runtime.station.camps import Told


def table(camp):
    text = camp_csv(camp)
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK))))


def test_every_photograph_has_a_row_with_whose_it_is_and_what_was_decided():
    told = Told()
    told.take("1_OD.jpg", 0.9)
    told.take("1_OS.jpg", record=ungradable("1_OS.jpg"))
    told.happen(
        PersonDescribed(1, "K 17", "N. N.", 1950), ResultOverridden(1, "no-referral", "old")
    )
    told.happen(EyeTold(2, None), PersonOpened(2, "waits"), PersonCalled(2))
    first, second, third = table(told.camp)
    assert tuple(first) == COLUMNS
    assert (first["given_id"], first["birth_year"], first["eye"]) == ("K 17", "1950", "right")
    assert (first["eye_told_by"], first["decision"], first["decision_reason"]) == (
        "name", "no-referral", "old",
    )  # fmt: skip
    assert (first["class"], float(first["score"])) == ("glaucoma", 0.9)
    assert (second["result"], second["eye"], second["eye_told_by"]) == ("retake", "", "operator")
    assert second["reason"] == "the photo is too dark"
    assert (third["given_id"], third["photo"], third["person_advice"]) == ("waits", "", "waiting")
    assert "not a validated diagnostic tool" in first["disclaimer"]


def test_each_row_says_who_took_the_photograph_and_what_came_of_the_referral():
    told = Told()
    told.happen(OperatorAtCamera("Asha"))
    told.take("1_OD.jpg", 0.9)
    told.take("2_OD.jpg", 0.1, person=2)
    told.happen(
        PersonReferred(1, "St. Lucy's", "2024-06-01"), ConsentTold(1, True, "0123"),
        FollowedUp(1, False, "no bus"),
    )  # fmt: skip
    first, second = table(told.camp)
    names = ("taken_by", "referred_to", "referral_day", "may_be_called", "contact", "went",
             "follow_up_note")  # fmt: skip
    assert [first[name] for name in names] == [
        "Asha", "St. Lucy's", "2024-06-01", "yes", "0123", "no", "no bus"
    ]  # fmt: skip
    assert [second[name] for name in names] == ["Asha", "", "", "", "", "", ""]


def test_no_cell_is_a_formula():
    told = Told()
    told.take("=cmd|x_OD.jpg", 0.9)
    told.happen(PersonDescribed(1, "=1+1", "@sum(a1)\u00e9", None))
    told.happen(ResultOverridden(1, "refer", "-2+3"))
    (row,) = table(told.camp)
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    assert row["name"] == "./@sum(a1)\u00e9"


def test_who_was_only_called_has_no_row_and_who_waits_at_the_camera_has():
    told = Told()
    told.take()
    told.happen(PersonOpened(2, "K-17x"), PersonCalled(2), PersonOpened(3, "K-17"), PersonCalled(3))
    assert [row["given_id"] for row in table(told.camp)] == ["", "K-17"]


def test_no_cell_is_a_formula_where_semicolons_divide_a_line():
    told = Told()
    told.take("a;=1_OD.jpg", 0.9)
    told.happen(PersonDescribed(1, "x;=1+1;y", '; "@sum(a1)', None))
    told.happen(ResultOverridden(1, "refer", "a; b;-2+3, 4=4"))
    text = camp_csv(told.camp).removeprefix(BYTE_ORDER_MARK)
    for quoting in (csv.QUOTE_NONE, csv.QUOTE_MINIMAL):
        for cells in csv.reader(io.StringIO(text), delimiter=";", quoting=quoting):
            assert not [each for each in cells if each.strip(' "').startswith(tuple("=+-@"))]
    (row,) = table(told.camp)
    assert row["given_id"] == "x;'=1+1;y"
    assert row["decision_reason"] == "a; b;'-2+3, 4=4"
