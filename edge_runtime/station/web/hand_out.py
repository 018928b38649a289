"""Answer with what a camp hands out: slips as PDF, reports, folders for a stick, backups."""

import errno
import hashlib
import os
import threading
from asyncio import CancelledError
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from itertools import chain
from typing import Any

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.responses import StreamingResponse as Stream
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from edge_runtime.errors import FundusError
from edge_runtime.station.access.door import Door
from edge_runtime.station.access.owner import MEETING
from edge_runtime.station.at_work import BACKUP, EXPORT, HANDED_OUT
from edge_runtime.station.backup import backup_entries
from edge_runtime.station.days import is_day
from edge_runtime.station.moment import now
from edge_runtime.station.parcel import Entry, zipped
from edge_runtime.station.trouble import not_written
from edge_runtime.station.visits import known_day
from edge_runtime.station.web.frame import Station
from edge_runtime.station.web.guard import read_form
from edge_runtime.station.web.reader import number_in, person_in, read_in

_MOST = 64 << 20  # bytes of a list of hashes, as of some 100 000 people
_PAPERS = "edge_runtime.station.papers"  # imported when they are asked for, as they take a while


class HandOut:
    """What a station hands out, and where."""

    def __init__(self, station: Station, door: Door) -> None:
        self._station, self._door = station, door
        self._turn, self._ending = threading.Lock(), threading.Event()

    def routes(self) -> list[Route]:
        """List the addresses."""
        return [
            Route("/slip/{number}.pdf", self.slip),
            Route("/receipt/{number}.pdf", self.receipt),
            Route("/person/{number}.json", self.report),
            Route(EXPORT, self.export, methods=["GET", "POST"]),
            Route(BACKUP, self.backup, methods=["POST"]),
            Route(HANDED_OUT, self.handed_out, methods=["POST"]),
            Route(MEETING, self.meet),
        ]

    def end(self) -> None:
        """Have what is being sent break off, as the station ends."""
        self._ending.set()

    def slip(self, request: Request) -> Response:
        """Answer with a slip as PDF."""
        papers, station = import_module(f"{_PAPERS}.slip_pdf"), self._station
        pdf = papers.slip_pdf(self._words(request), station.store.picture)
        return _file(pdf, "application/pdf", f"slip-{number_in(request)}.pdf")

    def receipt(self, request: Request) -> Response:
        """Answer with a receipt as PDF."""
        pdf = import_module(f"{_PAPERS}.receipt_pdf").receipt_pdf(self._words(request))
        return _file(pdf, "application/pdf", f"receipt-{number_in(request)}.pdf")

    def report(self, request: Request) -> Response:
        """Answer with the report of a person for programs."""
        from edge_runtime.station.camp_report import camp_report, report_text  # noqa: PLC0415

        station = self._station
        with station.store.lock:
            number = person_in(request, self._station)
            report = camp_report(station.store, number, station.classifier)
        return _file(report_text(report), "application/json", f"person-{number}.json")

    async def meet(self, request: Request) -> Response:
        """Show a command that this is the station of its folder, before it shows whose it is."""
        nonce = request.query_params.get("nonce", "")
        said = self._door.meeting.answer(nonce, request.scope.get("server") or ("", 0))
        if said is None:
            raise HTTPException(400)
        return PlainTextResponse(said, headers={"cache-control": "no-store"})

    async def export(self, request: Request) -> Response:
        """Answer with the folders to carry on a stick, of one day or all, as one ZIP file.

        A page asks by GET, as that changes nothing; a command of the data folder's owner by POST,
        which may be ``unlogged`` where the command makes more of it and has that logged.
        """
        station, asked = self._station, request.query_params
        if request.method == "POST" and not request.state.is_owner:
            raise HTTPException(403)
        speaking, day = self._speaking(request), asked.get("day") or None
        if day is not None and not is_day(day):
            return self._refused(request, speaking.texts.say("error.day"), 400)
        if request.method == "HEAD":
            return Response(media_type="application/zip")
        originals = station.intake.originals if asked.get("originals") else ()

        def entries() -> Iterator[Entry]:
            papers = import_module(f"{_PAPERS}.camp_folder")
            yield from papers.export_entries(speaking, day=day, originals=originals)

        is_logged = not (request.state.is_owner and asked.get("unlogged"))
        name = f"camp-{day or 'all'}.zip"
        return await self._zip(request, entries, name, is_logged=is_logged)

    async def handed_out(self, request: Request) -> Response:
        """Log the list of the hashes of what the owner's command made of an export."""
        if not request.state.is_owner:
            raise HTTPException(403)
        sums, log = bytearray(), self._station.store.log
        with suppress(ClientDisconnect):  # then it isn't whole
            async for part in request.stream():
                sums += part
                if len(sums) > _MOST:
                    return self._refused(request, "the list of hashes is too long", 413)
        if hashlib.sha256(sums).hexdigest() != request.query_params.get("sums"):
            return self._refused(request, "the list of hashes isn't whole", 400)
        if log:
            try:
                await run_in_threadpool(log.handed_out, bytes(sums))
            except OSError as error:
                return self._failed(request, error)
        return PlainTextResponse("", headers={"cache-control": "no-store"})

    async def backup(self, request: Request) -> Response:
        """Answer with a backup of the camp, to a form of the page or to the owner's command."""
        station = self._station
        if not request.state.is_owner:
            await read_form(request, read_in(request, station, self._door).token)
        texts = self._speaking(request).texts
        name = f"camp-backup-{now():%Y%m%d-%H%M}.zip"
        entries = partial(backup_entries, station.store, texts)
        return await self._zip(request, entries, name, is_backup=True)

    async def _zip(
        self,
        request: Request,
        entries: Callable[[], Iterator[Entry]],
        name: str,
        *,
        is_backup: bool = False,
        is_logged: bool = True,
    ) -> Response:
        """Answer with a ZIP file while it is made, one at a time; who leaves ends it."""
        pieces = self._alone(entries, is_backup=is_backup, is_logged=is_logged)
        try:
            first = await run_in_threadpool(next, pieces)
        except BlockingIOError:
            return self._refused(request, self._speaking(request).texts.say("error.busy"), 503)
        except FundusError as error:
            return self._refused(request, str(error), 500)
        except OSError as error:
            return self._failed(request, error)
        return _Download(
            _closing(first, pieces), media_type="application/zip", headers=_named(name)
        )

    def _alone(
        self, entries: Callable[[], Iterator[Entry]], *, is_backup: bool, is_logged: bool
    ) -> Generator[bytes, None, None]:
        log = self._station.store.log if is_logged else None
        logged = partial(log.handed_out, is_backup=is_backup) if log else None
        if not self._turn.acquire(blocking=False):
            raise BlockingIOError
        try:
            for piece in zipped(entries(), on_sums=logged):
                if self._ending.is_set():
                    raise OSError(errno.ECANCELED, os.strerror(errno.ECANCELED))
                yield piece
        finally:
            self._turn.release()

    def _failed(self, request: Request, error: OSError) -> Response:
        texts = self._speaking(request).texts
        sentence = not_written(error, texts)
        return self._refused(request, sentence, 500)

    def _refused(self, request: Request, sentence: str, status: int) -> Response:
        if request.state.is_owner:
            return PlainTextResponse(sentence, status)
        raise HTTPException(status, sentence)

    def _words(self, request: Request) -> Any:
        slips = import_module(f"{_PAPERS}.slip")
        with self._station.store.lock:
            number, camp = person_in(request, self._station), self._station.store.camp
            day = known_day(camp, number, request.query_params.get("day"))
            return slips.slip_of(self._speaking(request), number, day=day)

    def _speaking(self, request: Request) -> Station:
        """Give the station in the language that is asked for, else that the browser reads."""
        seen = read_in(request, self._station, self._door)
        return seen.in_language(request.query_params.get("language"))


class _Download(Stream):
    """An answer that breaks off, rather than end, where a disk fails in the middle of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; what cancels it from outside is the station's end."""
        with suppress(OSError, FundusError, ClientDisconnect, CancelledError):
            await super().__call__(scope, receive, send)


async def _closing(first: bytes, pieces: Generator[bytes, None, None]) -> AsyncIterator[bytes]:
    try:
        async for piece in iterate_in_threadpool(chain((first,), pieces)):
            yield piece
    finally:
        with suppress(ValueError):  # a thread is at the next piece still, and then lets it go
            pieces.close()


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers=_named(name, shown=True))


def _named(name: str, *, shown: bool = False) -> dict[str, str]:
    how = "inline" if shown else "attachment"
    return {"cache-control": "no-store", "content-disposition": f'{how}; filename="{name}"'}
