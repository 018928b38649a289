"""Sign in by the password, with a name, and sign out."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from edge_runtime.errors import printable
from edge_runtime.results.page_template import page_template
from edge_runtime.results.texts import Texts
from edge_runtime.station.access.attempts import who_asks
from edge_runtime.station.access.door import Door
from edge_runtime.station.access.sessions import LASTS
from edge_runtime.station.web.frame import TEMPLATES, Station, disclaimer_of
from edge_runtime.station.web.guard import SIGN_IN, cookie_name, read_fields
from edge_runtime.station.web.reader import place_of, read_in

_LONGEST_NAME = 60
_YEAR = 365 * 24 * 3600  # seconds for which a browser keeps that somebody signed in from it


@dataclass
class SignIn:
    """The page on which one signs in."""

    station: Station
    door: Door
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def show(self, request: Request) -> Response:
        """Show the form; whoever needn't sign in is led on."""
        asked = request.query_params
        back = place_of(asked.get("back", "/"))
        if not self.door.password or request.state.session:
            return RedirectResponse(back, 303)
        page = _Form(self._words(request), {"back": back})
        return page.answer("sign_in.unsent" if asked.get("unsent") else None, 200)

    async def enter(self, request: Request) -> Response:
        """Let somebody in by the password."""
        form = await read_fields(request)
        page = _Form(self._words(request), form)
        name = printable(" ".join(form.get("name", "").split()))[:_LONGEST_NAME]
        if not self.door.password:
            return RedirectResponse(place_of(form.get("back", "/")), 303)
        if not name:
            return page.answer("sign_in.no_name", 400)
        attempts = self.door.attempts
        device = request.cookies.get(_device_cookie(request), "")
        address = request.client.host if request.client else None
        who = who_asks(address, self.door.devices.name_of(device))
        if attempts.is_crowded(who):
            return page.wait(1.0)
        attempts.waiting += 1
        try:
            async with self._one_at_a_time:
                if wait_s := attempts.wait_s(who):
                    return page.wait(wait_s)
                password, sessions = self.door.password, self.door.sessions
                devices = self.door.devices
                if not await run_in_threadpool(password.fits, form.get("password", "")):
                    attempts.failed(who)
                    return page.answer("sign_in.wrong", 403)
        finally:
            attempts.waiting -= 1
        attempts.succeeded(who)
        token = await run_in_threadpool(sessions.begin, name)
        answer = RedirectResponse(place_of(form.get("back", "/")), 303)
        known = await run_in_threadpool(devices.know, device)
        _set_cookie(answer, request, _device_cookie(request), known, _YEAR)
        _set_cookie(answer, request, cookie_name(request.scope), token, LASTS)
        return answer

    def _words(self, request: Request) -> Texts:
        return read_in(request, self.station, self.door).texts


@dataclass(frozen=True)
class _Form:
    """The form to sign in, as somebody filled it."""

    words: Texts
    fields: Mapping[str, str]

    def answer(self, said: str | None, status: int, **values: object) -> Response:
        """Show it with a sentence, by its key."""
        words = self.words
        page = page_template("sign_in.html.jinja", TEMPLATES).render(
            language=words.language,
            say=words.say,
            disclaimer=disclaimer_of(words),
            action=SIGN_IN,
            said=words.say(said, **values) if said else "",
            name=self.fields.get("name", "")[:_LONGEST_NAME],
            back=place_of(self.fields.get("back", "/")),
        )
        return HTMLResponse(page, status, {"cache-control": "no-store"})

    def wait(self, wait_s: float) -> Response:
        """Say how long to wait."""
        seconds = math.ceil(wait_s)
        answer = self.answer("sign_in.wait", 429, seconds=seconds)
        answer.headers["retry-after"] = str(seconds)
        return answer


def signed_out(request: Request) -> Response:
    """Lead back to the page to sign in, and have the browser forget what it saw."""
    answer = RedirectResponse(SIGN_IN, 303, {"clear-site-data": '"cache"'})
    _set_cookie(answer, request, cookie_name(request.scope), "", 0)
    return answer


def _device_cookie(request: Request) -> str:
    return f"{cookie_name(request.scope)}-device"


def _set_cookie(answer: Response, request: Request, name: str, token: str, lasts_s: int) -> None:
    answer.set_cookie(
        name,
        token,
        max_age=lasts_s,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
