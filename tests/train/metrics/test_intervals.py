import numpy as np
import pytest

from train.metrics.intervals import (
    Bootstrap,
    figure_interval,
    percentile_interval,
    resample_groups,
    resampled_weights,
)


def test_a_draw_holds_whole_groups():
    groups = np.array([5, 1, 5, 2, 1, 9])
    for draw in resample_groups(groups, Bootstrap(50, 0)):
        counts = np.bincount(draw, minlength=6)
        for group in (1, 2, 5, 9):
            assert len(set(counts[groups == group])) == 1


def test_the_same_seed_gives_the_same_draws():
    groups = np.arange(20) // 2
    first, again, other = (
        np.concatenate(list(resample_groups(groups, Bootstrap(5, seed)))) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_copies_widen_the_interval():
    values = np.random.default_rng(0).normal(size=100)

    def width(groups, values):
        means = [values[draw].mean() for draw in resample_groups(groups, Bootstrap(500, 0))]
        low, high = percentile_interval(means)
        return high - low

    alone = width(np.arange(100), values)
    fourfold = width(np.repeat(np.arange(100), 4), np.repeat(values, 4))
    # Copies bring no information: with groups the width stays, photo by photo it would halve.
    assert fourfold == pytest.approx(alone, rel=0.1)
    assert width(np.arange(400), np.repeat(values, 4)) == pytest.approx(alone / 2, rel=0.15)


def test_an_interval_leaves_out_undefined_draws():
    assert percentile_interval([np.nan, *range(101)], confidence=0.9) == pytest.approx((5, 95))


def test_weights_are_the_draws_counted():
    groups = np.array([3, 3, 8, 1, 1, 1])
    blocks = list(resampled_weights(groups, Bootstrap(7, 4), block=3))
    assert [len(block) for block in blocks] == [3, 3, 1]
    draws = resample_groups(groups, Bootstrap(7, 4))
    expected = [np.bincount(draw, minlength=6) for draw in draws]
    np.testing.assert_array_equal(np.concatenate(blocks), expected)


def test_intervals_over_groups_cover_the_truth_and_those_over_photos_do_not():
    # 80 groups of four photos that share their chance of being right, Beta(2, 1): 2/3 on average.
    # Photo by photo the interval is too narrow by the root of 1 + 3 * 1/4, as the correlation of
    # two photos of a group is 1 / (2 + 1 + 1).
    groups = np.repeat(np.arange(80), 4)
    generator = np.random.default_rng(0)
    trials, covered = 400, {"groups": 0, "photos": 0}
    for trial in range(trials):
        right = generator.random(320) < np.repeat(generator.beta(2, 1, 80), 4)
        for name, ids in (("groups", groups), ("photos", np.arange(320))):
            weights = np.concatenate(list(resampled_weights(ids, Bootstrap(300, trial))))
            low, high = percentile_interval(weights @ right / weights.sum(axis=1))
            covered[name] += low <= 2 / 3 <= high
    # 400 trials show 0.95 with a standard error of 0.011; the percentile bootstrap of 80 groups
    # reaches a little less. Photo by photo, 1.96 / 1.32 standard errors cover 0.86.
    assert covered["groups"] / trials > 0.92
    assert covered["photos"] / trials < 0.90


def test_one_group_or_none_has_no_interval_and_a_reason():
    draws = np.array([0.4, 0.5, 0.6])
    assert figure_interval(draws, groups=2, trials=None) == ((pytest.approx(0.405), 0.595), None)
    for groups, reason in ((1, "of 1 group"), (0, "no photograph")):
        interval, sentence = figure_interval(draws, groups=groups, trials=None)
        assert interval is None
        assert reason in sentence


@pytest.mark.parametrize(
    ("value", "trials", "expected"),
    [
        (1.0, 10, [0.6915, 1.0]),  # Clopper and Pearson's tables: 10 of 10
        (0.0, 10, [0.0, 0.3085]),
        (0.5, 10, None),
        (1.0, None, None),
        (0.0, 0, None),
    ],
)
def test_draws_that_are_all_alike_are_no_interval_of_no_width(value, trials, expected):
    interval, sentence = figure_interval(np.full(50, value), groups=10, trials=trials)
    assert interval == (None if expected is None else pytest.approx(expected, abs=5e-5))
    assert f"every draw gives {value:g}" in sentence
