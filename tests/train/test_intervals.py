import numpy as np
import pytest

from train.intervals import percentile_interval, resample_groups


def test_a_draw_holds_whole_groups():
    groups = np.array([5, 1, 5, 2, 1, 9])
    for draw in resample_groups(groups, resamples=50, seed=0):
        counts = np.bincount(draw, minlength=6)
        for group in (1, 2, 5, 9):
            assert len(set(counts[groups == group])) == 1


def test_the_same_seed_gives_the_same_draws():
    groups = np.arange(20) // 2
    first, again, other = (
        np.concatenate(list(resample_groups(groups, resamples=5, seed=seed))) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_copies_widen_the_interval():
    values = np.random.default_rng(0).normal(size=100)

    def width(groups, values):
        means = [values[draw].mean() for draw in resample_groups(groups, resamples=500, seed=0)]
        low, high = percentile_interval(means)
        return high - low

    alone = width(np.arange(100), values)
    fourfold = width(np.repeat(np.arange(100), 4), np.repeat(values, 4))
    # Copies bring no information: with groups the width stays, photo by photo it would halve.
    assert fourfold == pytest.approx(alone, rel=0.1)
    assert width(np.arange(400), np.repeat(values, 4)) == pytest.approx(alone / 2, rel=0.15)


def test_an_interval_leaves_out_undefined_draws():
    assert percentile_interval([np.nan, *range(101)], confidence=0.9) == pytest.approx((5, 95))
