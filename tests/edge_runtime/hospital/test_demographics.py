"""A hospital's words of a patient are kept as DICOM has them, and only if it takes them again."""

import pytest

from edge_runtime.hospital.demographics import Demographics, demographics_of


@pytest.mark.parametrize(
    "name",
    [
        "Nunez^Rosa",
        "Yamada^Tarou=\u5c71\u7530^\u592a\u90ce=\u3084\u307e\u3060",
        "",
        "A^B^C^D^E",
        "N" * 64,
    ],
)
def test_a_name_is_kept_with_its_parts(name):
    assert demographics_of(name, "19500131", "F") == Demographics(name, "19500131", "F")


@pytest.mark.parametrize(
    "name", ["A\\B", "A=B=C=D", "A^B^C^D^E^F", "N" * 65, "N=" + "N" * 65, "A\nB"]
)
def test_what_is_no_name_is_left_out(name):
    assert demographics_of(name, "", "").name == ""


def test_spaces_around_a_name_and_its_scripts_say_nothing_and_cost_nobody_the_name():
    told = "DOE^JANE =\u5c71\u7530^\u592a\u90ce = x"
    assert demographics_of(told, "", "").name == "DOE^JANE=\u5c71\u7530^\u592a\u90ce=x"
    assert demographics_of(f"{'N' * 64} ", "", "").name == "N" * 64


@pytest.mark.parametrize("date", ["1950", "19501301", "1950-01-31", "19500131 ", "0195001"])
def test_what_is_no_day_is_left_out(date):
    assert demographics_of("", date, "").birth_date == ""


def test_what_is_no_sex_is_left_out():
    assert [demographics_of("", "", each).sex for each in ("M", "F", "O", "X", "m", "MF")] == [
        "M", "F", "O", "", "", "",
    ]  # fmt: skip
