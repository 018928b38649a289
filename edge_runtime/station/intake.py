"""Take what arrives in an inbox through the classifier and into the camp's store."""

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from edge_runtime.errors import FundusError, printable
from edge_runtime.photo.decode import END_LOST
from edge_runtime.photo.find import stamp_of
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import Record
from edge_runtime.predict.screening import Screened, screen, to_record
from edge_runtime.results.embedded import small_jpeg
from edge_runtime.results.legend import draw_overlay
from edge_runtime.results.overlays import marked
from edge_runtime.station.archive import Archive
from edge_runtime.station.arrivals import Arrivals
from edge_runtime.station.arrived import Arrived
from edge_runtime.station.asker import Heard
from edge_runtime.station.by_dicom import taken_by
from edge_runtime.station.by_list import told_by_list
from edge_runtime.station.calls import Calls, calls_of
from edge_runtime.station.camera_look import camera_look
from edge_runtime.station.camera_time import time_taken
from edge_runtime.station.camp_photo import CampPhoto, camp_photo
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.first_seen import FirstSeen
from edge_runtime.station.fresh import Fresh
from edge_runtime.station.hints import copies_in
from edge_runtime.station.moment import now
from edge_runtime.station.next_day import NextDay
from edge_runtime.station.trouble import Trouble, trouble_of, unforeseen
from edge_runtime.station.whom import given_to

#: The pictures of a photograph: as taken, its overlay, and as small as lists show it.
PHOTO, OVERLAY, SMALL = "photo", "overlay", "small"

_PAUSE = 0.25  # seconds between two sweeps, at least
_REST = 4.0  # times as long as a sweep took: a large inbox on a slow disk isn't swept all the time
_SIDE, _SMALL_SIDE = 1280, 192  # pixels


class Intake:
    """The one who takes photographs in; ``trouble`` is what is in its way.

    ``heard`` gives what a worklist says, None where none is asked.
    ``was_busy`` is whether the last sweep found any. ``archive`` is where files go once their
    photographs are kept, if anywhere; ``originals`` are both folders.
    """

    def __init__(
        self, inbox: Path, store: CampStore, classifier: Classifier, archive: Archive | None = None
    ) -> None:
        self.trouble: Trouble | None = None
        self._said: tuple[Trouble | None, tuple[Path, ...]] = None, ()
        self.heard: Callable[[], Heard] | None = None
        self.was_busy, self.originals = False, ((inbox, archive.folder) if archive else (inbox,))
        self.arrivals = Arrivals(inbox, first=FirstSeen(self._calls))
        self._store, self._classifier, self._archive = store, classifier, archive
        self._fresh = Fresh(self.arrivals, store, self._finish)
        self._next_day = NextDay(store)
        self._stop = threading.Event()
        self._is_sweeping, self._held_against = False, (0, 0)
        for each in reversed(store.seen()):
            self.arrivals.done[str(each.path)] = each.stamp.packed

    def run(self) -> None:
        """Sweep the inbox until ``stop``; what is in the way is said, and tried again."""
        watching = threading.Thread(target=self._watch, name="watch", daemon=True)
        watching.start()
        try:
            self._run()
        finally:
            self.stop()
            watching.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._is_sweeping = True
            try:
                self.sweep()
                self._say(self._archive.trouble if self._archive else None)
            except Exception as error:  # whatever it is, who sweeps must not be gone unnoticed
                self._fresh.is_cut_short = False
                self._say(trouble_of(error, self.arrivals.inbox, self._store.folder))
            self._is_sweeping = False
            if not self._fresh.is_cut_short:
                self._stop.wait(_PAUSE if self.was_busy else self._rest())

    def _rest(self) -> float:
        return max(_PAUSE, _REST * self.arrivals.took)

    def _watch(self) -> None:
        """Look at the inbox while a sweep is at its photographs.

        So who was called is known of each file from when it came.
        """
        while not self._stop.wait(_PAUSE / 4):
            looked = self.arrivals.looked
            is_late = looked is not None and self.arrivals.clock() - looked >= 0.75 * self._rest()
            if self._is_sweeping and is_late:
                with contextlib.suppress(Exception):  # the next sweep meets it too, and says it
                    self.arrivals.look()

    def _calls(self) -> Calls:
        with self._store.lock:
            return calls_of(self._store.camp)

    def stop(self) -> None:
        """End ``run`` after the photograph that it is at."""
        self._stop.set()

    def sweep(self) -> None:
        """Take in what has settled since the last sweep; where that is much, some of it.

        Raises:
            OSError: The inbox can't be looked through, or the store not be written.
        """
        self._store.check_in_place()
        self._next_day.begin()
        self.was_busy = self._fresh.is_cut_short = False
        begun: deque[Arrived] = deque()

        def paths() -> Iterator[Path]:
            for arrived in self._fresh.give():
                begun.append(arrived)
                yield self.arrivals.inbox / arrived.photo

        try:
            with closing(screen(self._classifier, paths(), kept=True)) as coming:
                for screened in coming:
                    self.was_busy = True
                    self._take(begun[0], screened)
                    begun.popleft()
                    if self._stop.is_set():
                        return
        except (OSError, FundusError):
            raise
        except Exception as error:  # whatever a library raises: one photograph stops no camp
            self._give_up(begun.popleft() if begun else None, error)
        finally:
            for arrived in begun:
                self.arrivals.again(arrived)
        self._by_list()
        if self._archive and not self.was_busy:
            for path in self._archive.work():
                self.arrivals.forget(path)

    def _by_list(self) -> None:
        """Let a worklist say who came by files of theirs, once one of both is new."""
        if self.heard is None:
            return
        heard = self.heard()
        known = heard.number, len(self._store.camp.photos)
        if known != self._held_against:
            with self._store.lock:
                if events := told_by_list(self._store.camp, heard):
                    self._store.happen(*events, by="")
            self._held_against = known

    def _take(self, arrived: Arrived, screened: Screened) -> None:
        """Keep one photograph; one that isn't whole yet is waited for."""
        is_whole = bool(arrived.frame) or not (screened.error or END_LOST in screened.read_as)
        if screened.sha256 not in (arrived.sha256, None) or not (is_whole or arrived.is_last_try):
            return  # rewritten meanwhile, or not there to its end
        if screened.error:
            if stamp_of(self.arrivals.inbox / arrived.path) != arrived.stamp:
                return  # gone or rewritten meanwhile
            fault = screened.error.removeprefix(f"{printable(self.arrivals.inbox)}/")
            self._store.see(arrived.photo, arrived.stamp, photo=None, fault=fault)
            self.arrivals.finish(arrived)
        else:
            photo = self._store.add(
                lambda number: self._made(arrived, screened, number),
                sha256=arrived.content,
                path=arrived.photo,
                stamp=arrived.stamp,
                events=lambda number: given_to(
                    self._store.camp, number, arrived.photo, arrived.call, screened.dicom
                ),
            )
            self._finish(arrived, photo)

    def _finish(self, arrived: Arrived, photo: int) -> None:
        self.arrivals.finish(arrived)
        if self._archive and arrived.frame is None:
            self._archive.keep(arrived.path, arrived.stamp, photo)

    def _give_up(self, arrived: Arrived | None, error: Exception) -> None:
        """Wait with a photograph on which something unforeseen went wrong, and at last say so."""
        if arrived is None:
            raise error
        if arrived.is_last_try:
            fault = f"{printable(arrived.photo)}: unforeseen ({unforeseen(error)})"
            self._store.see(arrived.photo, arrived.stamp, photo=None, fault=fault)
            self.arrivals.finish(arrived)

    def _made(
        self, arrived: Arrived, screened: Screened, number: int
    ) -> tuple[Record, CampPhoto, dict[str, bytes]]:
        record = to_record(screened, self._classifier, choice="top", overlays={})
        look = camera_look(screened.prepared)
        short = camp_photo(
            record,
            number=number,
            path=arrived.photo,
            arrived=now(),
            taken=self._taken(arrived, screened),
            camera=look,
            copies=copies_in(self._store.camp, look.print) if look else (),
        )
        if self.heard is not None and short.dicom is not None:
            from edge_runtime.hospital.named_in import named_in  # noqa: PLC0415 - DICOM alone

            name, year = named_in(self.arrivals.inbox / arrived.path)
            short = replace(short, dicom=replace(short.dicom, name=name, birth_year=year))
        pictures = {}
        if screened.photo is not None:
            pictures[PHOTO] = marked(small_jpeg(screened.photo, side=_SIDE))
            pictures[SMALL] = small_jpeg(screened.photo, side=_SMALL_SIDE)
            if screened.prediction is not None:
                top = screened.prediction.class_name
                overlay = draw_overlay(screened.photo, screened.prediction, top, is_bare=True)
                pictures[OVERLAY] = marked(small_jpeg(overlay, side=_SIDE))
        return record, short, pictures

    def _taken(self, arrived: Arrived, screened: Screened) -> str | None:
        if screened.dicom is not None:
            return taken_by(screened.dicom)
        return time_taken(self.arrivals.inbox / arrived.path)

    def _say(self, trouble: Trouble | None) -> None:
        said = trouble, self.arrivals.unread
        if said != self._said:
            self.trouble, self._said = trouble, said
            self._store.tell()
