"""Ctrl-C waits where it would become something else, and nowhere else."""

import contextlib
import signal
import threading

import pytest

from edge_runtime.system.interrupts import (
    Terminated,
    ending_in_order,
    held_back,
    noticed,
    stop_status,
)


@pytest.fixture(autouse=True)
def _default_handler():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_it_waits_until_the_end():
    done = []

    def work():
        with held_back():
            signal.raise_signal(signal.SIGINT)
            done.append(True)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == [True]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_an_error_inside_is_the_one_that_is_told():

    def work():
        with held_back():
            signal.raise_signal(signal.SIGINT)
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        work()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_handler_is_left_alone():
    seen = []
    signal.signal(signal.SIGINT, lambda *_: seen.append(True))
    with held_back():
        signal.raise_signal(signal.SIGINT)
        assert seen == [True]


def test_other_threads_hold_nothing_back():
    handlers = []

    def work():
        with held_back():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.default_int_handler]


def test_a_process_that_is_asked_to_end_is_stopped_as_by_ctrl_c_and_later_not_any_more():
    with pytest.raises(Terminated) as caught, ending_in_order():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert stop_status(caught.value) == 143
    assert stop_status(KeyboardInterrupt()) == 130
    assert stop_status(BrokenPipeError()) == 141


def test_what_a_program_does_when_it_is_asked_to_end_is_left_to_it():
    seen = []
    before = signal.signal(signal.SIGTERM, lambda *_: seen.append(True))
    try:
        with ending_in_order():
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == [True]


def test_a_ctrl_c_that_becomes_another_error_is_noticed():
    with noticed() as came:
        assert came == []
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert came == [signal.SIGINT]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
