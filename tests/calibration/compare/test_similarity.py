"""Each measure of two maps is what it says."""

import math
from dataclasses import astuple

import cv2
import numpy as np
import pytest
from scipy.optimize import linprog

from calibration.compare.similarity import (
    MapDistance,
    compare_maps,
    earth_movers_distance,
    hottest_overlap,
    peak_distance,
    pearson,
    shown,
    structural_similarity,
)
from edge_runtime.explain.gradcam import heatmap

SIZE = (224, 224)


@pytest.fixture
def cams():
    return np.random.default_rng(0).normal(0, 1, (2, 7, 7)).astype(np.float32)


def spot(row, column):
    cam = np.full((7, 7), -0.1, np.float32)
    cam[row, column] = 1
    return cam


def test_a_map_is_at_no_distance_from_itself(cams):
    found = compare_maps(cams[0], cams[0], input_size=SIZE)
    assert astuple(found) == pytest.approx(astuple(MapDistance()), abs=1e-6)  # float32 sums


def test_a_factor_changes_nothing_that_is_shown(cams):
    found = compare_maps(cams[0], 3 * cams[0], input_size=SIZE)
    assert astuple(found) == pytest.approx(astuple(MapDistance()), abs=1e-5)  # float32 sums


def test_a_spot_that_moves_by_two_cells_moves_by_two_cells():
    found = compare_maps(spot(2, 3), spot(4, 3), input_size=SIZE)
    assert found.emd_pixels == pytest.approx(64, rel=1e-5)
    assert found.peak_pixels == pytest.approx(64)
    assert found.iou == 0
    assert found.pearson < 0


def test_a_blank_map_beside_one_that_isnt_is_the_worst_and_two_blank_ones_are_nothing(cams):
    blank = np.full((7, 7), -1, np.float32)
    assert compare_maps(blank, blank, input_size=SIZE) is None
    for pair in ((cams[0], blank), (blank, cams[0])):
        found = compare_maps(*pair, input_size=SIZE)
        diagonal = math.hypot(*SIZE)
        assert list(astuple(found)) == [0, 0, 0, 0, diagonal, diagonal]


def test_what_is_compared_is_what_an_overlay_shows(cams):
    values = heatmap(cams[0]).values
    found = shown(values)
    assert found.shape == (56, 56)
    expected = np.clip(cv2.resize(values, (56, 56), interpolation=cv2.INTER_CUBIC), 0, 1)
    np.testing.assert_array_equal(found, expected)


def test_ssim_is_that_of_the_paper_written_out():
    a, b = np.random.default_rng(0).random((2, 20, 17))
    axis = np.arange(11) - 5
    window = np.exp(-(axis**2) / (2 * 1.5**2))
    window = np.outer(window, window) / window.sum() ** 2
    values = []
    for row in range(10):
        for column in range(7):
            x, y = (p[row : row + 11, column : column + 11] for p in (a, b))
            mx, my = (window * x).sum(), (window * y).sum()
            vx, vy = (window * (x - mx) ** 2).sum(), (window * (y - my) ** 2).sum()
            cov = (window * (x - mx) * (y - my)).sum()
            values.append(
                (2 * mx * my + 0.01**2)
                * (2 * cov + 0.03**2)
                / ((mx**2 + my**2 + 0.01**2) * (vx + vy + 0.03**2))
            )
    assert structural_similarity(a, b) == pytest.approx(np.mean(values), abs=1e-9)


def test_the_earth_movers_distance_is_the_optimum_of_the_linear_programme():
    generator = np.random.default_rng(0)
    a, b = (generator.random((2, 4, 5)) ** 3).astype(np.float32)
    places = np.array([(row * 8, column * 8) for row in range(4) for column in range(5)])
    cost = np.linalg.norm(places[:, None] - places[None], axis=2)
    given = np.kron(np.eye(20), np.ones(20))
    taken = np.kron(np.ones(20), np.eye(20))
    best = linprog(
        cost.ravel(),
        A_eq=np.vstack([given, taken]),
        b_eq=np.concatenate([(v / v.sum(dtype=np.float64)).ravel() for v in (a, b)]),
    )
    found = earth_movers_distance(a, b, span=(32, 40))
    assert found == pytest.approx(best.fun, rel=1e-5)  # OpenCV computes in float32


def test_the_hottest_tenth_never_holds_what_is_cold():
    a, b = np.zeros((2, 10, 10), np.float32)
    a[0, :3], b[0, 1:4] = 1, 1
    assert hottest_overlap(a, b) == 2 / 4
    full = np.arange(100, dtype=np.float32).reshape(10, 10)
    assert hottest_overlap(full, full[::-1]) == 0
    assert hottest_overlap(full, full) == 1


def test_the_peaks_distance_is_in_pixels_of_the_span():
    a, b = np.zeros((2, 10, 10), np.float32)
    a[1, 1], b[4, 5] = 1, 1
    assert peak_distance(a, b, span=(100, 200)) == pytest.approx(math.hypot(30, 80))


def test_a_flat_map_correlates_with_nothing():
    assert pearson(np.ones(5), np.arange(5.0)) == 0
    assert pearson(np.arange(5.0), -np.arange(5.0)) == pytest.approx(-1)
