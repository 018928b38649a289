"""What a sender says of its queue is a sentence, with one thing in it and with several."""

from collections import Counter

import pytest

from edge_runtime.commands.sending import say_queued


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"waits already": 1, "new": 2}, "In the queue: 2 new, 1 waits already.\n"),
        ({"waits already": 6}, "In the queue: 6 wait already.\n"),
    ],
)
def test_one_waits_and_several_wait(capsys, counts, said):
    say_queued(Counter(counts))
    assert capsys.readouterr().err == said
