"""Work through a queue: visit who may be visited, and keep what becomes of each thing."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from edge_runtime.exchange.outbox import Outbox
from edge_runtime.exchange.outbox_form import Item, Kind, Peer
from edge_runtime.exchange.outcome import Later, Outcome, PeerFailed

#: How things reach a peer: gives what becomes of each, one after the other, of things with the
#: files of their bytes, and until when to wait for answers, by ``time.monotonic``. It raises
#: ``PeerFailed`` where the visit ends before its time.
Way: TypeAlias = Callable[
    [Peer, Sequence[tuple[Item, Path]], float], Iterator[tuple[Item, Outcome]]
]  # fmt: skip

_MOST = 500  # of one visit
_SHORTEST_S, _LONGEST_S = 0.05, 1.0  # between two looks at the clock


def work(
    outbox: Outbox,
    kind: Kind,
    way: Way,
    *,
    patience_s: float,
    tell: Callable[[Item, Outcome], None] = lambda *_: None,
    tell_failed: Callable[[Peer, str], None] = lambda *_: None,
) -> None:
    """Send what waits, each once it may be tried, until nothing does or patience is at an end.

    Args:
        outbox: The queue.
        kind: What of it.
        way: How it reaches a peer.
        patience_s: For how long to wait for peers, in seconds; 0 tries what may be tried, once.
        tell: Is called with what became of each thing, once that is kept.
        tell_failed: Is called with a clause why a visit failed.

    Raises:
        OSError: The queue can't be written.
    """
    until, lagging = time.monotonic() + patience_s, set[str]()
    while True:
        is_late, is_visited = time.monotonic() > until, False
        for peer in outbox.due_peers(kind):
            if is_late and peer.address in lagging:
                continue
            is_visited = True
            if not _visit(outbox, peer, way, until, tell, tell_failed):
                lagging.add(peer.address)
            outbox.tidy()
            outbox.tell()
        if is_visited:
            continue
        due = outbox.next_due(kind)
        pause = 0.0 if due is None else max(0.0, due - time.time())
        if due is None or time.monotonic() + pause > until:
            return
        time.sleep(min(max(pause, _SHORTEST_S), _LONGEST_S))


def _visit(
    outbox: Outbox,
    peer: Peer,
    way: Way,
    until: float,
    tell: Callable[[Item, Outcome], None],
    tell_failed: Callable[[Peer, str], None],
) -> bool:
    """Visit a peer, and tell whether all that was to be tried is settled now."""
    items, is_settled = outbox.due_items(peer, most=_MOST), True
    try:
        things = [(each, outbox.content_of(each.sha256)) for each in items]
        for item, outcome in way(peer, things, until):
            outbox.note(item, outcome)
            is_settled = is_settled and not isinstance(outcome, Later)
            tell(item, outcome)
    except PeerFailed as failed:
        outbox.note_failed(peer, failed)
        tell_failed(peer, failed.said)
        return False
    return is_settled
