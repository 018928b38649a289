"""Take the photographs that peers send by DICOM, into a folder.

Source: DICOM PS3.4, annexes A (verification), B (storage) and J (storage commitment).
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from edge_runtime.errors import FundusError, printable
from edge_runtime.hospital.coming import coming
from edge_runtime.hospital.commitment import PUSH_MODEL, Commitment
from edge_runtime.hospital.drain import is_drained
from edge_runtime.hospital.guard import PART, in_silence
from edge_runtime.hospital.kinds import READ
from edge_runtime.hospital.known import KnownInvalidError
from edge_runtime.hospital.peers import Peer, addresses_of, plain_address
from edge_runtime.hospital.received import FULL, NO_ROOM, NotKeptError, keep
from edge_runtime.hospital.samples import SYNTAXES

if TYPE_CHECKING:
    import ssl

    from pydicom.dataset import Dataset

_ECHO = "1.2.840.10008.1.1"
_ASSOCIATIONS = 64  # at once, those that didn't call yet included
_FIRST, _IDLE = 10, 60  # seconds: until a peer says who it is, and between two messages
_OFTEN = 1000  # different sentences that are said; the rest is too much for any log


class Listening(Struct, frozen=True):
    """Where and as whom who is heard: all, where ``peers`` names none; ``port`` 0 is any free."""

    ae_title: str = "FUNDUSEDGE"
    host: str = "127.0.0.1"
    port: int = 11112
    peers: tuple[Peer, ...] = ()


class ListenFailedError(FundusError, OSError):
    """A place at which this computer can't listen."""

    def __init__(self, listening: Listening, error: OSError) -> None:
        cause = (error.strerror or str(error)).lower()
        super().__init__(
            f"{printable(listening.host)}:{listening.port}: can't listen there: {cause}; choose "
            "another --host or --port"
        )


class Receiver:
    """Who takes objects in; ``address`` is where it listens, (host, port)."""

    def __init__(
        self,
        folder: Path,
        listening: Listening,
        *,
        on_kept: Callable[[Path], None],
        say: Callable[[str], None],
        tls: "ssl.SSLContext | None" = None,
    ) -> None:
        """Begin to listen; ``serve`` begins to answer.

        Args:
            folder: Where objects go.
            listening: Where and as whom.
            on_kept: Is told of each object's file, in whichever thread.
            say: Is told in a sentence of what was refused, likewise; each is said once.
            tls: With what connections are kept secret; they aren't where it is None.

        Raises:
            PeerInvalidError: The host of a peer isn't known.
            OutputExistsError: Another receiver is at work in the folder.
            KnownInvalidError: The file of what was taken before can't be used.
            ListenFailedError: The port is taken, or the address isn't this computer's.
            OSError: The folder can't be written.
        """
        from edge_runtime.hospital.listener import Listener  # noqa: PLC0415 - its extra

        self._folder, self._listening, self._on_kept, self._say = folder, listening, on_kept, say
        self._said, self._turn = set[str](), threading.Lock()
        self._commitment = Commitment(folder, listening.ae_title, self._say_once)
        self._known = tuple((each, addresses_of(each)) for each in listening.peers)
        addresses = frozenset().union(*(each for _, each in self._known))
        with ExitStack() as held:
            self._kept_before = held.enter_context(coming(folder))
            try:
                self._listener = Listener(
                    self._entity(),
                    (listening.host, listening.port),
                    handlers=self._handlers(),
                    folder=folder,
                    addresses=addresses or None,
                    on_unknown=self._unknown,
                    tls=tls,
                )
            except OSError as error:
                raise ListenFailedError(listening, error) from error
            self._held = held.pop_all()
        self.address: tuple[str, int] = self._listener.server_address[:2]

    def serve(self) -> None:
        """Answer until ``stop``."""
        with in_silence():
            self._listener.serve_forever()

    def stop(self) -> None:
        """End ``serve``, from another thread, and all connections."""
        self._commitment.end()
        self._listener.shutdown()

    def close(self) -> None:
        """Give the port back; after ``serve``."""
        self._commitment.end()
        self._listener.end()
        self._held.close()

    def _entity(self) -> Any:
        from pynetdicom import _config  # noqa: PLC0415 - its extra may not be there
        from pynetdicom.ae import ApplicationEntity  # noqa: PLC0415

        _config.STORE_RECV_CHUNKED_DATASET = True  # to the disk, not into memory
        _config.LOG_HANDLER_LEVEL = "none"
        entity = ApplicationEntity(self._listening.ae_title)
        entity.require_called_aet = True
        entity.require_calling_aet = sorted({each.ae_title for each in self._listening.peers})
        entity.maximum_associations, entity.maximum_pdu_size = _ASSOCIATIONS, PART
        entity.acse_timeout, entity.dimse_timeout, entity.network_timeout = _FIRST, 30, _IDLE
        entity.add_supported_context(_ECHO)
        entity.add_supported_context(PUSH_MODEL)
        for sop_class in READ:
            entity.add_supported_context(sop_class, sorted(SYNTAXES))
        return entity

    def _handlers(self) -> list[Any]:
        from pynetdicom import evt  # noqa: PLC0415 - its extra may not be there

        return [
            (evt.EVT_REQUESTED, self._requested),
            (evt.EVT_REJECTED, self._rejected),
            (evt.EVT_C_STORE, self._stored),
            (evt.EVT_N_ACTION, self._asked),
        ]

    def _requested(self, event: Any) -> None:
        """Refuse who comes by a known title from another's address."""
        title = event.assoc.requestor.primitive.calling_ae_title
        if self._known and self._peer(event.assoc, title) is None:
            event.assoc.acse.send_reject(0x01, 0x01, 0x03)  # calling AE title not recognised
            self._rejected(event)
            event.assoc.kill()

    def _unknown(self, host: str) -> None:
        self._say_once(f"refused {printable(host)}: its address isn't that of any --from")

    def _rejected(self, event: Any) -> None:
        primitive = event.assoc.requestor.primitive
        host = plain_address(event.assoc.requestor.address)
        calling, called = primitive.calling_ae_title, primitive.called_ae_title
        self._say_once(
            f"refused {printable(str(calling))}@{host}, who calls {printable(str(called))}: "
            "not on the list, not this one's title, or too many at once"
        )

    def _stored(self, event: Any) -> "Dataset":
        request, status, clause = event.request, 0x0000, ""
        try:
            if is_drained(request):
                raise NotKeptError(NO_ROOM, FULL)
            file, is_new = keep(
                event.dataset_path,
                self._folder,
                self._kept_before,
                sop_class=str(request.AffectedSOPClassUID),
                uid=str(request.AffectedSOPInstanceUID),
            )
        except NotKeptError as error:
            status, clause = error.status, error.clause
        except KnownInvalidError:
            status, clause = NO_ROOM, "what was taken before can't be looked up"
        except OSError as error:
            status, clause = NO_ROOM, (error.strerror or "the disk failed").lower()[:64]
        if clause:
            host = plain_address(event.assoc.requestor.address)
            uid = printable(str(request.AffectedSOPInstanceUID))
            self._say_once(f"refused object {uid} of {host}: {clause}")
        elif is_new:
            with suppress(OSError):  # nobody reads what is printed; the object is kept all the same
                self._on_kept(file)
        return _status(status, clause)

    def _asked(self, event: Any) -> tuple[int, None]:
        title = event.assoc.requestor.ae_title
        return self._commitment.ask(event, self._peer(event.assoc, title))

    def _peer(self, association: Any, title: str) -> Peer | None:
        """Find who is at the other end on the list."""
        host = plain_address(association.requestor.address)
        found = (peer for peer, at in self._known if peer.ae_title == title.strip() and host in at)
        return next(found, None)

    def _say_once(self, sentence: str) -> None:
        with self._turn:
            if sentence in self._said or len(self._said) >= _OFTEN:
                return
            self._said.add(sentence)
        with suppress(OSError):  # as of on_kept
            self._say(sentence)


def _status(status: int, clause: str) -> "Dataset":
    from pydicom.dataset import Dataset  # noqa: PLC0415 - its extra may not be there

    answer = Dataset()
    answer.Status = status
    if clause:
        answer.ErrorComment = clause[:64]
    return answer
