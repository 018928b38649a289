"""Which photos of a run stand on one person's page: never those of two persons."""

from pathlib import Path

import pytest

from edge_runtime.results.people import people_of


def people(*names):
    found = people_of(enumerate(map(Path, names), 1))
    assert [each for person in found for each in sorted(person.photos)]  # none is empty
    assert sorted(number for person in found for number in person.photos) == [
        *range(1, len(names) + 1)
    ]
    return found


def test_both_eyes_and_several_photos_of_one_are_one_person_whatever_the_case():
    (person,) = people("P1_OD_1.jpg", "P1_OS_1.jpg", "p1_od_2.JPG", "P1_right.png")
    assert (person.name, person.file, person.is_named) == ("P1", "P1", True)
    assert person.photos == (1, 2, 3, 4)


def test_a_photo_whose_name_tells_no_person_is_one_of_its_own():
    found = people("retina.jpg", "12.jpg", "12_left.jpg", "IMG-3.jpg")
    assert [each.is_named for each in found] == [False, False, True, False]
    assert [each.name for each in found] == ["retina", "12", "12", "IMG-3"]


@pytest.mark.parametrize(
    "names",
    [
        ("a/7_left.jpg", "b/7_right.jpg"),  # folders may number theirs alike
        ("7_left.jpg", "8_right.jpg"),
        ("2024-11-03_left_12.jpg", "2024-11-03_right_13.jpg"),  # photos of a day
        ("20241103_OD.jpg", "20241103_OS.jpg"),
        ("03.11.2024-0915_OD.jpg", "03.11.2024-0915_OS.jpg"),
        ("scan1_OD_Ana.jpg", "scan1_OS_Eva.jpg"),
    ],
)
def test_where_names_leave_a_doubt_photos_are_of_two_persons(names):
    assert [person.photos for person in people(*names)] == [(1,), (2,)]


def test_numbers_behind_the_eye_and_long_patient_numbers_are_no_reason_to_part():
    assert len(people("2036_OD_f_1.jpg", "2036_OI_f_2.jpg")) == 1
    assert len(people("19581399_OD.jpg", "19581399_OS.jpg")) == 1  # no date: there is no month 13


def test_files_have_names_of_their_own_on_every_disk():
    names = ["a/x.jpg", "b/X.jpg", "c/x-2.jpg", "d/.x.jpg", "e/é ü.jpg", "f/....jpg", "g/a:b.jpg"]
    files = [person.file for person in people(*names)]
    assert files == ["x", "X-2", "x-2-2", "x-3", "é_ü", "person", "a_b"]


def test_persons_of_one_name_in_two_folders_are_called_by_their_folders():
    names = ("a/111_left.jpg", "b/111_left.jpg", "7_OD.jpg")
    found = people_of([(number, Path(name)) for number, name in enumerate(names, 1)])
    assert [person.name for person in found] == ["a/111", "b/111", "7"]
    assert [person.file for person in found] == ["111", "111-2", "7"]
