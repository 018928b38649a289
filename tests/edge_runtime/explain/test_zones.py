"""Zones of the retina, and the side of the disc that evidence lies on."""

import numpy as np
import pytest

from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.explain.zones import (
    OUTSIDE,
    ZONES,
    even_shares,
    fovea_of,
    side_of_disc,
    zone_map,
    zone_shares,
)

RIGHT = Landmarks((0.62, -0.06), 0.25, 0.9, (-0.05, 0.02), "right")
LEFT = Landmarks((-0.62, -0.06), 0.25, 0.9, (0.05, 0.02), "left")


def spots(*points, size=28, width=0.08):
    """Make a map with evidence around points in radii of the field, weighed by their third."""
    places = (np.arange(size) + 0.5) / size * 2 - 1
    x, y = np.meshgrid(places, places)
    found = np.zeros((size, size), np.float32)
    for at_x, at_y, weight in points:
        found += weight * np.exp(-((np.hypot(x - at_x, y - at_y) / width) ** 2) / 2)
    return found


def test_shares_add_up_to_one():
    zones = zone_map(RIGHT)
    for shares in (
        zone_shares(spots((0, 0, 1)), zones),
        even_shares(zones, (7, 7)),
    ):
        assert list(shares) == list(ZONES)
        assert sum(shares.values()) == pytest.approx(1)


def test_even_evidence_has_the_shares_of_even_evidence_though_cells_reach_over_the_edge():
    zones = zone_map(RIGHT)
    fine, coarse = even_shares(zones, (56, 56)), even_shares(zones, (7, 7))
    assert fine["outside"] < 0.03 < coarse["outside"] < 0.15
    places = np.bincount(zones.ravel(), minlength=len(ZONES))[1:] / (zones != OUTSIDE).sum()
    for zone, share in zip(list(ZONES)[1:], places, strict=True):
        assert fine[zone] == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize(("eye", "sign"), [(RIGHT, 1), (LEFT, -1)])
@pytest.mark.parametrize(
    ("points", "side"),
    [
        ([(-0.3, -0.06, 1)], "temporal"),
        ([(0.85, -0.06, 1)], "nasal"),
        ([(-0.3, -0.6, 1)], "temporal, above"),
        ([(-0.3, 0.6, 1)], "temporal, below"),
        ([(-0.3, -0.06, 1), (0.87, -0.06, 1.2)], "nasal"),
    ],
)
def test_the_side_of_the_disc_is_where_most_of_the_rest_lies(eye, sign, points, side):
    found = side_of_disc(spots(*[(sign * x, y, weight) for x, y, weight in points]), eye)
    assert found is not None
    assert found == side if "," in side else found.startswith(side)


def test_evidence_on_the_disc_lies_on_no_side_of_it():
    assert side_of_disc(spots((*RIGHT.disc, 1)), RIGHT) is None


def test_even_evidence_lies_on_no_side():
    for size in (7, 28):
        assert side_of_disc(np.ones((size, size), np.float32), RIGHT) is None
        assert side_of_disc(np.ones((size, size), np.float32), LEFT) is None
    assert side_of_disc(-np.ones((7, 7), np.float32), RIGHT) is None
    assert side_of_disc(np.ones((7, 7), np.float32), Landmarks()) is None


def test_a_fovea_that_isnt_visible_is_placed_by_the_disc_and_the_side():
    known = Landmarks(RIGHT.disc, RIGHT.disc_diameter, 0.9, None, "right")
    x, y = fovea_of(known)
    assert (x, y) == pytest.approx(RIGHT.fovea, abs=0.05)
    assert zone_map(known) is not None
    assert zone_map(Landmarks(RIGHT.disc, RIGHT.disc_diameter, 0.9)) is None
