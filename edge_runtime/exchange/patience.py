"""How long a peer may take for an answer, within the time that a command goes on trying."""

import time

#: How long it may take at least, in seconds, beside what the bytes need.
LEAST_S = 10.0


def patience_left(most_s: float, until: float) -> float:
    """Say how long an answer may take from now on, in seconds.

    Whoever doesn't answer until then is asked again another time, under the same identity: so
    nothing is lost, and nothing is there twice.

    Args:
        most_s: How long it may take at most, in seconds.
        until: When the command stops trying, by ``time.monotonic``.
    """
    return min(most_s, max(until - time.monotonic(), LEAST_S))
