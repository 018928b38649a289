"""Which photos are taken for one patient's by their names."""

from pathlib import Path

import numpy as np
import pytest
from scipy.cluster.hierarchy import DisjointSet

from edge_runtime.photo.patient import PATIENT_PATTERN, compile_pattern, patient_of
from train.copies.groups import component_ids
from train.data.labelled import LabelledPhoto
from train.data.patients import count_unknown, patient_links, say_unknown


def photo(name, **known):
    return LabelledPhoto(Path(name), 0, **known)


def people(names, *, pattern=PATIENT_PATTERN, content=None):
    photos = [name if isinstance(name, LabelledPhoto) else photo(name) for name in names]
    together = DisjointSet(range(len(photos)))
    same = np.arange(len(photos)) if content is None else np.array(content)
    for first, second in patient_links(photos, same, pattern=pattern):
        assert first < second
        together.merge(first, second)
    return component_ids(together).tolist()


def test_both_eyes_of_a_patient_are_linked_whatever_the_case_and_the_split():
    names = ["train_dir/a/7_left.jpg", "val_dir/b/7_RIGHT.JPG", "train_dir/a/8_left.jpg", "x.jpg"]
    assert people(names) == [0, 0, 1, 2]


def test_one_number_in_two_sources_is_two_people():
    names = ["a/7_left.jpg", "a/7_right.jpg", "b/7_left.jpeg", "b/7_right.jpeg"]
    assert people(names) == [0, 0, 1, 1]


def test_one_number_in_two_sources_is_one_person_if_the_eye_is_the_same_photo():
    names = ["a/7_left.jpg", "a/7_right.jpg", "b/7_left.jpeg"]
    assert people(names, content=[0, 1, 0]) == [0, 0, 0]


def test_two_visits_under_one_label_are_one_person():
    assert people(["train_dir/a/7_left.jpg", "val_dir/a/7_left.jpg"]) == [0, 0]


def test_an_own_pattern_may_do_without_eyes():
    names = ["P01-1.png", "P01-2.png", "P02-1.png"]
    assert people(names, pattern=r"^(?P<patient>P\d+)-") == [0, 0, 1]


@pytest.mark.parametrize(
    ("pattern", "sentence"), [("(", "regular expression"), (r"(\d+)_left", "P<patient>")]
)
def test_a_pattern_that_names_no_patient_is_refused(pattern, sentence):
    with pytest.raises(ValueError, match=sentence):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("left", "right", "patient"),
    [
        ("17_left", "17_right", "17"),
        ("SMITH-LEFT", "SMITH-RIGHT", "SMITH"),
        ("Patient085_L", "Patient085_R", "Patient085"),
        ("P1_OS_2024", "P1_OD_2024", "P1"),
        ("P1_L", "P1_R", "P1"),
        ("P1_L_2024", "P1_R_2024", "P1"),
        ("1225_OI_f_1", "1225_OD_f_2", "1225"),
        ("9-le", "9-re", "9"),
        ("a_1_l-2_x", "a_1_r-3_y", "a_1"),
        # An eye's sign within the patient's own name is the same in both names.
        ("lopez-le-7_OS", "lopez-le-7_OD", "lopez-le-7"),
        ("de_r_lang_L", "de_r_lang_R", "de_r_lang"),
        ("17_left_r", "17_right_r", "17"),
        ("17_left_left", "17_right_left", "17"),
        ("S1_R_12_left", "S1_R_12_right", "S1"),
    ],
)
def test_both_eyes_give_the_patient_the_same_name(left, right, patient):
    assert patient_of(Path(f"{left}.jpg")) == patient_of(Path(f"{right}.jpg")) == patient


@pytest.mark.parametrize(
    "name",
    [
        "EyePACS-TRAIN-RG-2998", "retina_left_017", "img_r_18", "_0_4015166", "IDRiD_01",
        "21_training", "01_dr", "right", "_left", "drusen_release", "12_lens", "7_rest", "3_odd",
    ],
)  # fmt: skip
def test_names_that_only_resemble_an_eye_give_no_patient(name):
    assert patient_of(Path(f"{name}.jpg")) is None


def test_a_given_patient_counts_within_its_source_and_its_name_no_more():
    photos = [
        photo("a/7_left.jpg", source="x", patient="A"),
        photo("a/7_right.jpg", source="x", patient="B"),
        photo("a/8.jpg", source="x", patient="A"),
        photo("a/9.jpg", source="y", patient="A"),
        photo("a/7_left.png", source="y"),
        photo("b/7_right.png", source="y"),
        photo("b/7_right.png", source="z"),
    ]
    assert people(photos) == [0, 1, 0, 2, 3, 3, 4]
    assert people(photos, pattern=None) == [0, 1, 0, 2, 3, 4, 5]


def test_photos_are_counted_whose_patient_neither_table_nor_name_tells():
    photos = [photo("7_left.jpg"), photo("x.jpg"), photo("y.jpg", patient="A"), photo("z.jpg")]
    assert count_unknown(photos, pattern=PATIENT_PATTERN) == 2
    assert count_unknown(photos, pattern=None) == 3
    assert count_unknown([photo("_left.jpg")], pattern="^(?P<patient>.*)_left") == 1
    assert say_unknown(656, 4252).startswith("no patient known for 656 of 4,252 photographs: ")
    assert say_unknown(0, 4252) == ""
