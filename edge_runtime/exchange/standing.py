"""How a queue stands, in one sentence, also for those who only look."""

from pathlib import Path

from msgspec import Struct

from edge_runtime.exchange.outbox_form import STANDING
from edge_runtime.system.codec import from_line

_MOST_BYTES = 1 << 16


class Standing(Struct, frozen=True):
    """How many things are in each state at a moment, in seconds since 1970.

    ``kept`` are those of ``sent`` that the archive promised to keep. ``said`` has the words of
    peers that refused something or couldn't be reached, each behind the peer's address.
    """

    waiting: int
    sent: int
    kept: int
    refused: int
    given_up: int
    said: tuple[tuple[str, str], ...]
    at: float

    @property
    def is_done(self) -> bool:
        """Whether all is sent."""
        return not (self.waiting or self.refused or self.given_up)


def read_standing(folder: Path) -> Standing | None:
    """Read how the queue in a folder stands, without opening it; None where nothing says so."""
    try:
        with (folder / STANDING).open("rb") as file:
            standing: Standing = from_line(file.read(_MOST_BYTES), Standing, named="a standing")
    except (OSError, ValueError):
        return None
    return standing


def sentence_of(standing: Standing) -> str:
    """Say how a queue stands, with the peers' words."""
    parts = [
        f"{number} {what}"
        for number, what in (
            (standing.waiting, "waiting"),
            (standing.refused, "refused"),
            (standing.given_up, "given up"),
            (standing.sent, "sent"),
        )
        if number
    ]
    kept = f" ({standing.kept} of them promised to be kept)" if standing.kept else ""
    said = "".join(f"; {peer}: {words}" for peer, words in standing.said if words)
    return f"{', '.join(parts) or 'nothing in the queue'}{kept}{said}"
