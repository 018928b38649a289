"""Where a map is hottest is told by ring and direction, and by nothing where it is flat."""

import cv2
import numpy as np
import pytest

from calibration.explanations.failures.places import (
    PLACES,
    hottest_places,
    hottest_points,
    mirrored_place,
    place_of,
    place_shares,
)
from tests.calibration.explanations.made_eyes import spot


@pytest.mark.parametrize(
    ("x", "y", "place"),
    [
        (0.1, -0.2, "in the middle"),
        (0.5, 0.0, "halfway out, right"),
        (-0.4, 0.05, "halfway out, left"),
        (0.6, 0.6, "at the edge, lower right"),
        (-0.6, -0.6, "at the edge, upper left"),
        (0.0, -0.9, "at the edge, top"),
        (0.05, 0.9, "at the edge, bottom"),
    ],
)
def test_a_spot_is_hottest_where_it_is(x, y, place):
    cam = spot(x, y, size=14, width=0.1)[None]
    (found,) = hottest_places(hottest_points(cam))
    assert PLACES[found] == place == PLACES[place_of(x, y)]
    (mirrored,) = hottest_places(hottest_points(cam[:, :, ::-1]))
    assert mirrored_place(np.array([found])) == mirrored
    assert place_shares(cam)[0].argmax() == found


@pytest.mark.parametrize(
    "cam",
    [
        np.ones((7, 7)),
        np.zeros((7, 7)),
        -np.ones((7, 7)),
        spot(-0.8, 0, width=0.1) + spot(0.8, 0, width=0.1),
    ],
    ids=["flat", "empty", "negative", "two as hot"],
)
def test_a_map_without_one_hottest_point_is_nowhere(cam):
    assert hottest_places(hottest_points(np.float32([cam]))) == [-1]


def test_shares_of_places_are_those_of_the_map_as_it_is_shown():
    cam = np.random.default_rng(0).normal(size=(7, 7)).astype(np.float32)
    fine = cv2.resize(np.maximum(cam, 0), (112, 112), interpolation=cv2.INTER_LINEAR)
    x, y = np.meshgrid(*[(np.arange(112) + 0.5) / 56 - 1] * 2)
    sums = np.bincount(place_of(x, y).ravel(), weights=fine.ravel())
    np.testing.assert_allclose(place_shares(cam[None])[0], sums / sums.sum(), atol=1e-6)
    assert np.isnan(place_shares(-np.abs(cam)[None])).all()
