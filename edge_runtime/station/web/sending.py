"""Say how what is sent to a hospital stands; another program sends it."""

from collections.abc import Callable
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.exchange.standing import read_standing


def sending_rows(folder: Path | None, say: Callable[..., str]) -> list[tuple[str, str, bool]]:
    """Write the rows of a queue: how many things wait and were refused, and the peers' words.

    Args:
        folder: The queue's, of which nothing is opened; None gives no rows.
        say: Writes a text in the reader's language.

    Returns:
        Of each row a label, a text, and whether it is a caution.
    """
    if folder is None:
        return []
    standing = read_standing(folder)
    if standing is None:
        return [(say("label.sending"), say("sending.none", folder=printable(folder)), True)]
    counts = say(
        "sending.counts", waiting=standing.waiting, sent=standing.sent, refused=standing.refused,
        given_up=standing.given_up,
    )  # fmt: skip
    is_wrong = bool(standing.refused or standing.given_up)
    said = [
        (say("sending.said", peer=printable(peer)), printable(words), True)
        for peer, words in standing.said
        if words
    ]
    return [(say("label.sending"), counts, is_wrong), *said]
