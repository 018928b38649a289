"""The station as a web application: pages to read, forms to decide, news while they are open."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

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
from edge_runtime.station.web import pages
from edge_runtime.station.web.actions import KINDS, FormError, events_of
from edge_runtime.station.web.changes import Changes
from edge_runtime.station.web.guard import Guard, read_form
from edge_runtime.station.web.pages import Station

_STATIC = Path(__file__).parent / "static"
_STYLE = Path(page_template.__file__).parent / "templates" / "style.css"
_FILES = {
    "style.css": (_STYLE, "text/css"),
    "station.css": (_STATIC / "station.css", "text/css"),
    "icon.svg": (_STATIC / "icon.svg", "image/svg+xml"),
    "station.js": (_STATIC / "station.js", "text/javascript"),
}

_Page = Callable[[Station, Mapping[str, str]], str]


def make_app(station: Station) -> Starlette:
    """Make the application of a station."""
    changes = Changes(station.news)
    station.store.watch(changes.tell)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        changes.begin()
        app.state.changes = changes
        yield
        changes.end()

    def shown(write: _Page) -> Callable[[Request], Response]:
        def show(request: Request) -> Response:
            return _html(station, lambda: write(station, request.query_params))

        return show

    def of_person(
        write: Callable[[Station, Mapping[str, str], int], str],
    ) -> Callable[[Request], Response]:
        def show(request: Request) -> Response:
            number, asked = request.path_params["number"], request.query_params
            if number not in station.store.camp.people:
                raise HTTPException(404)
            return _html(station, lambda: write(station, asked, number))

        return show

    def picture(request: Request) -> Response:
        number, name = request.path_params["number"], request.path_params["name"]
        file = station.store.picture(number, name)
        if name not in (PHOTO, OVERLAY, SMALL) or not file.is_file():
            raise HTTPException(404)
        return FileResponse(file, media_type="image/jpeg", headers={"cache-control": "private"})

    async def events(_: Request) -> Response:
        headers = {"cache-control": "no-store"}
        return Stream(changes.listen(), media_type="text/event-stream", headers=headers)

    async def act(request: Request) -> Response:
        form = await read_form(request, station.token)
        kind = request.path_params["kind"]
        if kind not in KINDS:
            raise HTTPException(404)
        return await run_in_threadpool(_act, station, kind, form)

    return Starlette(
        routes=[
            Route("/", shown(pages.now_page)),
            Route("/worklist", shown(pages.worklist_page)),
            Route("/files", shown(pages.files_page)),
            Route("/day", shown(pages.day_page)),
            Route("/settings", shown(pages.settings_page)),
            Route("/person/{number:int}", of_person(pages.person_page)),
            Route("/slip/{number:int}", of_person(pages.slip_page)),
            Route("/picture/{number:int}/{name}.jpg", picture),
            Route("/static/{name}", _static),
            Route("/events", events),
            Route("/do/{kind}", act, methods=["POST"]),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers={HTTPException: _wrong(station), OSError: _wrong(station)},
        lifespan=lifespan,
    )


def _html(station: Station, write: Callable[[], str]) -> Response:
    """Write a page while nothing changes in the camp."""
    with station.store.lock:
        page = write()
    return HTMLResponse(page, headers={"cache-control": "no-store"})


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
        return HTMLResponse(pages.error_page(station, sentence), status_code=400)
    back = urlsplit(form.get("back", "/"))
    place = back.path if back.path.startswith("/") and not back.path.startswith("//") else "/"
    if kind == "merge":
        place = f"/person/{happened[0].event.into}"  # type: ignore[union-attr]
    undone = kind == "undo"
    return RedirectResponse(place if undone else f"{place}?done={happened[-1].number}", 303)


def _wrong(station: Station) -> Any:
    """Say in a sentence, on a page, what couldn't be done."""

    def answer(_: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            status = error.status_code
            sentence = station.texts.say("error.404") if status == 404 else error.detail
        else:
            status, sentence = 500, station.texts.say("error.disk", cause=str(error))
        return HTMLResponse(pages.error_page(station, sentence), status_code=status)

    return answer
