"""Work goes a few items ahead, in order, and no further."""

import threading

import pytest

from edge_runtime.system.look_ahead import look_ahead


def test_results_come_in_order_and_never_more_is_begun_than_said():
    taken = []

    def items():
        for item in range(10):
            taken.append(item)
            yield item

    for place, coming in enumerate(look_ahead(lambda item: item * item, items(), ahead=2)):
        assert coming.result() == place * place
        assert len(taken) <= place + 3
    assert len(taken) == 10


def test_two_threads_work_at_once():
    both = threading.Barrier(2, timeout=10)
    found = look_ahead(lambda _: both.wait(), range(2), ahead=2, threads=2)
    assert sorted(coming.result() for coming in found) == [0, 1]


def test_a_failure_meets_whoever_asks_for_it_and_the_rest_goes_on():
    def halve(item):
        return 10 // item

    first, second, third = look_ahead(halve, [5, 0, 2], ahead=1)
    assert (first.result(), third.result()) == (2, 5)
    with pytest.raises(ZeroDivisionError):
        second.result()


def test_who_stops_early_leaves_no_work_behind():
    begun, go_on, before = [], threading.Event(), threading.active_count()

    def work(item):
        begun.append(item)
        if item:
            go_on.wait(10)

    coming = look_ahead(work, range(1000), ahead=3)
    next(coming).result()
    threading.Timer(1, go_on.set).start()
    coming.close()  # as a loop does that ends in an error
    assert begun in ([0], [0, 1])  # what waited its turn was never begun
    assert threading.active_count() <= before + 1  # the timer's


def test_nothing_is_no_work():
    assert list(look_ahead(str, [], ahead=2)) == []
