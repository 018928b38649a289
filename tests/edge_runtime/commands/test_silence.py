"""A silence is said once, and again after something was heard."""

import time

from edge_runtime.commands.silence import Silence


def wait_for(found, count):
    until = time.monotonic() + 10
    while len(found) < count:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_each_silence_is_said_once():
    said = []
    with Silence(said.append, after_s=0.05) as silence:
        wait_for(said, 1)
        time.sleep(0.2)
        assert len(said) == 1
        silence.heard()
        wait_for(said, 2)
    assert all(0.05 <= each < 10 for each in said)


def test_nothing_is_said_of_what_is_heard_all_the_time():
    said = []
    with Silence(said.append, after_s=5) as silence:
        for _ in range(20):
            silence.heard()
            time.sleep(0.01)
    assert said == []
