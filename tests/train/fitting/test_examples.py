"""What the photos of a split weigh."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.train.labels import usual_labels
from train.data.dataset import read_dataset
from train.data.sources import classes_held
from train.fitting.examples import Examples, load_examples, training_weights, validation_weights
from train.runs.options import Options

IMAGES = np.zeros((4, 8, 8, 3), np.uint8)
ONE_CELL, EVEN = np.zeros(4, np.intp), np.ones(4, np.float32)
PLAIN = Examples(IMAGES, usual_labels(np.array([0, 0, 0, 1]), 2), ONE_CELL, EVEN)
CELLS = np.array([0, 0, 0, 1])


def test_photos_that_nothing_is_said_of_weigh_exactly_one():
    assert (training_weights(PLAIN, Options()) == 1).all()
    assert (validation_weights(PLAIN, Options()) == 1).all()


def test_a_photos_own_weight_counts_in_both_losses():
    weights = np.array([1, 1, 1, 3], np.float32)
    examples = replace(PLAIN, weights=weights)
    assert training_weights(examples, Options()) == pytest.approx(weights)
    # With a mean of 1, so that one epoch's loss is a mean of losses.
    assert validation_weights(examples, Options()) == pytest.approx(weights / 1.5)


def test_balanced_classes_weigh_by_the_inverse_of_their_numbers():
    balanced = Options(class_weights="balanced")
    assert training_weights(PLAIN, balanced) == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])
    heavy = replace(PLAIN, weights=np.array([3, 1, 1, 1], np.float32))
    assert training_weights(heavy, balanced) == pytest.approx([2, 2 / 3, 2 / 3, 2])
    assert (validation_weights(PLAIN, balanced) == 1).all()


def test_a_photo_of_either_class_counts_in_parts_and_a_class_of_none_is_no_error():
    labels = usual_labels(np.array([0, 0, 1, 0]), 3)
    labels[3, :3] = [1, 1, 0]  # class 0 has 2.5 photos, class 1 has 1.5
    found = training_weights(
        Examples(IMAGES, labels, ONE_CELL, EVEN), Options(class_weights="balanced")
    )
    assert found == pytest.approx([2 / 2.5, 2 / 2.5, 2 / 1.5, (2 / 2.5 + 2 / 1.5) / 2])


def test_the_validation_loss_weighs_cells_as_an_epoch_draws_them():
    examples = replace(PLAIN, cells=CELLS)
    root = np.sqrt(3)
    expected = np.array([root / 3] * 3 + [1]) / (root + 1) * 4
    assert validation_weights(examples, Options()) == pytest.approx(expected, rel=1e-6)
    assert (validation_weights(examples, Options(cell_temper=1.0)) == 1).all()
    assert (training_weights(examples, Options()) == 1).all()  # there the draws do it


def test_cells_count_from_two_sources_on(dataset: Path):
    found = read_dataset(dataset).splits["val_dir"]

    def loaded(*sources):
        photos = tuple(
            replace(photo, source=sources[at % len(sources)]) for at, photo in enumerate(found)
        )
        held = classes_held(photos, 4)
        return load_examples("val_dir", photos, size=(32, 32), classes=4, held=held)

    assert not loaded("").cells.any()
    assert not loaded("a").cells.any()
    assert not loaded("a", "").cells.any()
    assert len(np.unique(loaded("a", "b").cells)) == 8
    assert loaded("a", "b").images.shape == (12, 32, 32, 3)
