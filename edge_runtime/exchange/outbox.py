"""The queue of what is to be sent, which outlives a kill and a loss of power.

What is in it is on the disk before the network is touched, bytes and row; what became of it is on
the disk before the next one is sent. Between a peer's "yes" and our note of it lies a moment in
which we may be killed: then it is sent again, under the same identity.
"""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

from edge_runtime.exchange.errors import NotSendableError
from edge_runtime.exchange.outbox_form import CONTENT, FORM, STANDING, Item, Kind, Parcel, Peer
from edge_runtime.exchange.outcome import (
    LONGEST_S,
    MOST_TRIES,
    MOST_VISITS,
    Kept,
    Later,
    Outcome,
    PeerFailed,
    Refused,
    delay_s,
)  # fmt: skip
from edge_runtime.exchange.standing import Standing
from edge_runtime.results.store_file import StoreFile
from edge_runtime.system.codec import from_line, to_line
from edge_runtime.system.files import make_folder, replacing, write_file
from edge_runtime.system.partial import remove

Added: TypeAlias = Literal["new", "waits already", "sent before"]

_PIECE = 1 << 20
_COLUMNS = ", ".join(Item._fields)
#: A clock that was set back makes nothing wait longer than the longest pause.
_IS_DUE = "(due <= ? OR due > ?)"


class Outbox(StoreFile):
    """An open queue; one process has it at a time."""

    def __init__(self, folder: Path) -> None:
        """Open a queue, or make an empty one.

        Raises:
            OutputExistsError: Another process has it open.
            StoreInvalidError: It is damaged, or of another kind or version.
            OSError: It can't be made or opened.
        """
        make_folder(folder, mode=0o700)
        super().__init__(folder, FORM)
        try:
            self.check_writable()
            self._ask("PRAGMA secure_delete = ON")  # the names of what is sent are gone
            self._content = folder / CONTENT
            make_folder(self._content, mode=0o700)
            self.tidy()
        except BaseException:
            self.close()
            raise

    def add(self, parcel: Parcel, content: Path, peer: Peer) -> Added:
        """Take a thing in, its bytes first; the same thing for the same peer is there once.

        What was refused or given up before waits again. A record with a new content takes the place
        of the old one.

        Args:
            parcel: What it is.
            content: The file with its bytes, which are copied.
            peer: Whom it is for; what is said of a peer counts from now on.

        Raises:
            NotSendableError: Another content went to the peer under this identity, or the file was
                changed meanwhile.
            OSError: It can't be written; nothing of it is kept.
        """
        found = self._items("WHERE peer = ? AND identity = ?", peer.address, parcel.identity)
        old = found[0] if found else None
        if old and old.sha256 == parcel.sha256 and old.state in ("waiting", "sent"):
            return "sent before" if old.state == "sent" else "waits already"
        if old and old.sha256 != parcel.sha256 and not parcel.may_change and old.state != "refused":
            cause = (
                f"another content is {'with' if old.state == 'sent' else 'on its way to'} this "
                "peer under its SOP Instance UID; give the changed object a new one"
            )
            raise NotSendableError(Path(parcel.source), cause)
        self._copy(parcel, content)
        with self.at_once() as ask:
            self._insert_peer(ask, peer)
            if old:
                ask("DELETE FROM items WHERE number = ?", (old.number,))
            row = peer.address, parcel.identity, parcel.sha256, parcel.size_bytes, parcel.title
            ask(
                "INSERT INTO items (peer, identity, sha256, size_bytes, title, source, state, "
                "is_kept, tries, due, said, at) VALUES (?, ?, ?, ?, ?, ?, 'waiting', 0, 0, 0, '', "
                "?)",
                (*row, parcel.source, time.time()),
            )
        return "new"

    def set_peer(self, peer: Peer) -> None:
        """Keep what is said of a peer, and let it be visited at once."""
        with self.at_once() as ask:
            self._insert_peer(ask, peer)

    def _insert_peer(self, ask: Callable[..., object], peer: Peer) -> None:
        ask(
            "INSERT INTO peers VALUES (?, ?, ?, 0, 0, '') ON CONFLICT (address) DO UPDATE SET "
            "settings = excluded.settings, tries = 0, due = 0",
            (peer.address, peer.kind, to_line(peer)),
        )

    def _copy(self, parcel: Parcel, content: Path) -> None:
        target = self.content_of(parcel.sha256)
        if target.exists() and target.stat().st_size == parcel.size_bytes:
            return
        hashed = hashlib.sha256()
        with content.open("rb") as source, replacing(target, private=True) as copy:
            while piece := source.read(_PIECE):
                hashed.update(piece)
                copy.write(piece)
            if hashed.hexdigest() != parcel.sha256:
                raise NotSendableError(content, "it was changed while it was read; send it again")

    def content_of(self, sha256: str) -> Path:
        """Name the file with a thing's bytes."""
        return self._content / sha256

    def due_peers(self, kind: Kind) -> list[Peer]:
        """List the peers of a kind that may be visited now, and for whom something may be tried."""
        rows = self.rows(
            tuple[str],
            f"SELECT settings FROM peers WHERE kind = ? AND {_IS_DUE} AND EXISTS (SELECT 1 FROM "  # noqa: S608
            "items WHERE peer = address AND state = 'waiting' AND (items.due <= ? OR items.due > "
            "?)) ORDER BY address",
            kind, *self._by_clock(), *self._by_clock(),
        )  # fmt: skip
        try:
            return [from_line(settings, Peer, named="a peer") for (settings,) in rows]
        except ValueError as error:
            raise self.invalid(f"a row {error}") from error

    def due_items(self, peer: Peer, *, most: int) -> list[Item]:
        """List what may be tried with a peer now, what failed least first: none holds others up."""
        return self._items(
            f"WHERE peer = ? AND state = 'waiting' AND {_IS_DUE} ORDER BY tries, number LIMIT ?",
            peer.address, *self._by_clock(), most,
        )  # fmt: skip

    def next_due(self, kind: Kind) -> float | None:
        """Say when the next thing of a kind may be tried, in seconds since 1970; None for none."""
        ((due,),) = self.rows(
            tuple[float | None],
            "SELECT min(max(items.due, peers.due)) FROM items JOIN peers ON peer = address WHERE "
            "state = 'waiting' AND kind = ?",
            kind,
        )
        return due

    def note(self, item: Item, outcome: Outcome) -> None:
        """Keep what became of a thing; that its peer answered is kept too.

        Raises:
            OSError: It can't be written.
        """
        state, tries, due, said, source = "sent", item.tries, 0.0, "", ""
        if isinstance(outcome, Refused):
            state, said, source = "refused", outcome.said, item.source
        elif isinstance(outcome, Later):
            tries, source, said = tries + 1, item.source, outcome.said
            state = "waiting" if tries < MOST_TRIES else "given up"
            due = time.time() + delay_s(tries, at_least_s=outcome.after_s)
        elif not isinstance(outcome, Kept):
            said = outcome.said
        is_kept = int(isinstance(outcome, Kept))
        with self.at_once() as ask:
            ask(
                "UPDATE items SET state = ?, is_kept = ?, tries = ?, due = ?, said = ?, source = "
                "?, at = ? WHERE number = ?",
                (state, is_kept, tries, due, said, source, time.time(), item.number),
            )
            ask("UPDATE peers SET tries = 0, due = 0, said = '' WHERE address = ?", (item.peer,))

    def note_failed(self, peer: Peer, failed: PeerFailed) -> None:
        """Keep that a visit failed; after too many all that waits for the peer is given up."""
        rows = self.rows(tuple[int], "SELECT tries FROM peers WHERE address = ?", peer.address)
        tries = rows[0][0] + 1
        due = time.time() + delay_s(tries, at_least_s=failed.after_s)
        with self.at_once() as ask:
            ask(
                "UPDATE peers SET tries = ?, due = ?, said = ? WHERE address = ?",
                (tries % MOST_VISITS, due, failed.said, peer.address),
            )
            if tries >= MOST_VISITS:
                ask(
                    "UPDATE items SET state = 'given up', said = ?, at = ? WHERE peer = ? AND "
                    "state = 'waiting'",
                    (failed.said, time.time(), peer.address),
                )

    def items(self) -> list[Item]:
        """List all that isn't sent, in the order in which it came."""
        return self._items("WHERE state != 'sent' ORDER BY number")

    def standing(self) -> Standing:
        """Count what is in each state, with the peers' words."""
        counts = dict(
            self.rows(tuple[str, int], "SELECT state, count(*) FROM items GROUP BY state")
        )
        ((kept,),) = self.rows(tuple[int], "SELECT count(*) FROM items WHERE is_kept")
        said = self.rows(
            tuple[str, str, int],
            "SELECT peer, said, count(*) FROM items WHERE state IN ('refused', 'given up') GROUP "
            "BY peer, said UNION ALL SELECT address, said, 0 FROM peers WHERE said != '' ORDER BY "
            "3 DESC, 1, 2 LIMIT 10",
        )
        return Standing(
            waiting=counts.get("waiting", 0), sent=counts.get("sent", 0), kept=kept,
            refused=counts.get("refused", 0), given_up=counts.get("given up", 0),
            said=tuple((peer, words) for peer, words, _ in said), at=time.time(),
        )  # fmt: skip

    def tell(self) -> Standing:
        """Write down how the queue stands, for those who only look, and give it."""
        standing = self.standing()
        line = to_line(standing).encode() + b"\n"
        write_file(self.file.with_name(STANDING), line, private=True, sync=False)
        return standing

    def tidy(self) -> None:
        """Remove the bytes of what is sent, and what a killed process left."""
        rows = self.rows(tuple[str], "SELECT DISTINCT sha256 FROM items WHERE state != 'sent'")
        needed = {sha256 for (sha256,) in rows}
        for file in self._content.iterdir():
            if file.name not in needed:
                remove(file)

    def _items(self, where: str, *values: object) -> list[Item]:
        return self.rows(Item, f"SELECT {_COLUMNS} FROM items {where}", *values)  # noqa: S608

    @staticmethod
    def _by_clock() -> tuple[float, float]:
        moment = time.time()
        return moment, moment + 2 * LONGEST_S
