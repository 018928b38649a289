"""Ask an archive whether it answers for what it was sent: storage commitment, push model.

The answer comes on the same connection, or by one that the archive makes to us: that is heard only
where a port was named for it, and only while it is waited for.

Source: DICOM PS3.4, annex J.
"""

import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pynetdicom import AE, evt
from pynetdicom.association import Association

from edge_runtime.exchange.dicom_peer import place_of
from edge_runtime.exchange.outbox_form import Peer
from edge_runtime.exchange.outcome import words
from edge_runtime.hospital.listener import Listener
from edge_runtime.hospital.tls import server_context

#: The UID of the class, and of its one instance.
COMMITMENT, _INSTANCE = "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"

#: How long the answer is waited for, in seconds: on the same connection, and by one to us.
WAIT_S, WAIT_FOR_CALL_S = 5.0, 30.0

_ASK = 1  # the action that asks
_MOST = 10_000  # objects in an answer
_WHY = {
    0x0110: "it couldn't work on it",
    0x0112: "it has no such object",
    0x0213: "it has no room",
    0x0122: "it doesn't take its class",
    0x0119: "it has it under another class",
    0x0131: "it was asked for this already",
}


class Commitment:
    """One question about objects, each told by its class and UID, and what was answered.

    ``kept`` are the UIDs that the archive answers for, ``lost`` those that it doesn't, with why.
    """

    def __init__(self, objects: Sequence[tuple[str, str]]) -> None:
        self._objects, self._number = objects, f"2.25.{uuid.uuid4().int}"
        self._answered = threading.Event()
        self.kept: tuple[str, ...] = ()
        self.lost: dict[str, str] = {}

    def ask(self, association: Association, peer: Peer) -> "Commitment":
        """Ask on an open connection, and wait for a while; who isn't answered keeps nothing.

        Args:
            association: The connection.
            peer: The archive, and the port at which its call is waited for.

        Raises:
            OSError: That port can't be had.
        """
        from pydicom.dataset import Dataset  # noqa: PLC0415

        question: Any = Dataset()
        question.TransactionUID, question.ReferencedSOPSequence = self._number, []
        for sop_class, uid in self._objects:
            item: Any = Dataset()
            item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, uid
            question.ReferencedSOPSequence.append(item)
        association.bind(evt.EVT_N_EVENT_REPORT, self._hear)
        with self._listening(peer):
            try:
                status, _ = association.send_n_action(question, _ASK, COMMITMENT, _INSTANCE)
            except (RuntimeError, ValueError, AttributeError):  # the connection is gone meanwhile
                return self
            if status.get("Status") == 0:
                self._answered.wait(WAIT_FOR_CALL_S if peer.commitment_port else WAIT_S)
        return self

    @contextmanager
    def _listening(self, peer: Peer) -> Iterator[None]:
        """Let the archive call us, where a port was named for that, and nobody else."""
        if not peer.commitment_port:
            yield
            return
        ours = AE(peer.calling)
        ours.require_called_aet, ours.maximum_associations = True, 2
        ours.require_calling_aet = [place_of(peer.address).ae_title]
        ours.acse_timeout = ours.dimse_timeout = ours.network_timeout = WAIT_FOR_CALL_S
        ours.add_supported_context(COMMITMENT, scu_role=False, scp_role=True)
        server = Listener(
            ours, ("", peer.commitment_port),
            handlers=[(evt.EVT_N_EVENT_REPORT, self._hear)], folder=None, addresses=None,
            on_unknown=lambda _: None, tls=server_context(peer.tls) if peer.tls else None,
        )  # fmt: skip
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
            server.end()

    def _hear(self, event: Any) -> tuple[int, None]:
        """Take an answer; one to another question is none of ours."""
        try:
            said = event.event_information
            if str(said.TransactionUID) == self._number:
                for each in (said.get("FailedSOPSequence") or [])[:_MOST]:
                    why = int(each.get("FailureReason") or 0)
                    told = words(_WHY.get(why, f"reason {why:04X}"))
                    self.lost[str(each.ReferencedSOPInstanceUID)] = told
                kept = [str(each.ReferencedSOPInstanceUID)
                        for each in (said.get("ReferencedSOPSequence") or [])[:_MOST]]  # fmt: skip
                self.kept = tuple(uid for uid in kept if uid not in self.lost)
                self._answered.set()
        except Exception:  # what comes from outside makes no sense in ways without number
            return 0x0110, None
        return 0x0000, None
