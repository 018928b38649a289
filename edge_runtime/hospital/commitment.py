"""Answer who asks whether objects are kept: yes of those that the disk has, no of all others.

Source: DICOM PS3.4, annex J; PS3.3, C.14.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_runtime.hospital.peers import Peer
from edge_runtime.hospital.received import class_kept

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: The class that is asked, and the only object of it that there is.
PUSH_MODEL, INSTANCE = "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"

_SUCCESS, _NO_ACTION, _NO_SENSE, _TOO_MANY = 0x0000, 0x0123, 0x0115, 0x0213
_NO_SUCH_OBJECT, _OTHER_CLASS = 0x0112, 0x0119
_MOST = 5000  # objects of one question
_AT_ONCE = 4  # questions
_PAUSES = (0.5, 5.0, 30.0)  # seconds before each try to tell


class Commitment:
    """Answers questions about what is kept in ``folder``.

    ``say`` is told in a sentence of an answer that couldn't be given.
    """

    def __init__(self, folder: Path, ae_title: str, say: Callable[[str], None]) -> None:
        """Begin, as the one who is called by ``ae_title``."""
        self._folder, self._ae_title, self._say = folder, ae_title, say
        self._free = threading.BoundedSemaphore(_AT_ONCE)
        self._ended = threading.Event()

    def end(self) -> None:
        """Give no further answers."""
        self._ended.set()

    def ask(self, event: Any, peer: Peer | None) -> tuple[int, None]:
        """Take a question; the answer follows by itself, see ``_tell``.

        Args:
            event: The library's, of the N-ACTION.
            peer: Who asks, where that is known.

        Returns:
            The status of the question.
        """
        if event.action_type != 1:
            return _NO_ACTION, None
        try:
            asked = event.action_information
            transaction = str(asked.TransactionUID)
            objects = [
                (str(each.ReferencedSOPClassUID), str(each.ReferencedSOPInstanceUID))
                for each in asked.ReferencedSOPSequence
            ]
        except Exception:  # whatever the library raises of nonsense
            return _NO_SENSE, None
        if not objects or len(objects) > _MOST or not self._free.acquire(blocking=False):
            return (_TOO_MANY if objects else _NO_SENSE), None
        answer = threading.Thread(
            target=self._answer, args=(event.assoc, peer, transaction, objects), daemon=True
        )
        answer.start()
        return _SUCCESS, None

    def _answer(
        self, association: Any, peer: Peer | None, transaction: str, objects: list[tuple[str, str]]
    ) -> None:
        try:
            told = self._found(transaction, objects)
            if not self._tell(association, peer, *told):
                self._say("an answer to 'is it kept?' couldn't be given; name the peer's port")
        finally:
            self._free.release()

    def _found(self, transaction: str, objects: list[tuple[str, str]]) -> tuple["Dataset", int]:
        """Look for the objects, and write the answer and the number of its kind."""
        from pydicom.dataset import Dataset  # noqa: PLC0415 - its extra may not be there

        answer, kept, failed = Dataset(), [], []
        answer.TransactionUID = transaction
        for sop_class, uid in objects:
            each = Dataset()
            each.ReferencedSOPClassUID, each.ReferencedSOPInstanceUID = sop_class, uid
            found = class_kept(self._folder, uid)
            if found == sop_class:
                kept.append(each)
                continue
            each.FailureReason = _NO_SUCH_OBJECT if found is None else _OTHER_CLASS
            failed.append(each)
        if kept:
            answer.ReferencedSOPSequence = kept
        if failed:
            answer.FailedSOPSequence = failed
        return answer, 2 if failed else 1

    def _tell(self, association: Any, peer: Peer | None, answer: "Dataset", kind: int) -> bool:
        """Tell the answer: where the peer listens, else on the association of the question."""
        if peer is None or peer.port is None:
            try:
                said, _ = association.send_n_event_report(answer, kind, PUSH_MODEL, INSTANCE)
            except Exception:  # the peer is gone, or knows no such thing
                return False
            return "Status" in said
        return any(
            not self._ended.wait(pause) and self._tell_anew(peer, answer, kind) for pause in _PAUSES
        )

    def _tell_anew(self, peer: Peer, answer: "Dataset", kind: int) -> bool:
        from edge_runtime.hospital.calling import calling  # noqa: PLC0415 - its extra

        try:
            with calling(peer, PUSH_MODEL, ae_title=self._ae_title, as_provider=True) as call:
                said, _ = call.send_n_event_report(answer, kind, PUSH_MODEL, INSTANCE)
        except Exception:  # the peer is gone, or knows no such thing
            return False
        return "Status" in said
