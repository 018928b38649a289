"""Where the evidence lies, worked out by hand on maps of four cells."""

import numpy as np
import pytest

from edge_runtime.explain.gradcam import evidence_outside, inside_shares
from train.evaluation.evidence import evidence_figures


def half_lit(left=4):
    image = np.zeros((8, 8, 3), np.uint8)
    image[:, :left] = 90
    return image


@pytest.mark.parametrize(
    ("cam", "share"),
    [
        ([[1, 0], [1, 0]], 0.0),
        ([[0, 1], [0, 0]], 1.0),
        ([[3, 1], [0, 0]], 0.25),
        ([[3, 1], [0, -5]], 0.25),  # what speaks against the class is no evidence for it
        ([[-1, -1], [-1, -1]], 0.0),
        ([[np.nan, 1], [1, 0]], 0.5),
    ],
)
def test_the_share_outside_is_that_of_the_positive_evidence(cam, share):
    inside = half_lit().any(axis=2)
    assert evidence_outside(np.array(cam, np.float32), inside) == pytest.approx(share)


def test_a_cell_that_the_edge_crosses_counts_by_its_part():
    inside = half_lit(left=6).any(axis=2)
    assert inside_shares(inside, (2, 2)).tolist() == [[1, 0.5], [1, 0.5]]
    assert evidence_outside(np.ones((2, 2), np.float32), inside) == pytest.approx(0.25)


def test_the_figures_of_photos_are_counted_by_hand():
    maps = np.array(
        [[[1, 0], [0, 0]], [[0, 1], [0, 0]], [[3, 1], [0, 0]], [[-1, -1], [-1, -2]]], np.float32
    )
    figures = evidence_figures(maps, np.stack([half_lit()] * 4), limit=0.3)
    assert figures.limit == 0.3
    assert figures.outside_mean == pytest.approx((0 + 1 + 0.25 + 0) / 4)
    assert figures.flagged == 0.25
    assert figures.peak_outside == pytest.approx(1 / 3)  # the last has no evidence at all
    assert figures.outside_p95 <= 1


def test_without_any_evidence_nothing_is_outside():
    figures = evidence_figures(-np.ones((2, 7, 7), np.float32), np.stack([half_lit()] * 2), limit=0)
    assert figures.flagged == figures.peak_outside == figures.outside_mean == 0
