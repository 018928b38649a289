"""The overlay: heat in the field of view, the photo elsewhere, the legend below."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from edge_runtime import Classifier, load_bundle
from edge_runtime.errors import UnknownNameError
from edge_runtime.explain.overlay import LONGEST, SHORTEST
from edge_runtime.photo.field import SEEN, Field
from edge_runtime.results.legend import draw_overlay
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "examples"))
from make_fundus import draw_fundus

HEIGHT, WIDTH = 480, 800  # between SHORTEST and LONGEST, so the photo isn't scaled


def whole_field(size):
    return Field.of_box(0, 0, size[1], size[0])


def radius_in(field):
    """How far each pixel of the photo is from the field's centre, 1 on its edge."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    at = np.stack([columns - field.x, rows - field.y], axis=-1) @ field.to_unit.T
    return np.hypot(at[..., 0], at[..., 1])


@pytest.fixture(scope="module")
def photo():
    return draw_fundus("glaucoma", seed=5, size=(HEIGHT, WIDTH))


@pytest.fixture(scope="module")
def prediction(exported, photo):
    found = Classifier(load_bundle(exported)).predict(photo)
    # Evidence everywhere, so that the test doesn't depend on what the tiny model learned.
    return replace(found, cam=np.abs(found.cam) + 0.1)


def test_the_legend_stands_below_a_photo_that_keeps_its_size(photo, prediction):
    overlay = draw_overlay(photo, prediction)
    assert overlay.dtype == np.uint8
    assert overlay.shape[1:] == (WIDTH, 3)
    assert overlay.shape[0] > HEIGHT + 40
    assert len(np.unique(overlay[HEIGHT:])) > 10  # text and a colour scale, not one paper colour


def test_heat_is_drawn_in_the_field_of_view_and_nowhere_else(photo, prediction):
    picture = draw_overlay(photo, prediction)[:HEIGHT]
    radius = radius_in(prediction.field)
    inside, outside = radius < SEEN - 0.01, radius > SEEN + 0.01
    assert 0.1 < inside.mean() < 0.9  # share of the photo: the test has both parts to look at
    assert np.array_equal(picture[outside], photo[outside])
    changed = (picture != photo).any(axis=2)
    assert changed[inside].mean() > 0.9  # share of the field: a blend may hit a pixel's own colour


def test_heat_covers_the_place_in_the_photo_that_its_cell_stands_for(photo, prediction):
    cam = np.full_like(prediction.cam, -1.0)
    height, width = cam.shape[1:]
    cam[:, 1, -2] = 1.0  # a cell at the top right
    field = Field(x=400, y=250, major=400, minor=300, angle=0)
    picture = draw_overlay(photo, replace(prediction, cam=cam, field=field))[:HEIGHT]
    changed = (picture != photo).any(axis=2)
    changed[np.abs(radius_in(field) - SEEN) < 0.02] = False  # the field's outline
    rows, columns = np.nonzero(changed)
    centre = 100 + 1.5 * 300 / height, 600 - 1.5 * 400 / width
    # two cells: cubic interpolation reaches that far from a cell's centre
    assert np.abs(rows - centre[0]).max() <= 2 * 300 / height
    assert np.abs(columns - centre[1]).max() <= 2 * 400 / width
    heat = (picture.astype(int) - photo)[..., 1] * changed  # yellow is the hottest, and green's
    hottest = np.unravel_index(heat.argmax(), heat.shape)
    assert np.abs(np.array(hottest) - centre) == pytest.approx([0, 0], abs=0.7 * 400 / width)


def test_without_evidence_the_photo_is_untouched_and_the_legend_says_so(photo, prediction):
    blank = replace(prediction, cam=-np.abs(prediction.cam) - 1)
    overlay, shown = draw_overlay(photo, blank), draw_overlay(photo, prediction)
    assert np.array_equal(overlay[:HEIGHT], photo)
    assert overlay.shape == shown.shape
    assert (overlay[HEIGHT:] > 100).any()  # there is text on the dark paper
    assert not np.array_equal(overlay[HEIGHT:], shown[HEIGHT:])
    # only the colour scale is neither grey nor paper
    assert not np.ptp(overlay[HEIGHT:].astype(int), axis=2).any()
    assert np.ptp(shown[HEIGHT:].astype(int), axis=2).max() > 50


def test_the_photo_is_left_as_it_was(photo, prediction):
    before = photo.copy()
    draw_overlay(photo, prediction)
    assert np.array_equal(photo, before)


@pytest.mark.parametrize(
    ("size", "width"),
    [((60, 100), SHORTEST), ((1200, 2400), LONGEST), ((100, 60), round(60 * 6.4))],
)
def test_small_photos_are_enlarged_and_large_ones_reduced(prediction, size, width):
    photo = np.full((*size, 3), 120, np.uint8)
    whole = replace(prediction, field=whole_field(size), photo_size=size)
    assert draw_overlay(photo, whole).shape[1] == width


@pytest.mark.parametrize("size", [(1, 1), (2000, 8), (8, 2000), (2000, 1), (1, 3000)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_photo_of_any_proportions_is_drawn(prediction, size, sign):
    photo = np.full((*size, 3), 120, np.uint8)
    whole = replace(
        prediction, field=whole_field(size), photo_size=size, cam=sign * np.abs(prediction.cam)
    )
    overlay = draw_overlay(photo, whole)
    assert max(overlay.shape[:2]) >= SHORTEST


def test_another_class_than_the_predicted_one_can_be_explained(photo, prediction):
    other = next(name for name in prediction.probabilities if name != prediction.class_name)
    assert not np.array_equal(
        draw_overlay(photo, prediction, other), draw_overlay(photo, prediction)
    )
    named = draw_overlay(photo, prediction, prediction.class_name)
    assert np.array_equal(named, draw_overlay(photo, prediction))


def test_an_unknown_class_is_refused(photo, prediction):
    with pytest.raises(UnknownNameError, match="unknown class 'healthy'"):
        draw_overlay(photo, prediction, "healthy")


def test_an_overlay_costs_a_few_times_its_picture(prediction):
    import tracemalloc

    photo = draw_fundus("glaucoma", seed=5, size=(1200, 1600))
    whole = replace(prediction, field=whole_field((1200, 1600)), photo_size=(1200, 1600))
    draw_overlay(photo, whole)  # loads a font
    tracemalloc.start()
    overlay = draw_overlay(photo, whole)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # with its legend, and copied once; blending all of it in floats took 14 times its bytes
    assert peak < 5 * overlay.nbytes
