"""Whoever tries passwords waits ever longer, and keeps nobody else from signing in for long."""

import pytest

from edge_runtime.station.access import attempts as module
from edge_runtime.station.access.attempts import HERE, Attempts, who_asks
from tests.edge_runtime.station.camps import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def attempts(clock):
    return Attempts(clock)


def tried(attempts, clock, who, seconds):
    """Count how many passwords one can try in a time, as quickly as they are let."""
    end, number = clock() + seconds, 0
    while clock() < end:
        clock.wait(attempts.wait_s(who(number)) if callable(who) else attempts.wait_s(who))
        attempts.failed(who(number) if callable(who) else who)
        number += 1
        clock.wait(0.1)
    return number


def test_a_few_slips_cost_nothing(attempts):
    for _ in range(4):
        attempts.failed("10.0.0.7")
        assert attempts.wait_s("10.0.0.7") == 0
    attempts.failed("10.0.0.7")
    assert attempts.wait_s("10.0.0.7") > 0


def test_one_address_tries_few_hundred_passwords_a_day(attempts, clock):
    assert tried(attempts, clock, "10.0.0.7", 86_400) < 320


def test_a_thousand_addresses_together_try_few_thousand_a_day(attempts, clock):
    """A PIN of six digits would last for months."""
    assert tried(attempts, clock, lambda number: f"10.0.{number % 250}.7", 86_400) < 6_000


def test_who_sits_before_this_computer_isnt_slowed_by_others(attempts, clock):
    tried(attempts, clock, lambda number: f"10.0.{number % 250}.7", 600)
    assert attempts.wait_s(HERE) == 0
    assert attempts.wait_s("192.168.7.7") <= 15
    for _ in range(9):
        attempts.failed(HERE)
    assert attempts.wait_s(HERE) > 0


def test_the_right_password_and_an_hour_of_quiet_forget_the_wrong_ones(attempts, clock):
    for who in ("a", "b"):
        for _ in range(12):
            attempts.failed(who)
    attempts.succeeded("a")
    clock.wait(20)
    assert attempts.wait_s("a") == 0
    assert attempts.wait_s("b") > 0
    clock.wait(3600)
    attempts.failed("b")
    assert attempts.wait_s("b") == 0


def test_what_is_remembered_is_bounded(attempts):
    for number in range(5000):
        attempts.failed(str(number))
    assert len(attempts._each) == module._MOST_ADDRESSES


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("127.0.0.1", HERE), ("::1", HERE), ("::ffff:127.0.0.1", HERE), ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.3"), ("fe80::1%eth0", "fe80::/64"),
        ("2001:db8:0:1:2::3", "2001:db8:0:1::/64"), ("2001:db8:0:1:9::9", "2001:db8:0:1::/64"),
        (None, "unknown"), ("x", "unknown"),
    ],
)  # fmt: skip
def test_an_address_is_one_whatever_coat_it_wears(address, who):
    assert who_asks(address) == who
