"""What each source holds, and what a photo is compared with."""

from pathlib import Path

import numpy as np

from train.data.labelled import LabelledPhoto
from train.data.sources import (
    cell_numbers,
    classes_held,
    describe_sources,
    named,
    source_labels,
    warnings,
)

NAMES = ("cataract", "diabetic_retinopathy", "glaucoma", "normal")


def photo(label, source="", *, excluded=None):
    return LabelledPhoto(Path("a.png"), label, excluded, source=source)


def halves(photos, held):
    labels = source_labels(photos, 4, held)
    assert labels.dtype == np.float32
    return labels[:, :4].tolist(), labels[:, 4:].tolist()


def test_a_source_holds_what_any_of_its_labels_allows():
    photos = (photo(1, "a"), photo(3, "a"), photo(2, "b"), photo(None, "b", excluded=0))
    assert classes_held(photos, 4) == {"a": {1, 3}, "b": {1, 2, 3}}


def test_a_photo_is_compared_with_the_classes_of_its_source():
    photos = (photo(1, "a"), photo(3, "a"), photo(None, "b", excluded=2))
    allowed, source = halves(photos, classes_held(photos, 4))
    assert allowed == [[0, 1, 0, 0], [0, 0, 0, 1], [1, 1, 0, 1]]
    assert source == [[0, 1, 0, 1], [0, 1, 0, 1], [1, 1, 0, 1]]


def test_a_photo_without_a_source_is_compared_with_all_classes():
    photos = (photo(1), photo(2, "a"), photo(None, excluded=0))
    allowed, source = halves(photos, classes_held(photos, 4))
    assert allowed == [[0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 1, 1]]
    assert source == [[1, 1, 1, 1], [0, 0, 1, 0], [1, 1, 1, 1]]


def test_what_no_training_photo_shows_is_added_where_it_is_needed():
    held = classes_held((photo(1, "a"), photo(3, "a")), 4)
    later = (photo(0, "a"), photo(1, "a"), photo(2, "new"), photo(3, "new"))
    _, source = halves(later, held)
    assert source == [[1, 1, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1], [0, 0, 1, 1]]


def test_a_cell_is_one_source_and_one_label():
    photos = (
        photo(1, "a"), photo(3, "a"), photo(1, "b"), photo(1, "a"), photo(None, "b", excluded=1),
        photo(None, "b", excluded=2),
    )  # fmt: skip
    numbers = cell_numbers(photos, 4)
    assert numbers[0] == numbers[3]
    assert sorted(set(numbers.tolist())) == [0, 1, 2, 3, 4]


def test_a_source_that_compares_nothing_is_named():
    photos = (
        photo(0, "a"), photo(2, "b"), photo(3, "b"), photo(None, "c", excluded=0), photo(1),
        photo(2, "d"), photo(None, "d", excluded=2),
    )  # fmt: skip
    assert warnings(photos, NAMES, classes_held(photos, 4)) == [
        "source a has photos of one label alone (cataract): they teach nothing within it, only by "
        "--whole-share",
        "source c has photos of one label alone (diabetic_retinopathy or glaucoma or normal): "
        "they teach nothing within it, only by --whole-share",
    ]
    assert named(classes_held(photos, 4)) == ("a", "b", "c", "d")


def test_what_each_source_holds_is_named_and_nothing_without_sources():
    photos = (photo(2, "b"), photo(3, "b"), photo(0, "a"), photo(1))
    assert describe_sources(NAMES, classes_held(photos, 4)) == {
        "a": ["cataract"], "b": ["glaucoma", "normal"],
    }  # fmt: skip
    assert describe_sources(NAMES, classes_held(photos[3:], 4)) == {}
