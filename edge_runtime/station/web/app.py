"""The station as a web application: pages to read, forms to decide, news while they are open."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.responses import StreamingResponse as Stream
from starlette.routing import Route

from edge_runtime.results import page_template
from edge_runtime.station.intake import OVERLAY, PHOTO, SMALL
from edge_runtime.station.web import camp_pages, pages
from edge_runtime.station.web.actions import KINDS, FormError, events_of
from edge_runtime.station.web.asked import LANGUAGE, number_in, read_in
from edge_runtime.station.web.changes import Changes
from edge_runtime.station.web.day_page import day_page
from edge_runtime.station.web.export import camp_csv
from edge_runtime.station.web.follow_up_page import follow_up_page
from edge_runtime.station.web.frame import Station
from edge_runtime.station.web.guard import Guard, read_form
from edge_runtime.station.web.hand_out import HandOut

_STATIC = Path(__file__).parent / "static"
_STYLE = Path(page_template.__file__).parent / "templates" / "style.css"
_FILES = {
    "style.css": (_STYLE, "text/css"),
    "station.css": (_STATIC / "station.css", "text/css"),
    "dark.css": (_STATIC / "dark.css", "text/css"),
    "look.js": (_STATIC / "look.js", "text/javascript"),
    "keep.js": (_STATIC / "keep.js", "text/javascript"),
    "icon.svg": (_STATIC / "icon.svg", "image/svg+xml"),
    "station.js": (_STATIC / "station.js", "text/javascript"),
}

_OWN_PAGE = re.compile(r"/(?:[a-z-]+(?:/\d{1,9})?)?")

_YEAR = 365 * 24 * 3600  # seconds

_Page = Callable[[Station, Mapping[str, str]], str]
_PersonPage = Callable[[Station, Mapping[str, str], int], str]


def make_app(station: Station) -> Starlette:
    """Make the application of a station."""
    answers, handing_out = _Answers(station), HandOut(station)
    station.store.watch(answers.changes.tell)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        answers.changes.begin()
        yield
        answers.changes.end()

    app = Starlette(
        routes=[
            Route("/", answers.page(pages.now_page)),
            Route("/worklist", answers.page(pages.worklist_page)),
            Route("/follow-up", answers.page(follow_up_page)),
            Route("/files", answers.page(camp_pages.files_page)),
            Route("/day", answers.page(day_page)),
            Route("/camp.csv", answers.table),
            Route("/settings", answers.page(camp_pages.settings_page)),
            *handing_out.routes(),
            Route("/person/{number}", answers.person(pages.person_page)),
            Route("/slip/{number}", answers.person(pages.slip_page)),
            Route("/receipt/{number}", answers.person(pages.receipt_page)),
            Route("/picture/{number}/{name}.jpg", answers.picture),
            Route("/static/{name}", _static),
            Route("/events", answers.events),
            Route("/language", answers.language, methods=["POST"]),
            Route("/do/{kind}", answers.act, methods=["POST"]),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers={HTTPException: answers.wrong, OSError: answers.wrong},
        lifespan=lifespan,
    )
    app.state.changes, app.state.handing_out = answers.changes, handing_out
    return app


class _Answers:
    """What a station answers."""

    def __init__(self, station: Station) -> None:
        self._station, self.changes = station, Changes(station.news)

    def page(self, write: _Page) -> Callable[[Request], Response]:
        """Answer with a page."""

        def show(request: Request) -> Response:
            return self._html(lambda: write(read_in(self._station, request), request.query_params))

        return show

    def person(self, write: _PersonPage) -> Callable[[Request], Response]:
        """Answer with a page of a person."""

        def show(request: Request) -> Response:
            number = number_in(request)
            if number not in self._station.store.camp.people:
                raise HTTPException(404)
            return self._html(
                lambda: write(read_in(self._station, request), request.query_params, number)
            )

        return show

    async def language(self, request: Request) -> Response:
        """Have this browser read another language from now on."""
        form = await read_form(request, self._station.token)
        answer = RedirectResponse("/settings", 303)
        answer.set_cookie(
            LANGUAGE, form.get("language", ""), max_age=_YEAR, httponly=True, samesite="strict"
        )
        return answer

    def _html(self, write: Callable[[], str]) -> Response:
        """Write a page while nothing changes in the camp."""
        with self._station.store.lock:
            page = write()
        return HTMLResponse(page, headers={"cache-control": "no-store"})

    def table(self, _: Request) -> Response:
        """Answer with the whole camp as a table to keep."""
        with self._station.store.lock:
            text = camp_csv(self._station.store.camp)
        headers = {
            "cache-control": "no-store",
            "content-disposition": 'attachment; filename="camp.csv"',
        }
        return Response(text, media_type="text/csv", headers=headers)

    def picture(self, request: Request) -> Response:
        """Answer with a picture of a photograph."""
        number, name = number_in(request), request.path_params["name"]
        file = self._station.store.picture(number, name)
        if name not in (PHOTO, OVERLAY, SMALL) or not file.is_file():
            raise HTTPException(404)
        return FileResponse(file, media_type="image/jpeg", headers={"cache-control": "private"})

    async def events(self, _: Request) -> Response:
        """Answer with the news, for as long as the page is open."""
        headers = {"cache-control": "no-store"}
        return Stream(self.changes.listen(), media_type="text/event-stream", headers=headers)

    async def act(self, request: Request) -> Response:
        """Let happen what a form says."""
        form = await read_form(request, self._station.token)
        kind = request.path_params["kind"]
        if kind not in KINDS:
            raise HTTPException(404)
        return await run_in_threadpool(_act, read_in(self._station, request), kind, form)

    def wrong(self, request: Request, error: Exception) -> Response:
        """Say in a sentence, on a page, what couldn't be done."""
        station = read_in(self._station, request)
        say = station.texts.say
        if isinstance(error, HTTPException):
            status = error.status_code
            sentence = say("error.404") if status == 404 else error.detail
        else:
            status, sentence = 500, say("error.disk", cause=str(error))
        return HTMLResponse(camp_pages.error_page(station, sentence), status_code=status)


def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _FILES:
        raise HTTPException(404)
    file, kind = _FILES[name]
    return FileResponse(file, media_type=kind, headers={"cache-control": "no-cache"})


def _act(station: Station, kind: str, form: Mapping[str, str]) -> Response:
    """Let a form happen, and lead back to where it was sent from."""
    store = station.store
    try:
        with store.lock:
            happened = store.happen(*events_of(kind, form, store.camp, person=store.next_person()))
    except FormError as error:
        sentence = station.texts.say(str(error))
        return HTMLResponse(camp_pages.error_page(station, sentence), status_code=400)
    back = form.get("back", "/").partition("?")[0]
    place = back if _OWN_PAGE.fullmatch(back) else "/"
    if kind == "merge":
        place = f"/person/{happened[0].event.into}"  # type: ignore[union-attr]
    undone = kind == "undo"
    return RedirectResponse(place if undone else f"{place}?done={happened[-1].number}", 303)
