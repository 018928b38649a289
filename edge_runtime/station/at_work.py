"""Ask the station that has a data folder open, as its owner, for what it alone can give."""

import hmac
import http.client
import os
from collections.abc import Generator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

from edge_runtime.errors import FundusError, printable
from edge_runtime.station.access.key import KEY
from edge_runtime.station.access.owner import (
    MEETING,
    OWNER,
    new_nonce,
    owner_proof,
    station_proof,
)
from edge_runtime.system.files import write_file

#: The file in the data folder that says where the station answers that is at work on it, and the
#: number of its process.
ADDRESS = "station.address"

#: What can be asked for: the folders to carry on a stick, and a backup.
EXPORT, BACKUP = "/export.zip", "/backup.zip"

#: Where it is told what a command handed out that made more of an export, to log it.
HANDED_OUT = "/handed-out"

_CHUNK = 1 << 20  # bytes
_LONGEST = 1000  # bytes of an answer that only proves something
_PATIENCE = 120.0  # seconds between two pieces
_AGAIN = "try it again, or "  # or what else is to be done, but to end the station


class StationRefusedError(FundusError, OSError):
    """The station that is at work couldn't be asked, or didn't give what it was asked for."""

    def __init__(self, folder: Path, cause: str, remedy: str = _AGAIN) -> None:
        self.folder = folder
        super().__init__(
            f"{printable(folder)}: a station is at work on it and {printable(cause)}; "
            f"{remedy}end the station first"
        )


def say_where(folder: Path, address: str) -> None:
    """Keep where the station of a data folder answers, such as http://127.0.0.1:8000/.

    Where there is no room for that the station works all the same.
    """
    say_nowhere(folder)  # a station that was killed may have left another
    with suppress(OSError):
        write_file(folder / ADDRESS, f"{address} {os.getpid()}\n".encode(), private=True)


def say_nowhere(folder: Path) -> None:
    """Take that back, as whoever has the store open may: a station of before is gone."""
    with suppress(OSError):
        (folder / ADDRESS).unlink(missing_ok=True)


def ask_station(folder: Path, path: str, told: bytes = b"") -> Generator[bytes, None, None]:
    """Ask the station that has a data folder open, and give what it answers, a piece at a time.

    Args:
        folder: The data folder.
        path: What is asked for, from the slash on.
        told: What it is told.

    Raises:
        StationRefusedError: It can't be found or asked, it refused, or its answer breaks off.
    """
    try:
        where, _, process = (folder / ADDRESS).read_text("ascii").strip().partition(" ")
        key = (folder / KEY).read_text("ascii").strip()
        address = urlsplit(where)
        port, host = address.port or 0, address.hostname or ""
    except (OSError, ValueError) as error:
        cause = f"doesn't say in {ADDRESS} where it answers"
        raise StationRefusedError(folder, cause) from error
    gone = f" (the one that said in {ADDRESS} where it answers was killed)"
    gone = gone if _is_gone(process) else ""
    with closing(_connection(address.scheme, host, port)) as connection:
        try:
            nonce = _meet(connection, key, (host, port))
            if nonce is None:
                raise StationRefusedError(folder, f"isn't what answers at {where}{gone}")
            proof = f"{nonce} {owner_proof(key, 'POST', path, nonce)}"
            connection.request("POST", path, told, {OWNER: proof, "content-length": str(len(told))})
            answer = connection.getresponse()
            if answer.status != http.client.OK:
                raise StationRefusedError(folder, *_refusal(answer))
            while piece := answer.read(_CHUNK):
                yield piece
        except (http.client.HTTPException, OSError) as error:
            if isinstance(error, StationRefusedError):
                raise
            raise StationRefusedError(folder, f"its answer broke off{gone}") from error


def _meet(connection: http.client.HTTPConnection, key: str, at: tuple[str, int]) -> str | None:
    """Have the station show that it has the key, which is never sent, and give its nonce.

    None where whoever answers hasn't got the key: another program may have the port by now.
    """
    nonce = new_nonce()
    connection.request("GET", f"{MEETING}?nonce={nonce}")
    answer = connection.getresponse()
    said = answer.read(_LONGEST).decode("latin-1")
    if answer.status != http.client.OK or answer.read(1):
        return None
    proof, _, own = said.partition(" ")
    is_it = hmac.compare_digest(proof.encode(), station_proof(key, nonce, at).encode())
    return own if is_it else None


def _is_gone(process: str) -> bool:
    """Tell whether a process is gone for certain."""
    if os.name == "nt" or not process.isdecimal():  # Windows would end it
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    """Reach the station; a certificate of this computer's own making is no reason not to."""
    if scheme != "https":
        return http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    import ssl  # noqa: PLC0415 - most stations have no certificate

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=_PATIENCE, context=context)


def _refusal(answer: http.client.HTTPResponse) -> tuple[str, str]:
    """Say what an answer says that isn't what was asked for, and what to do; pages are for people.

    What a station says in words says itself what to do.
    """
    if answer.headers.get_content_type() == "text/plain":
        said = answer.read(1000).decode("utf-8", "replace").strip()
        return f"says: {said.removesuffix('.')}", "or "
    return f"refused ({answer.status} {answer.reason})", _AGAIN
