"""Let in nobody but this computer's own pages: hosts, origins, tokens and what a browser may do."""

import hmac
import ipaddress
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge_runtime.station.at_work import KEY, OWNER
from edge_runtime.system.files import write_file

_MOST_BYTES = 16_384  # of a form
_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


def is_loopback(host: str) -> bool:
    """Tell whether a host's name or address is this computer's own, which no other can reach."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def token_of(folder: Path) -> str:
    """Read the token that this station's forms carry, or make one.

    It is kept, so that pages that are open outlive a restart.

    Raises:
        OSError: It can't be read or written.
    """
    file = folder / KEY
    try:
        told = file.read_text("ascii").strip()
    except FileNotFoundError:
        told = ""
    if len(told) < 32:
        told = secrets.token_urlsafe(32)
        write_file(file, told.encode(), private=True)
    return told


class Guard:
    """Refuse what doesn't come from a page of this station, and send the headers that bind pages.

    Another page that the browser has open could send a name of its own that leads here, or a form:
    the first has another host, and the second another origin.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        host = _named(dict(scope["headers"]).get(b"host", b"").decode("latin-1"))
        if not is_loopback(host):
            await _refuse(guarded, 421, "This station answers on this computer alone.")
            return
        await self._app(scope, receive, guarded)


async def read_form(request: Request, token: str) -> dict[str, str]:
    """Read the form of a request that comes from a page of this station.

    Args:
        request: A POST.
        token: What the form must carry.

    Raises:
        HTTPException: It comes from elsewhere, or is too long.
    """
    data = b""
    async for part in request.stream():
        data += part
        if len(data) > _MOST_BYTES:
            raise HTTPException(413, "This is too long for a form.")
    form = dict(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True))
    origin = request.headers.get("origin")
    here = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not here or not hmac.compare_digest(form.get("token", "").encode(), token.encode()):
        raise HTTPException(403, "This form isn't one of this station; open the page again.")
    return form


def is_owner(request: Request, key: str) -> bool:
    """Tell whether a request is that of a command of whoever can read the station's key."""
    return hmac.compare_digest(request.headers.get(OWNER, "").encode(), key.encode())


def _named(host: str) -> str:
    """Take the port off a Host header."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


async def _refuse(send: Send, status: int, sentence: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence.encode()})
