"""What became of a thing that was sent, and when it is tried again where nothing became of it."""

import random
from typing import TypeAlias

from msgspec import Struct

#: How often one thing is tried before it is given up, and a peer that can't be reached.
MOST_TRIES, MOST_VISITS = 20, 60

#: The longest time between two tries, in seconds.
LONGEST_S = 3600.0

#: The least time after which a peer is asked again that refused everything, in seconds.
SETTLED_S = 300.0

_FIRST_S = 2.0
_MOST_WORDS = 300


class Sent(Struct, frozen=True):
    """It is with the peer; ``said`` is what that remarked, "" for nothing."""

    said: str = ""


class Kept(Struct, frozen=True):
    """The archive answers for what was sent: it promised to keep it (storage commitment)."""


class Refused(Struct, frozen=True):
    """The peer doesn't take it; the same again would be refused again."""

    said: str


class Later(Struct, frozen=True):
    """The peer couldn't take it now; ``after_s`` is when it wants to be asked again, in seconds."""

    said: str
    after_s: float = 0


Outcome: TypeAlias = Sent | Kept | Refused | Later


class PeerFailed(Exception):  # noqa: N818 - it ends a visit, and isn't told as an error
    """A visit to a peer ended before its time: it can't be reached, or refuses everything.

    ``said`` is a clause, ``after_s`` when it is to be asked again at the soonest, in seconds.
    ``may_be_due_to_it`` tells whether the thing that was on its way may be the cause.
    """

    def __init__(self, said: str, *, after_s: float = 0, may_be_due_to_it: bool = False) -> None:
        self.said, self.after_s, self.may_be_due_to_it = said, after_s, may_be_due_to_it
        super().__init__(said)


def delay_s(tries: int, *, at_least_s: float = 0) -> float:
    """Say how long to wait after so many tries that failed, the first being 1.

    Twice as long each time, up to ``LONGEST_S``; of that a part by chance, from the half to the
    whole, so that many that lost one peer don't come back to it at once.

    Args:
        tries: How many failed.
        at_least_s: What the peer asked for, which counts up to ``LONGEST_S``.
    """
    whole: float = min(LONGEST_S, _FIRST_S * 2 ** min(tries - 1, 30))
    return max(whole * random.uniform(0.5, 1), min(at_least_s, LONGEST_S))


def words(text: object, *, without: str = "") -> str:
    """Make what a peer said one line of at most 300 letters that can be printed.

    Args:
        text: What it said.
        without: What mustn't be in it, such as a token that it echoes; "" for nothing.
    """
    said = str(text)[: 20 * _MOST_WORDS]
    if without:
        said = said.replace(without, "...")
    line = " ".join("".join(each if each.isprintable() else " " for each in said).split())
    return line if len(line) <= _MOST_WORDS else f"{line[: _MOST_WORDS - 3]}..."
