"""What the command benchmark tells while it measures."""

import pytest

from edge_runtime.commands.benchmark import seconds_left


@pytest.mark.parametrize(
    ("elapsed_s", "share", "left"),
    [(0.0, 0.0, None), (1.0, 0.2, 4), (2.5, 0.5, 3), (4.99, 0.998, 1), (5.0, 1.0, 0)],
)
def test_the_time_that_is_left_follows_from_what_is_done(elapsed_s, share, left):
    assert seconds_left(elapsed_s, share) == left
