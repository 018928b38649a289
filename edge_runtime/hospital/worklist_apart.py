"""Ask a worklist in a process of its own, which can be ended whatever the peer does.

What speaks DICOM stays out of a program that runs all day: its memory, its threads, which wait for
a peer that says nothing, and what it makes of nonsense.
"""

import datetime
import os
import subprocess
import sys
import threading

import msgspec
from msgspec import Struct

from edge_runtime.hospital.calling import PeerSilentError
from edge_runtime.hospital.peers import Peer
from edge_runtime.hospital.tls import TlsFiles, TlsFilesError, client_context
from edge_runtime.hospital.worklist import SLOW, Scheduled, worklist

#: Seconds until a worklist has told all, and until the process that asks it is ended.
WITHIN, AT_MOST = 60.0, 90.0

_BROKE_OFF = "what asks it broke off; look whether this computer has memory left"
_NO_SENSE = "it sent what makes no sense; ask there what is wrong"


class WorklistOf(Struct, frozen=True):
    """Who keeps a worklist, as whom it is asked, and for which modality, "" for any.

    ``tls`` are the files with which the connection is encrypted, None where it isn't.
    """

    peer: Peer
    ae_title: str
    modality: str = ""
    tls: TlsFiles | None = None

    @property
    def name(self) -> str:
        """The peer as people write it."""
        host = f"[{self.peer.host}]" if ":" in self.peer.host else self.peer.host
        return f"{self.peer.ae_title}@{host}:{self.peer.port}"


class Answer(Struct, frozen=True):
    """Who is scheduled, and whether there are more; or in a clause why that couldn't be learnt."""

    scheduled: tuple[Scheduled, ...] = ()
    is_cut_off: bool = False
    trouble: str = ""


class WorklistApart:
    """Asks one worklist, a process for each time."""

    def __init__(self, of: WorklistOf) -> None:
        self._of = of
        self._lock, self._is_ended = threading.Lock(), False
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, day: datetime.date) -> Answer:
        """Ask who is scheduled on a day; takes ``AT_MOST`` seconds, or until ``end``."""
        peer = self._of.peer
        told = [peer.ae_title, peer.host, str(peer.port), self._of.ae_title, self._of.modality]
        if tls := self._of.tls:
            told += [tls.certificate, tls.key, tls.authority]
        command = [sys.executable, "-m", __name__, day.isoformat(), *told]
        with self._lock:
            if self._is_ended:
                return Answer(trouble=_BROKE_OFF)
            try:
                self._process = process = subprocess.Popen(  # noqa: S603 - our own words alone
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,  # which may quote what the peer sent
                    env={**os.environ, "PYTHONSAFEPATH": "1"},
                )  # fmt: skip
            except OSError:
                return Answer(trouble=_BROKE_OFF)
        with process:
            try:
                said, _ = process.communicate(timeout=AT_MOST)
            except subprocess.TimeoutExpired:
                process.kill()
                return Answer(trouble=SLOW)
        try:
            return msgspec.json.decode(said, type=Answer)
        except msgspec.DecodeError:
            return Answer(trouble=_BROKE_OFF)

    def end(self) -> None:
        """End what is asked at this moment, and ask nothing any more."""
        with self._lock:
            self._is_ended = True
            if self._process is not None:
                self._process.kill()


def _answer(
    day: str, title: str, host: str, port: str, ae_title: str, modality: str, *tls: str
) -> Answer:
    try:
        found, is_cut_off = worklist(
            Peer(title, host, int(port)), ae_title=ae_title, modality=modality, within=WITHIN,
            day=datetime.date.fromisoformat(day),
            tls=client_context(TlsFiles(*tls)) if tls else None,
        )  # fmt: skip
    except TlsFilesError as error:
        return Answer(trouble=f"the files for TLS can't be used: {error}")
    except PeerSilentError as error:
        return Answer(trouble=error.cause)
    except Exception:  # whatever the library raises of a peer's nonsense
        return Answer(trouble=_NO_SENSE)
    return Answer(found, is_cut_off)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(_answer(*sys.argv[1:])))
    sys.stdout.flush()
    os._exit(0)  # threads of the library may wait for the peer yet
