"""Each measure of two maps is what it says."""

import math
from dataclasses import astuple

import cv2
import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog
from scipy.spatial import distance

from calibration.compare.similarity import (
    MapDistance,
    compare_maps,
    earth_movers_distance,
    hottest_overlap,
    jensen_shannon_distance,
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


def test_each_measure_is_a_plain_number_that_json_takes(cams):
    assert {type(value) for value in astuple(compare_maps(*cams, input_size=SIZE))} == {float}


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
        assert list(astuple(found)) == [0, 0, 0, 0, 1, diagonal, diagonal]


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


@pytest.mark.parametrize("shape", [(1, 7), (7, 1), (1, 1)])
def test_maps_of_one_row_or_column_have_every_measure(shape):
    a, b = np.random.default_rng(1).random((2, *shape)).astype(np.float32)
    alike, apart = (compare_maps(a, other, input_size=SIZE) for other in (a, b))
    assert alike.ssim == pytest.approx(1)
    assert np.isfinite(astuple(apart)).all()
    assert apart.ssim < 0.9 or shape == (1, 1)  # one cell alone is as hot in both


def as_linear_programme(a, b, span):
    """Solve optimal transport between all cells, in float64 and without any shortcut."""
    cells = np.argwhere(np.ones(a.shape)) * np.divide(span, a.shape)
    cost = np.linalg.norm(cells[:, None] - cells[None], axis=2)
    count = a.size
    given, taken = np.kron(np.eye(count), np.ones(count)), np.kron(np.ones(count), np.eye(count))
    sums = [v.astype(float).ravel() / v.sum(dtype=float) for v in (a, b)]
    exactly = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    ways = sparse.csr_array(np.vstack([given, taken]))
    return linprog(cost.ravel(), A_eq=ways, b_eq=np.concatenate(sums), options=exactly).fun


def test_the_earth_movers_distance_is_the_optimum_of_the_linear_programme(cams):
    generator = np.random.default_rng(0)
    pairs = [(generator.random((2, 4, 5)) ** 3).astype(np.float32) for _ in range(20)]
    pairs.append([heatmap(cam).values for cam in cams])
    even = np.ones((4, 4), np.float32)  # many ways are equally short
    for _ in range(10):  # nor does one tree of ways join all cells
        steps = np.ceil(generator.random((6, 6)) * 3).astype(np.float32)
        pairs.append((steps, steps[:, ::-1]))
    pairs += [(even, np.eye(4, dtype=np.float32)), (even.cumsum(0), even.cumsum(1))]
    for a, b in pairs:
        found = earth_movers_distance(a, b, span=(32, 40))
        assert found == pytest.approx(as_linear_programme(a, b, (32, 40)), rel=1e-9)


@pytest.mark.parametrize(
    "flow",
    [
        [[0.0, 0.3], [0.4, 0.3]],  # a detour
        [[0.4, -0.1], [0.0, 0.7]],  # more than there is to give
        [[0.3, 0.0], [0.0, 0.6]],  # in two parts
    ],
)
def test_the_earth_movers_distance_doesnt_hang_on_what_opencv_proposes(monkeypatch, flow):
    a, b = np.zeros((2, 1, 4), np.float32)
    a[0, [0, 3]], b[0, [1, 2]] = (0.3, 0.7), (0.4, 0.6)
    given = np.array(flow, np.float32)
    monkeypatch.setattr(cv2, "EMD", lambda *weights: (0.0, 0.0, given))
    expected = as_linear_programme(a, b, (8, 32))
    assert earth_movers_distance(a, b, span=(8, 32)) == pytest.approx(expected, rel=1e-9)


def test_the_jensen_shannon_distance_is_that_of_scipy():
    generator = np.random.default_rng(0)
    for _ in range(5):
        a, b = np.maximum(generator.normal(size=(2, 7, 7)), 0).astype(np.float32)
        expected = distance.jensenshannon(*(v.astype(float).ravel() for v in (a, b)), base=2)
        assert jensen_shannon_distance(a, b) == pytest.approx(expected, abs=1e-12)
    one, other = np.eye(2, dtype=np.float32), 1 - np.eye(2, dtype=np.float32)
    assert jensen_shannon_distance(one, other) == 1
    assert jensen_shannon_distance(one, one) == 0


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
