"""A model that follows the eye is told from one that follows the picture's frame."""

import hashlib
from dataclasses import replace

import cv2
import numpy as np
import pytest
from make_fundus import draw_fundus

from calibration.explanations.consistency.mirror_alone import mirror_alone
from tests.calibration.explanations.made_eyes import RIGHT, explained
from tests.calibration.explanations.stability.toys import (
    CELLS,
    brightness_of_cells,
    toy,
)
from train.metrics.intervals import Bootstrap

COUNT = 12


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Photos of a store, as many persons; the file of the last is gone."""
    folder = tmp_path_factory.mktemp("photos")
    found = explained([RIGHT] * (COUNT + 1), np.zeros((COUNT + 1, CELLS, CELLS), np.float32))
    photos = []
    for number, photo in enumerate(found.photos):
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), draw_fundus("glaucoma", seed=number, size=(240, 320))[..., ::-1])
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        photos.append(replace(photo, path=str(path), sha256=digest, patient=str(number)))
    path.unlink()
    return replace(found, classes=("a", "b"), photos=tuple(photos))


def a_bar_at_the_left(images):
    """The map of a model that looks at a place in the frame, whatever is there."""
    cams = np.zeros((len(images), CELLS, CELLS), np.float32)
    cams[:, 3:6, 1:5] = np.arange(1, 5)
    return cams


def measure(kept, model, **options):
    options = {"limit": 100, "field_degrees": 45, "bootstrap": Bootstrap(200, 0)} | options
    return mirror_alone(kept, model, **options)


def test_a_model_that_looks_at_the_eye_has_the_same_map_turned_back(kept):
    found = measure(kept, toy(brightness_of_cells))
    assert (found.photos, found.persons, found.gone) == (COUNT, COUNT, 1)
    assert found.changed.value == 0
    held = found.turned_back.agreeing
    assert held.pairs == COUNT
    assert held.measures["pearson"].value == pytest.approx(1, abs=1e-5)
    assert found.in_place["pearson"].value < 0.999
    assert "follow the eye more than" in found.follows


def test_a_model_that_looks_at_the_frame_has_the_same_map_in_place(kept):
    found = measure(kept, toy(a_bar_at_the_left))
    assert found.in_place["pearson"].value == pytest.approx(1)
    assert found.turned_back.agreeing.measures["pearson"].value < 0.5
    # Every photo says the same, so that no interval can be drawn, and nothing is said.
    assert "can't be told" in found.follows
    noise = np.random.default_rng(0).normal(0, 0.05, (100, CELLS, CELLS)).astype(np.float32)
    calls = iter(range(100))

    def rough_bar(images):
        return a_bar_at_the_left(images) + noise[next(calls)]

    assert "follow the picture's frame" in measure(kept, toy(rough_bar)).follows


def test_a_class_that_mirroring_changes_is_counted_apart(kept):
    calls = iter(range(100))

    def turned(images):
        return np.full(len(images), 0.2 if next(calls) % 4 == 1 else 0.9)

    found = measure(kept, toy(brightness_of_cells, first=turned))
    assert found.changed.value == 0.5
    assert found.probability_moved.value == pytest.approx(0.35, abs=1e-6)
    assert (found.turned_back.agreeing.pairs, found.turned_back.differing.pairs) == (6, 6)


def test_a_limit_takes_as_many_and_without_files_there_is_nothing(kept):
    assert measure(kept, toy(brightness_of_cells), limit=3).photos in (2, 3)  # one is gone
    gone = replace(kept, photos=tuple(replace(each, path="gone.png") for each in kept.photos))
    assert measure(gone, toy(brightness_of_cells)) is None
