"""Let in nobody but who may: hosts, sessions, origins, tokens, and what a browser may do."""

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request, cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge_runtime.station.access.door import Door
from edge_runtime.station.access.hosts import named_in
from edge_runtime.station.access.owner import MEETING, OWNER
from edge_runtime.station.access.password import PasswordInvalidError
from edge_runtime.station.access.sessions import Session
from edge_runtime.station.at_work import BACKUP, EXPORT, HANDED_OUT

#: Where one signs in.
SIGN_IN = "/sign-in"

_FREE = ("/static/", SIGN_IN, MEETING)  # what somebody who isn't signed in may see
_OWNERS = (BACKUP, EXPORT, HANDED_OUT)  # what a command of the data folder's owner may have
_MOST_BYTES = 16_384  # of a form, and of what is asked
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
_NOT_KEPT = (b"cache-control", b"no-store")


def cookie_name(scope: Scope) -> str:
    """Name the cookie of a station: those of two ports of one computer share their cookies."""
    name = f"station-{(scope.get('server') or ('', 0))[1]}"
    return f"__Host-{name}" if scope["scheme"] == "https" else name


class Guard:
    """Refuse what doesn't come from a page of this station, and send the headers that bind pages.

    Another page that the browser has open could send a name of its own that leads here, or a form:
    the first has another host, and the second another origin. It could also have the browser fetch
    what a station hands out, and so keep it busy; a link may lead to a page. Where there is a
    password, all but the page to sign in needs a session, which it leaves in
    ``scope["state"]["session"]``; ``is_owner`` says there that a command of the data folder's owner
    asks, which needs none.
    """

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in
                   scope["headers"]}  # fmt: skip
        is_static = scope["path"].startswith(_FREE[0])

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = [*message["headers"], *_HEADERS]
                if self._door.password and not is_static:  # no browser keeps what it saw
                    told = [*(each for each in told if each[0] != _NOT_KEPT[0]), _NOT_KEPT]
                message["headers"] = told
            await send(message)

        sent = scope["raw_path"], scope["query_string"], *map(b"".join, scope["headers"])
        if sum(map(len, sent)) > _MOST_BYTES:
            await _refuse(guarded, 431, "This is too long for a request.")
            return
        reached_at, _ = scope.get("server") or ("", 0)
        if not self._door.knows(named_in(headers.get("host", "")), reached_at):
            await _refuse(guarded, 421, self._called_otherwise())
            return
        try:
            self._door.look()
        except PasswordInvalidError as error:
            await _refuse(guarded, 503, str(error))
            return
        if not is_static and _is_of_another_page(scope, headers):
            await _refuse(guarded, 403, "Another page asked for this; open the station's own one.")
            return
        session = self._session(scope, headers)
        is_owner = self._is_owner(scope, headers)
        scope.setdefault("state", {}).update(session=session, is_owner=is_owner)
        if session or is_owner or self._is_open(scope["path"]):
            await self._app(scope, receive, guarded)
        elif "text/html" in headers.get("accept", ""):
            is_form = scope["method"] not in ("GET", "HEAD")
            asked = "unsent=1" if is_form else f"back={quote(scope['path'][:200])}"
            place = f"{SIGN_IN}?{asked}".encode()
            await _refuse(guarded, 303, "Sign in first.", (b"location", place))
        else:
            await _refuse(guarded, 401, "Sign in first: open the page again.")

    def _called_otherwise(self) -> str:
        if self._door.reach.is_network:
            return (
                "This station isn't known by this name. Open it by this computer's address, or "
                "start it with --allow-host and the name."
            )
        return "This station answers on this computer alone."

    def _session(self, scope: Scope, headers: Mapping[str, str]) -> Session | None:
        if not self._door.password:
            return None
        told = cookie_parser(headers.get("cookie", "")).get(cookie_name(scope), "")
        return self._door.sessions.find(told)

    def _is_owner(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        """Tell whether a command of the data folder's owner asks for what only those may have."""
        told, path = headers.get(OWNER), scope["path"]
        if told is None or scope["method"] != "POST" or path not in _OWNERS:
            return False
        query = scope["query_string"].decode("latin-1")
        return self._door.meeting.is_owner("POST", f"{path}?{query}" if query else path, told)

    def _is_open(self, path: str) -> bool:
        """Tell whether somebody without a session may have this."""
        if not self._door.password:
            return not self._door.reach.is_network
        return path.startswith(_FREE[0]) or path in _FREE[1:]


async def read_fields(request: Request) -> dict[str, str]:
    """Read a form's fields.

    Raises:
        HTTPException: It comes from another page, or is too long.
    """
    data = b""
    try:
        async for part in request.stream():
            data += part
            if len(data) > _MOST_BYTES:
                raise HTTPException(413, "This is too long for a form.")
    except ClientDisconnect as error:
        raise HTTPException(400, "The form broke off; send it once more.") from error
    if not _is_from_here(request.headers.get("origin"), request.headers.get("host")):
        raise HTTPException(403, "This form isn't one of this station; open the page again.")
    return dict(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True))


async def read_form(request: Request, token: str) -> dict[str, str]:
    """Read the form of a request that comes from a page of this station.

    Args:
        request: A POST.
        token: What the form must carry.

    Raises:
        HTTPException: It comes from elsewhere, or is too long.
    """
    form = await read_fields(request)
    if not hmac.compare_digest(form.get("token", "").encode(), token.encode()):
        raise HTTPException(403, "This form isn't one of this station; open the page again.")
    return form


def _is_from_here(origin: str | None, host: str | None) -> bool:
    """Tell whether a page of this station sent a form; browsers of old say nothing."""
    try:
        return origin is None or urlsplit(origin).netloc == host
    except ValueError:
        return False


def _is_of_another_page(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Tell whether another page has a browser fetch something, rather than lead to a page.

    Browsers since 2020 to 2023 say it themselves (https://www.w3.org/TR/fetch-metadata/); of older
    ones the page is known that they come from, or nothing.
    """
    if scope["method"] not in ("GET", "HEAD"):  # forms are looked at as such
        return False
    is_page = "." not in scope["path"] and scope["path"] != "/events"
    site, host = headers.get("sec-fetch-site"), headers.get("host")
    if site is not None:
        leads = is_page and headers.get("sec-fetch-dest") == "document"
        return site not in ("same-origin", "none") and not leads
    came_from = headers.get("origin"), headers.get("referer")
    return not is_page and not all(_is_from_here(each, host) for each in came_from)


async def _refuse(send: Send, status: int, sentence: str, *more: tuple[bytes, bytes]) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence.encode()})
