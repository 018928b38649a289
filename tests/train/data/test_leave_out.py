"""Which photos a training leaves out."""

from pathlib import Path

import numpy as np
import pytest

from edge_runtime.errors import UnknownNameError
from train.commands.train import _summary
from train.data.dataset import Dataset, LabelledPhoto
from train.data.leave_out import leave_out
from train.errors import DatasetError
from train.metrics.classification import evaluate


def dataset(**splits):
    """Make a dataset of photos given as (label, source)."""
    return Dataset(
        Path("data"),
        ("glaucoma", "normal"),
        {
            name: tuple(
                LabelledPhoto(Path(f"{name}{at}.png"), label, source=source)
                for at, (label, source) in enumerate(photos)
            )
            for name, photos in splits.items()
        },
    )


WHOLE = dataset(
    train_dir=[(0, "a"), (1, "a"), (0, "b"), (1, "c"), (1, "")],
    val_dir=[(0, "a"), (1, "b")],
    test_dir=[(0, "b"), (1, "c")],
)


def names(found):
    return {name: [photo.path.stem for photo in photos] for name, photos in found.splits.items()}


def test_nothing_is_left_out_unasked():
    assert leave_out(WHOLE, "") is WHOLE


def test_all_photos_of_a_source_are_left_out_and_come_in_order():
    assert names(leave_out(WHOLE, "b")) == {
        "train_dir": ["train_dir0", "train_dir1", "train_dir3", "train_dir4"],
        "val_dir": ["val_dir0"],
        "test_dir": ["test_dir1"],
        "left_out": ["test_dir0", "train_dir2", "val_dir1"],
    }


def test_several_sources_are_left_out_and_a_split_of_theirs_goes():
    found = names(leave_out(WHOLE, "c, b"))
    assert found["left_out"] == ["test_dir0", "test_dir1", "train_dir2", "train_dir3", "val_dir1"]
    assert set(found) == {"train_dir", "val_dir", "left_out"}


def test_an_unknown_source_is_a_sentence_that_lists_the_sources():
    with pytest.raises(UnknownNameError, match="unknown source 'x': choose one of a, b, c"):
        leave_out(WHOLE, "a,x")


@pytest.mark.parametrize(
    ("given", "source", "sentence"),
    [
        (dataset(train_dir=[(0, ""), (1, "")], val_dir=[(0, "")]), "a", "have no source, so a can"),
        (WHOLE, "a,b", "without a, b no photo is left of glaucoma to train on"),
        (
            dataset(train_dir=[(0, "a"), (1, "a")], val_dir=[(0, "b")]),
            "b",
            "without b no photo is left to validate on",
        ),
    ],
)
def test_too_little_to_train_on_is_a_sentence(given, source, sentence):
    with pytest.raises(DatasetError, match=sentence):
        leave_out(given, source)


def test_a_source_without_a_class_has_a_line_on_the_console_too():
    rows = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.1, 0.9]])
    figures = evaluate(rows, np.zeros(4, int), ("glaucoma", "normal"))
    assert _summary("left_out", figures) == "left_out: accuracy 0.500 (4); glaucoma 0.500, normal -"
