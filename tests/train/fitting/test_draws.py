"""How often each photo of each cell is drawn."""

import numpy as np
import pytest

from train.fitting.batches import Batches
from train.fitting.draws import draw_epoch, draws_of_cells, weights_of_photos

#: Cells of 1, 4, 9 and 36 photos, in a shuffled order.
SIZES = np.array([1, 4, 9, 36])
CELLS = np.random.default_rng(0).permutation(np.repeat(np.arange(4), SIZES))


@pytest.mark.parametrize(
    ("sizes", "temper", "draws"),
    [
        # Roots 1, 2, 3 and 6 of 12 are shares of 50 draws: 4.17, 8.33, 12.5 and 25.
        ([1, 4, 9, 36], 0.5, [4, 8, 13, 25]),
        ([1, 4, 9, 36], 1.0, [1, 4, 9, 36]),
        ([1, 4, 9, 36], 0.0, [13, 13, 12, 12]),
        ([3, 7, 11], 1.0, [3, 7, 11]),
        ([5], 0.5, [5]),
        ([1, 10_000], 0.5, [99, 9902]),
    ],
)
def test_a_cell_gets_its_share_of_the_draws(sizes, temper, draws):
    assert draws_of_cells(np.array(sizes), temper).tolist() == draws


def test_the_photos_of_a_cell_are_drawn_equally_often_but_for_a_remainder():
    for seed in range(20):
        order, rounds = draw_epoch(CELLS, 0.5, np.random.default_rng(seed))
        times = np.bincount(order, minlength=50)
        for cell, draws in enumerate([4, 8, 13, 25]):
            of_cell = times[cell == CELLS]
            assert of_cell.sum() == draws
            assert np.ptp(of_cell) <= 1
        for each in np.unique(order):
            assert sorted(rounds[order == each]) == list(range(times[each]))


def test_over_many_epochs_no_photo_of_a_cell_is_preferred():
    times = np.zeros(50)
    for seed in range(400):
        times += np.bincount(draw_epoch(CELLS, 0.5, np.random.default_rng(seed))[0], minlength=50)
    # The largest cell: 25 draws of 36 photos; 400 epochs spread the mean of a photo by 0.023.
    assert times[CELLS == 3] / 400 == pytest.approx(25 / 36, abs=0.1)


def test_a_power_of_one_shows_every_photo_once():
    order, rounds = draw_epoch(CELLS, 1.0, np.random.default_rng(1))
    assert sorted(order) == list(range(50))
    assert not rounds.any()


def test_one_cell_is_drawn_as_no_cell_is():
    one, many = (draw_epoch(cells, 0.5, np.random.default_rng(1)) for cells in (CELLS * 0, CELLS))
    np.testing.assert_array_equal(one[0], np.random.default_rng(1).permutation(50))
    assert (one[0] != many[0]).any()


def test_a_photo_weighs_as_often_as_it_would_be_drawn():
    weights = weights_of_photos(CELLS, 0.5)
    assert weights.mean() == pytest.approx(1, abs=1e-6)
    for cell, share in enumerate(np.array([1, 2, 3, 6]) / 12):
        assert weights[cell == CELLS].sum() == pytest.approx(50 * share, rel=1e-6)
    assert weights_of_photos(CELLS, 1.0) == pytest.approx(np.ones(50), abs=1e-6)


def seen(chosen, turns, generator):
    return np.stack([chosen, turns, generator.integers(1000, size=len(chosen))], axis=1)


def epoch_of(batches):
    return np.concatenate([batches[index][0] for index in range(len(batches))])


def test_an_epoch_begun_at_is_the_one_come_to_and_no_two_are_the_same():
    choices = {"batch": 8, "cells": CELLS, "temper": 0.5, "seed": 3}
    labels = np.zeros((50, 8), np.float32)
    whole = Batches(seen, labels, **choices)
    first = epoch_of(whole)
    whole.on_epoch_end()
    whole.on_epoch_end()
    third = epoch_of(whole)
    np.testing.assert_array_equal(epoch_of(Batches(seen, labels, epoch=2, **choices)), third)
    assert (first[:, 0] != third[:, 0]).any()
    # What is drawn again in an epoch has another turn each time.
    lone = third[CELLS[third[:, 0]] == 0]
    assert sorted(lone[:, 1]) == [2, 3, 4, 5]


@pytest.mark.parametrize("choices", [{}, {"cells": CELLS, "temper": 1.0}])
def test_without_cells_or_with_a_power_of_one_the_order_is_a_plain_one(choices):
    batches = Batches(seen, np.zeros((50, 8), np.float32), batch=50, seed=7, epoch=4, **choices)
    expected = np.random.default_rng((7, 4)).permutation(50)
    np.testing.assert_array_equal(batches[0][0][:, 0], expected)
    assert (batches[0][0][:, 1] == 4).all()


def test_the_weights_go_with_their_examples():
    weights = np.arange(50, dtype=np.float32)
    labels = np.zeros((50, 8), np.float32)
    batches = Batches(seen, labels, batch=16, weights=weights, cells=CELLS, temper=0.5)
    for index in range(len(batches)):
        inputs, _, given = batches[index]
        np.testing.assert_array_equal(inputs[:, 0], given)
    np.testing.assert_array_equal(Batches(seen, labels, batch=16)[0][2], np.ones(16))
