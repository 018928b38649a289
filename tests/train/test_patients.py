"""Which photos are taken for one patient's by their names."""

from pathlib import Path

import numpy as np
import pytest

from train.components import Components
from train.labelled import LabelledPhoto
from train.patients import (
    PATIENT_PATTERN,
    compile_pattern,
    patient_links,
)


def photo(name, **known):
    return LabelledPhoto(Path(name), 0, **known)


def people(names, *, pattern=PATIENT_PATTERN, content=None):
    photos = [name if isinstance(name, LabelledPhoto) else photo(name) for name in names]
    together = Components(len(photos))
    same = np.arange(len(photos)) if content is None else np.array(content)
    for first, second in patient_links(photos, same, pattern=pattern):
        assert first < second
        together.join(first, second)
    return together.ids().tolist()


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
