"""Slow those down who try passwords, without a hindrance for those who are signed in."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from edge_runtime.station.access.hosts import plain_address

#: Who tries passwords on this computer itself.
HERE = "this computer"

_DEVICE = "device "

_FORGOTTEN = 3600.0  # seconds after the last wrong one
_MOST_ADDRESSES = 1000
_WAITING = 8  # who wait until another's password is looked at
_IPV6_NETWORK = 64  # bits: who has one address of it may have all


@dataclass(frozen=True)
class _Slope:
    """How waiting grows: so many wrong ones are free, then 1, 2, 4 ... seconds at most."""

    free: int
    most_s: float

    def wait(self, wrong: int) -> float:
        over = wrong - self.free
        return 0.0 if over < 0 else min(self.most_s, 2.0 ** min(over, 20))


_EACH, _ALL = _Slope(5, 300.0), _Slope(20, 15.0)


@dataclass
class _Wrong:
    """Wrong passwords: how many, the last at which second, and until which one has to wait."""

    number: int = 0
    last: float = 0.0
    until: float = 0.0

    def add(self, now: float, slope: _Slope) -> None:
        self.number = 1 if now - self.last > _FORGOTTEN else self.number + 1
        self.last, self.until = now, now + slope.wait(self.number)


@dataclass
class Attempts:
    """The wrong passwords of late, of each address or known device, and of all together.

    Of all together only other computers' count, and those of devices that signed in before don't,
    so that such a device and whoever sits before this computer can sign in while others try
    passwords: each waits for its own wrong ones alone. ``wrong`` is how many there were since the
    start. ``clock`` gives seconds, whatever a person does to the computer's time.
    """

    clock: Callable[[], float] = time.monotonic
    wrong: int = 0
    waiting: int = 0
    _all: _Wrong = field(default_factory=_Wrong)
    _each: OrderedDict[str, _Wrong] = field(default_factory=OrderedDict)

    def wait_s(self, who: str) -> float:
        """Say for how many seconds no password of theirs is looked at."""
        until = self._each[who].until if who in self._each else 0.0
        if not _stands_apart(who):
            until = max(until, self._all.until)
        return max(0.0, until - self.clock())

    def is_crowded(self, who: str) -> bool:
        """Tell whether so many wait already that nobody else may; who stands apart always may."""
        return self.waiting >= _WAITING and not _stands_apart(who)

    def failed(self, who: str) -> None:
        """Learn of a wrong password."""
        self.wrong += 1
        now = self.clock()
        if not _stands_apart(who):
            self._all.add(now, _ALL)
        self._each.setdefault(who, _Wrong()).add(now, _EACH)
        self._each.move_to_end(who)
        while len(self._each) > _MOST_ADDRESSES:
            self._each.popitem(last=False)

    def succeeded(self, who: str) -> None:
        """Learn of the right one."""
        self._each.pop(who, None)


def _stands_apart(who: str) -> bool:
    return who == HERE or who.startswith(_DEVICE)


def who_asks(address: str | None, device: str | None = None) -> str:
    """Name whoever asks, by their address; neighbours of an IPv6 network are one.

    Args:
        address: Theirs.
        device: The name of a device from which somebody signed in before, as ``Devices`` knows it.
    """
    if device is not None:
        return f"{_DEVICE}{device}"
    found = plain_address(address or "")
    if found is None:
        return "unknown"
    if found.is_loopback:
        return HERE
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, _IPV6_NETWORK), strict=False))
