"""Run the station: photographs in one thread, pages in another, until somebody ends it."""

import errno
import gc
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from edge_runtime.errors import FundusError
from edge_runtime.hospital.worklist_apart import WorklistApart, WorklistOf
from edge_runtime.predict.classifier import Classifier
from edge_runtime.station.access.door import Door, Reach
from edge_runtime.station.access.hosts import is_loopback, own_addresses, plain_address
from edge_runtime.station.archive import Archive
from edge_runtime.station.asker import Asker, forget
from edge_runtime.station.at_work import say_nowhere, say_where
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.intake import Intake
from edge_runtime.station.web.app import make_app
from edge_runtime.station.web.connections import BoundedConnection
from edge_runtime.station.web.frame import Station
from edge_runtime.system.machine import release_memory

_LEAVE = 1  # seconds that open pages are waited for at the end
_COLLECT, _TIDY = 20, 300  # ticks of a tenth of a second


class PortFailedError(FundusError, OSError):
    """The pages can't be where they shall be."""

    def __init__(self, place: "Place", cause: str) -> None:
        super().__init__(f"{place.host}:{place.port}: {cause}")


@dataclass(frozen=True)
class Place:
    """Where the pages are: an address of this computer, and a port, 0 for any that is free.

    ``language`` is that of the pages, one of ``LANGUAGES``, ``names`` are further names by which
    this computer is called, and ``tls`` are the files of a certificate and of its key.
    ``send_queue`` is the folder of what another program sends to a hospital, None for none, and
    ``worklist`` what says who is expected, None for nothing.
    """

    host: str
    port: int
    language: str
    names: frozenset[str] = frozenset()
    tls: tuple[Path, Path] | None = None
    send_queue: Path | None = None
    worklist: WorklistOf | None = None

    @property
    def reach(self) -> Reach:
        """How far the pages reach."""
        return Reach(not is_loopback(self.host), self.names, self.tls is not None)


@dataclass(frozen=True)
class Addresses:
    """Where the pages can be opened: on this computer, and on others of its network.

    ``are_for_others`` says that others may, though none of this computer's addresses is known.
    """

    here: str
    others: tuple[str, ...]
    are_for_others: bool


def serve(
    inbox: Path,
    store: CampStore,
    classifier: Classifier,
    place: Place,
    *,
    on_ready: Callable[[Addresses], object],
    archive: Path | None = None,
) -> None:
    """Serve a station until it is ended by a signal.

    Args:
        inbox: The folder into which the camera writes.
        store: Where all is kept; it stays open.
        classifier: What speaks.
        place: Where the pages are, and in which language.
        on_ready: Called with the page's addresses once it can be opened.
        archive: Where files go from the inbox once their photographs are kept; nowhere by default.

    Raises:
        PortFailedError: The port is taken, or can't be had.
        PasswordInvalidError: The password can't be used.
    """
    door = Door(store.folder, place.reach)
    listening = listen(place)
    moved_to = Archive(inbox, archive, store) if archive else None
    intake = Intake(inbox, store, classifier, moved_to)
    addresses = addresses_of(place, listening.getsockname()[1])
    token, others, asker = door.token_of(None), addresses.others, _asker(store, place.worklist)
    station = Station(
        store, intake, classifier, token, place.language, places=others,
        send_queue=place.send_queue, asker=asker,
    )  # fmt: skip
    app = make_app(station, door)
    config = configured(app, place)
    gc.collect()
    gc.freeze()
    if asker is not None:
        intake.heard = lambda: asker.heard
    taking_in = threading.Thread(target=intake.run, name="intake", daemon=True)
    taking_in.start()
    if asker is not None:
        threading.Thread(target=asker.run, name="asker", daemon=True).start()
    try:
        say_where(store.folder, addresses.here)
        on_ready(addresses)
        _Server(config, app).run(sockets=[listening])
    finally:
        if asker is not None:
            asker.end()
        intake.stop()
        taking_in.join()
        listening.close()
        say_nowhere(store.folder)


def _asker(store: CampStore, of: WorklistOf | None) -> Asker | None:
    """Make who asks a worklist; where none is named what was kept of one goes."""
    if of is None:
        forget(store.folder)
        return None
    return Asker(store.folder, WorklistApart(of), source=of.name, changed=store.tell)


def configured(app: Starlette, place: Place) -> uvicorn.Config:
    """Set the server: nothing but HTTP, no word of a proxy is believed, and nobody can fill it."""
    certificate, key = place.tls or (None, None)
    return uvicorn.Config(
        app,
        http=BoundedConnection,
        ws="none",
        proxy_headers=False,
        log_config=None,
        log_level="error",  # else whoever sends nonsense fills the journal
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=_LEAVE,
        lifespan="on",
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )


def addresses_of(place: Place, port: int) -> Addresses:
    """Name the pages' addresses."""
    scheme = "https" if place.tls else "http"

    def at(host: str) -> str:
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/"

    host = plain_address(place.host)
    if host is None or not host.is_unspecified:
        is_network = not is_loopback(place.host)
        others = (at(place.host),) if is_network else ()
        return Addresses(at(place.host), others, is_network)
    here = "127.0.0.1" if host.version == 4 else "::1"
    return Addresses(at(here), tuple(map(at, own_addresses())), True)


def _tidy() -> None:
    """Give back what pages and photographs of some time ago leave."""
    gc.collect()
    release_memory()


class _Server(uvicorn.Server):
    """A server that gives memory back, and has open pages and downloads leave before it waits."""

    def __init__(self, config: uvicorn.Config, app: Starlette) -> None:
        super().__init__(config)
        self._app = app

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: give back now and then what many short-lived pages leave in heaps.

        Connections hold themselves alone, and what is kept comes to lie between them. Python looks
        for such once a quarter as much came as there is in all; ``gc.freeze`` has it not look at
        modules, so this takes some milliseconds.
        """
        if counter % _TIDY == 0:
            await run_in_threadpool(_tidy)
        elif counter % _COLLECT == 0:
            await run_in_threadpool(gc.collect)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the news and what is handed out, then everything else."""
        self._app.state.changes.end()
        self._app.state.handing_out.end()
        await super().shutdown(sockets)


def listen(place: Place) -> socket.socket:
    """Take the port before anything else, so that a second station says so at once."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((place.host, place.port))
        listening.listen()  # who opens the page before it is served waits
    except OSError as error:
        listening.close()
        taken = "it is taken; is another station running? Choose another --port"
        cause = taken if error.errno == errno.EADDRINUSE else f"{error.strerror or error}".lower()
        raise PortFailedError(place, cause) from error
    return listening
