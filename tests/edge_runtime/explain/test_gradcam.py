"""Grad-CAM's arithmetic, against loops and numbers worked out by hand."""

import numpy as np
import pytest

from edge_runtime.explain.gradcam import completeness_gap, fixed_cam, heatmap


def test_a_heatmaps_maximum_is_one():
    for seed in range(5):
        cam = np.random.default_rng(seed).normal(0, 10.0**seed, (7, 7)).astype(np.float32)
        heat = heatmap(cam)
        assert heat.positive
        assert heat.values.max() == 1
        assert heat.values.min() == 0
        assert heat.values.dtype == np.float32


def test_a_heatmap_keeps_what_speaks_for_the_class():
    heat = heatmap(np.array([[4, -3], [1, 0]], np.float32))
    assert heat.values.tolist() == [[1, 0], [0.25, 0]]
    assert heat.evidence == 5


@pytest.mark.parametrize("value", [-1.0, 0.0, -1e-20, 1e-9])
def test_a_map_without_evidence_gives_a_blank_heatmap(value):
    heat = heatmap(np.full((7, 7), value, np.float32))
    assert not heat.positive
    assert heat.evidence == 0
    assert not heat.values.any()
    assert heat.values.shape == (7, 7)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("rest", [-1, 0, 2])
def test_a_heatmap_is_never_nan(value, rest):
    cam = np.full((3, 3), rest, np.float32)
    cam[1, 1] = value
    heat = heatmap(cam)
    assert np.isfinite(heat.values).all()
    assert np.isfinite(heat.evidence)
    assert heat.values.max() == (1 if rest > 0 else 0)


def test_a_heatmap_leaves_its_map_as_it_was():
    cam = np.array([[1, -2]], np.float32)
    heatmap(cam)
    assert cam.tolist() == [[1, -2]]


def test_the_fixed_map_is_the_sum_over_channels_of_activation_times_gradient():
    generator = np.random.default_rng(0)
    last_conv = generator.normal(size=(2, 3, 4, 5)).astype(np.float32)
    gradients = generator.normal(size=(6, 5)).astype(np.float32)
    expected = np.zeros((2, 6, 3, 4))
    for n in range(2):
        for c in range(6):
            for h in range(3):
                for w in range(4):
                    for k in range(5):
                        expected[n, c, h, w] += float(last_conv[n, h, w, k]) * gradients[c, k]
    cam = fixed_cam(last_conv, gradients)
    assert cam.dtype == np.float32
    # sums of five float32 products of order one
    np.testing.assert_allclose(cam, expected, atol=1e-5)


def test_the_completeness_gap_of_a_linear_head_is_zero():
    generator = np.random.default_rng(0)
    # Small whole numbers, which float32 adds up exactly.
    last_conv = generator.integers(-3, 4, (2, 3, 3, 5)).astype(np.float32)
    gradients = generator.integers(-3, 4, (4, 5)).astype(np.float32)
    bias = generator.integers(-3, 4, (2, 4)).astype(np.float32)
    logits = last_conv.sum(axis=(1, 2)) @ gradients.T + bias
    gap = completeness_gap(logits, fixed_cam(last_conv, gradients), bias)
    assert gap.shape == (2, 4)
    assert gap.dtype == np.float32
    assert not gap.any()


def test_the_completeness_gap_is_what_the_map_lacks():
    cam = np.ones((1, 2, 2, 2), np.float32)
    logits = np.array([[5.0, 7.5]], np.float32)
    bias = np.array([[1.0, 2.0]], np.float32)
    assert completeness_gap(logits, cam, bias).tolist() == [[0, 1.5]]
