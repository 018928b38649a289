"""Choose from what has arrived in an inbox what wasn't taken in yet, photograph by photograph."""

from collections.abc import Callable, Iterator

from edge_runtime.errors import printable
from edge_runtime.station.arrivals import Arrivals
from edge_runtime.station.arrived import Arrived
from edge_runtime.station.camp_store import CampStore

#: Photographs that one sweep takes in at most.
AT_ONCE = 8


class Fresh:
    """Who chooses; ``is_cut_short`` says that there is more than one sweep takes in."""

    def __init__(
        self, arrivals: Arrivals, store: CampStore, finish: Callable[[Arrived, int], None]
    ) -> None:
        """Begin; ``finish`` is told of each file that is done, and of its first photograph."""
        self._arrivals, self._store, self._finish = arrivals, store, finish
        self.is_cut_short = False

    def give(self) -> Iterator[Arrived]:
        """Give what has another content than all that was taken in; the rest is kept as seen.

        A few at once, so that what comes meanwhile is looked at soon.
        """
        contents: set[str] = set()
        for arrived in self._arrivals.sweep():
            if len(contents) >= AT_ONCE:
                self._arrivals.again(arrived)
                self.is_cut_short = True
                return
            photos = self._arrivals.dicom.photos_of(self._arrivals.inbox, arrived)
            if photos == (arrived,):
                yield from self._photo(arrived, contents)
            elif photos:
                yield from self._photos(arrived, photos, contents)
            elif photos is not None:
                self._arrivals.finish(arrived)  # no photograph, and said to be none

    def _photo(self, arrived: Arrived, contents: set[str]) -> Iterator[Arrived]:
        photo = self._store.photo_of(arrived.content)
        if photo is not None:
            self._arrivals.again(arrived)
            self._store.see(arrived.path, arrived.stamp, photo=photo, fault=None)
            self._finish(arrived, photo)
        elif arrived.content not in contents:  # its twin is seen to in the next sweep
            contents.add(arrived.content)
            yield arrived
        else:
            self._arrivals.again(arrived)

    def _photos(
        self, arrived: Arrived, photos: tuple[Arrived, ...], contents: set[str]
    ) -> Iterator[Arrived]:
        """Give those of a file that holds several; it is done once each of them is."""
        known = [self._store.photo_of(each.content) for each in photos]
        left = [
            each
            for each, photo in zip(photos, known, strict=True)
            if photo is None and not self._arrivals.is_done(each)
        ]
        if not left:
            self._arrivals.again(arrived)
            self._end(arrived, next((photo for photo in known if photo is not None), None))
        elif left[0].content in contents:
            self._arrivals.again(arrived)
        else:
            chosen = left[: AT_ONCE - len(contents)]
            contents |= {each.content for each in chosen}
            self.is_cut_short = True  # the file is given once more
            yield from chosen

    def _end(self, arrived: Arrived, photo: int | None) -> None:
        """Keep that a file of several photographs was seen to; ``photo`` is the first of them."""
        if photo is not None:
            self._store.see(arrived.path, arrived.stamp, photo=photo, fault=None)
            self._finish(arrived, photo)
            return
        fault = f"{printable(arrived.path)}: none of its photos can be read"
        self._store.see(arrived.path, arrived.stamp, photo=None, fault=fault)
        self._arrivals.finish(arrived)
