"""What the commands share that send: their queue, and what they say."""

import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable
from edge_runtime.system.state import state_folder

if TYPE_CHECKING:
    from edge_runtime.exchange.deliver import Way
    from edge_runtime.exchange.outbox import Added, Outbox
    from edge_runtime.exchange.outbox_form import Item, Kind, Peer
    from edge_runtime.exchange.outcome import Outcome

_Command = TypeVar("_Command", bound=Callable[..., Any])

_MOST_WAIT_S = 7 * 24 * 3600


def queue_option(command: _Command) -> _Command:
    """Add --queue to a command, as ``folder``."""
    return click.option(
        "--queue",
        "folder",
        type=GivenPath(),
        help="Folder in which what is to be sent is kept until it is.  [default: "
        "fundus-edge/queue in the user's folder of states]",
    )(command)


def wait_option(command: _Command) -> _Command:
    """Add --wait to a command, as ``wait_s``."""
    return click.option(
        "--wait",
        "wait_s",
        type=click.IntRange(0, _MOST_WAIT_S),
        default=60,
        show_default=True,
        metavar="SECONDS",
        help="For how long to go on trying; what isn't sent then stays in the queue. A peer has 10 "
        "seconds for an answer all the same, and a second for each 20 kB.",
    )(command)


def queue_folder(folder: Path | None) -> Path:
    """Say where the queue is: where somebody said, or with the user's other states.

    Raises:
        click.UsageError: Nobody said it, and the user has no home.
    """
    if folder is not None:
        return folder
    states = state_folder()
    if states is None:
        raise click.UsageError("--queue is missing: the folder for what is to be sent")
    return states / "queue"


@contextmanager
def opened(folder: Path) -> Iterator["Outbox"]:
    """Open the queue, in which a Ctrl-C and a request to end come between two things."""
    from edge_runtime.exchange.outbox import Outbox
    from edge_runtime.system.files import one_sentence
    from edge_runtime.system.interrupts import ending_in_order

    no_room = "; make room, and run the same command again"
    with ending_in_order(), one_sentence(folder, no_room=no_room), closing(Outbox(folder)) as box:
        yield box


def say_queued(counts: "Counter[Added]") -> None:
    """Say on stderr what came into the queue."""
    if counts:
        said = ", ".join(
            f"{counts[what]} {what if counts[what] == 1 else what.replace('waits', 'wait')}"
            for what in sorted(counts)
        )
        click.echo(f"In the queue: {said}.", err=True)


def send_all(outbox: "Outbox", folder: Path, kind: "Kind", way: "Way", *, wait_s: int) -> bool:
    """Work through the queue, and say what becomes of each thing.

    Returns:
        Whether all is sent.
    """
    from edge_runtime.exchange.deliver import work
    from edge_runtime.exchange.standing import sentence_of

    try:
        work(outbox, kind, way, patience_s=wait_s, tell=_tell, tell_failed=_tell_failed)
    finally:
        standing = outbox.tell()
        said = printable(sentence_of(standing))  # which may end with a peer's question
        end_of = "" if said.endswith(("?", ".")) else "."
        click.echo(f"Queue {printable(folder)}: {said}{end_of}", err=True)
    if (due := outbox.next_due(kind)) is not None:
        pause = max(1, math.ceil((due - time.time()) / 60))
        click.echo(
            f"Run the command again to go on; the next try is due within {pause} min, or at once "
            "after queue --retry.",
            err=True,
        )
    return standing.is_done


def end(*, is_well: bool) -> None:
    """End with the exit status 1 where something isn't sent."""
    if not is_well:
        sys.exit(1)


def _tell(item: "Item", outcome: "Outcome") -> None:
    from edge_runtime.exchange.outcome import Kept, Later, Refused

    what = f"{item.title} {item.identity}"
    if isinstance(outcome, Refused):
        click.echo(f"Error: {printable(f'{what} refused: {outcome.said}')}", err=True)
    elif isinstance(outcome, Later):
        click.echo(printable(f"{what} waits: {outcome.said}"), err=True)
    elif isinstance(outcome, Kept):
        click.echo(printable(f"kept  {what}"))
    else:
        said = f" ({outcome.said})" if outcome.said else ""
        click.echo(printable(f"sent  {what}{said}"))


def _tell_failed(peer: "Peer", said: str) -> None:
    click.echo(printable(f"{peer.address}: {said}"), err=True)
