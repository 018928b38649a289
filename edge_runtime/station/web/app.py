"""The station as a web application: pages to read, forms to decide, news while they are open."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.responses import StreamingResponse as Stream
from starlette.routing import Route

from edge_runtime.errors import FundusError
from edge_runtime.station.access.door import Door
from edge_runtime.station.intake import OVERLAY, PHOTO, SMALL
from edge_runtime.station.trouble import not_written
from edge_runtime.station.web import camp_pages, pages
from edge_runtime.station.web.actions import KINDS
from edge_runtime.station.web.changes import Changes
from edge_runtime.station.web.checkpoint_page import checkpoint_page
from edge_runtime.station.web.day_page import day_page
from edge_runtime.station.web.expected_form import EXPECTED, SAME, events_with_list
from edge_runtime.station.web.export import camp_csv
from edge_runtime.station.web.follow_up_page import follow_up_page
from edge_runtime.station.web.form_error import FormError
from edge_runtime.station.web.frame import Station
from edge_runtime.station.web.guard import SIGN_IN, Guard, read_form
from edge_runtime.station.web.hand_out import HandOut
from edge_runtime.station.web.reader import (
    number_in,
    person_in,
    place_of,
    read_in,
    set_language,
    still_there,
)
from edge_runtime.station.web.referrals_table import referrals_csv
from edge_runtime.station.web.sign_in import SignIn, signed_out
from edge_runtime.station.web.static_files import scale, static

_Page = Callable[[Station, Mapping[str, str]], str]
_PersonPage = Callable[[Station, Mapping[str, str], int], str]


def make_app(station: Station, door: Door | None = None) -> Starlette:
    """Make the application of a station.

    Args:
        station: What it shows.
        door: Who may come in; by default who its folder's password lets in on this computer.

    Raises:
        PasswordInvalidError: The password can't be used.
    """
    door = door or Door(station.store.folder)
    answers, handing_out = _Answers(station, door), HandOut(station, door)
    sign_in = SignIn(station, door)
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
            Route("/referrals.csv", answers.table),
            Route("/checkpoint", answers.page(checkpoint_page)),
            Route("/settings", answers.page(camp_pages.settings_page)),
            *handing_out.routes(),
            Route("/person/{number}", answers.person(pages.person_page)),
            Route("/slip/{number}", answers.person(pages.slip_page)),
            Route("/receipt/{number}", answers.person(pages.receipt_page)),
            Route("/picture/{number}/{name}.jpg", answers.picture),
            Route("/static/legend.jpg", scale),
            Route("/static/{name}", static),
            Route("/events", answers.events),
            Route("/language", answers.language, methods=["POST"]),
            Route("/ask-again", answers.ask_again, methods=["POST"]),
            Route("/do/{kind}", answers.act, methods=["POST"]),
            Route(SIGN_IN, sign_in.show),
            Route(SIGN_IN, sign_in.enter, methods=["POST"]),
            Route("/sign-out", answers.sign_out, methods=["POST"]),
        ],
        middleware=[Middleware(Guard, door=door)],
        exception_handlers=dict.fromkeys((HTTPException, OSError, FundusError), answers.wrong),
        lifespan=lifespan,
    )
    app.state.changes, app.state.handing_out = answers.changes, handing_out
    return app


class _Answers:
    """What a station answers."""

    def __init__(self, station: Station, door: Door) -> None:
        self._station, self._door, self.changes = station, door, Changes(station.news)

    def page(self, write: _Page) -> Callable[[Request], Response]:
        """Answer with a page."""

        def show(request: Request) -> Response:
            return self._html(lambda: write(self._read_in(request), request.query_params))

        return show

    def person(self, write: _PersonPage) -> Callable[[Request], Response]:
        """Answer with a page of a person."""

        def show(request: Request) -> Response:
            return self._html(
                lambda: write(
                    self._read_in(request), request.query_params, person_in(request, self._station)
                )
            )

        return show

    def _read_in(self, request: Request) -> Station:
        """Give the station in the language that this browser reads, to whoever is signed in."""
        return read_in(request, self._station, self._door)

    async def language(self, request: Request) -> Response:
        """Have this browser read another language from now on."""
        form = await read_form(request, self._read_in(request).token)
        return set_language(RedirectResponse("/settings", 303), form.get("language", ""))

    def _html(self, write: Callable[[], str]) -> Response:
        """Write a page while nothing changes in the camp."""
        with self._station.store.lock:
            page = write()
        return HTMLResponse(page, headers={"cache-control": "no-store"})

    def table(self, request: Request) -> Response:
        """Answer with a table to keep: all photographs of the camp, or all referrals."""
        name = request.url.path.removeprefix("/")
        with self._station.store.lock:
            text = (camp_csv if name == "camp.csv" else referrals_csv)(self._station.store.camp)
        headers = {
            "cache-control": "no-store",
            "content-disposition": f'attachment; filename="{name}"',
        }
        return Response(text, media_type="text/csv", headers=headers)

    def picture(self, request: Request) -> Response:
        """Answer with a picture of a photograph."""
        number, name = number_in(request), request.path_params["name"]
        file = self._station.store.picture(number, name)
        if name not in (PHOTO, OVERLAY, SMALL) or not file.is_file():
            raise HTTPException(404)
        return FileResponse(file, media_type="image/jpeg", headers={"cache-control": "private"})

    async def events(self, request: Request) -> Response:
        """Answer with the news, for as long as the page is open and who reads it is signed in."""
        if self.changes.is_full:
            raise HTTPException(503, "So many pages are open that this one hears no news.")
        session, headers = request.state.session, {"cache-control": "no-store"}
        if request.method == "HEAD":
            return Response(media_type="text/event-stream", headers=headers)
        news = self.changes.listen(lambda: self._door.lets_stay(session))
        return Stream(news, media_type="text/event-stream", headers=headers)

    async def act(self, request: Request) -> Response:
        """Let happen what a form says."""
        seen = self._read_in(request)
        form = await read_form(request, seen.token)
        kind = request.path_params["kind"]
        if kind not in (*KINDS, EXPECTED, SAME):
            raise HTTPException(404)
        return await run_in_threadpool(_act, seen, kind, form)

    async def ask_again(self, request: Request) -> Response:
        """Have the hospital asked now who is expected."""
        await read_form(request, self._read_in(request).token)
        if self._station.asker is None:
            raise HTTPException(404)
        self._station.asker.ask_again()
        return RedirectResponse("/", 303)

    async def sign_out(self, request: Request) -> Response:
        """Sign somebody out."""
        session = request.state.session
        await read_form(request, self._read_in(request).token)
        if session is not None:
            await run_in_threadpool(self._door.sessions.end, session)
            self.changes.tell()
        return signed_out(request)

    def wrong(self, request: Request, error: Exception) -> Response:
        """Say in a sentence, on a page, what couldn't be done."""
        station = self._read_in(request)
        say = station.texts.say
        if isinstance(error, HTTPException) and error.headers and error.status_code == 303:
            return RedirectResponse(error.headers["location"], 303)
        if isinstance(error, HTTPException):
            status = error.status_code
            sentence = say("error.404") if status == 404 else error.detail
        elif isinstance(error, OSError):
            status, sentence = 500, not_written(error, station.texts)
        elif isinstance(error, FundusError):
            status, sentence = 500, str(error)
        else:
            status, sentence = 500, say("error.disk", cause=str(error))
        headers = {"cache-control": "no-store"}
        if self._door.password and station.session is None:  # a page would tell of the camp
            return PlainTextResponse(sentence, status, headers)
        return HTMLResponse(camp_pages.error_page(station, sentence), status, headers)


def _act(station: Station, kind: str, form: Mapping[str, str]) -> Response:
    """Let a form happen, and lead back to where it was sent from."""
    store, by = station.store, station.session.name if station.session else None
    place = place_of(form.get("back", "/"))
    try:
        with store.lock:
            new = store.next_person()
            events = events_with_list(kind, form, store.camp, person=new, heard=station.heard)
            happened = store.happen(*events, by=by)
    except FormError as error:
        with store.lock:
            page = camp_pages.form_error_page(station, error, back=place)
        return HTMLResponse(page, status_code=400)
    except OSError as error:
        with store.lock:
            sentence = not_written(error, station.texts)
            page = camp_pages.error_page(station, sentence, back=place)
        return HTMLResponse(page, 500, {"cache-control": "no-store"})
    if kind == "merge":
        place = f"/person/{happened[0].event.into}"  # type: ignore[union-attr]
    if kind == "another" and place.startswith("/person/"):
        place = f"/person/{happened[-1].event.into}"  # type: ignore[union-attr]
    place, undone = still_there(place, store.camp), kind == "undo"
    return RedirectResponse(place if undone else f"{place}?done={happened[-1].number}", 303)
