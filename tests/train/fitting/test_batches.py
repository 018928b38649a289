"""What Keras gets to see, epoch by epoch."""

import numpy as np

from train.fitting.batches import Batches


def numbers(chosen, epoch, generator):
    return np.stack(
        [chosen, np.full(len(chosen), epoch), generator.integers(1000, size=len(chosen))]
    )


def epoch_of(batches, order):
    found = {index: batches[index] for index in order}
    return [found[index] for index in range(len(batches))]


def test_an_epoch_has_every_example_once_with_its_label():
    batches = Batches(numbers, np.eye(5, dtype=np.float32), batch=2, seed=7)
    parts = epoch_of(batches, range(3))
    seen = np.concatenate([part[0][0] for part in parts])
    labels = np.concatenate([part[1] for part in parts])
    assert sorted(seen) == list(range(5))
    np.testing.assert_array_equal(labels.argmax(axis=1), seen)


def test_one_seed_gives_the_same_batches_in_whatever_order_they_are_made():
    labels = np.eye(5, dtype=np.float32)
    one, two = (Batches(numbers, labels, batch=2, seed=7) for _ in range(2))
    for (first, *_), (second, *_) in zip(
        epoch_of(one, range(3)), epoch_of(two, [2, 0, 1]), strict=True
    ):
        np.testing.assert_array_equal(first, second)


def test_a_later_epoch_has_another_order_and_other_draws():
    batches = Batches(numbers, np.eye(9, dtype=np.float32), batch=9, seed=7)
    first = batches[0][0]
    batches.on_epoch_end()
    second = batches[0][0]
    assert (first[0] != second[0]).any()
    assert (second[1] == 1).all()
    assert (first[2] != second[2]).any()


def test_beginning_at_an_epoch_is_the_same_as_having_come_there():
    labels = np.eye(9, dtype=np.float32)
    whole = Batches(numbers, labels, batch=4, seed=1)
    for _ in range(3):
        whole.on_epoch_end()
    np.testing.assert_array_equal(
        whole[1][0], Batches(numbers, labels, batch=4, seed=1, epoch=3)[1][0]
    )


def test_without_shuffling_the_order_is_kept():
    batches = Batches(numbers, np.eye(5, dtype=np.float32), batch=2, seed=None)
    assert np.concatenate([part[0][0] for part in epoch_of(batches, range(3))]).tolist() == [
        0, 1, 2, 3, 4,
    ]  # fmt: skip
