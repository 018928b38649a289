"""Which of a run's entries still count, as one comes after the other, and which can't be.

A record is logged once. A result's place is taken by another one in one case alone: a run of
``predict`` that is gone on with does a photo again. A station changes nothing that it has logged.
"""

from collections.abc import Collection

from edge_runtime.tlog.entry import Entry

_OF_RECORDS = {"photo", "event", "found"}


class Living:
    """The entries of a run that still count.

    ``living`` has the number and the entry of each, by the hash of its record, and ``replaced`` of
    each result that took another's place its own and that of the other. ``logged`` are the hashes
    of all that weren't taken back, ``found`` those of records that were logged late, and ``back``
    counts what was taken back.
    """

    def __init__(self, run: str) -> None:
        """Begin before the first entry; ``run`` is "" for a station's log."""
        self._run, self._is_open = run, not run
        self.living: dict[str, tuple[int, Entry]] = {}
        self.logged: dict[str, int] = {}
        self.replaced: list[tuple[int, Entry, tuple[int, Entry]]] = []
        self.found: list[str] = []
        self.back = 0
        self._last: list[Entry] = []  # of one moment: whose records may not be in the store
        self._taken_at = ""

    def take(self, entry: Entry, number: int = 0) -> str | None:
        """Take the next entry in; one of another run is left alone.

        Returns:
            A clause that says why no program of ours wrote it then, and it doesn't count; None
            where it can be.
        """
        if entry.run != self._run:
            return None
        if entry.kind in _OF_RECORDS:
            return self._take_record(entry, number)
        if entry.replaces:
            return "replaces a record, and is of a kind that replaces none"
        if entry.kind == "void":
            return self._take_back(entry.of)
        if entry.kind != "mended":
            self._last.clear()  # by then the records before had come into the store
        if self._run and entry.kind in ("begin", "end"):
            self._is_open = entry.kind == "begin"
        return None

    def behind(self, records: Collection[str]) -> list[Entry]:
        """List the last entries, of one moment, whose records aren't there, the last first."""
        found: list[Entry] = []
        for entry in reversed(self._last):
            if entry.of in records:
                break
            found.append(entry)
        return found

    def _take_record(self, entry: Entry, number: int) -> str | None:
        if entry.of in self.logged:
            return f"is of a record that entry {self.logged[entry.of]} has already"
        if entry.kind == "photo" and not self._is_open:
            return "is of a run that had ended, or had not begun"
        if entry.replaces and (entry.kind != "photo" or not self._run):
            return "replaces a record, which a station never does"
        if entry.replaces and entry.replaces not in self.living:
            return "replaces a record that isn't there, or was replaced before"
        # What came at another moment, or before something was taken back, is in the store.
        if self._taken_at or (self._last and self._last[-1].at != entry.at):
            self._last.clear()
        self._taken_at = ""
        if entry.replaces:
            self.replaced.append((number, entry, self.living.pop(entry.replaces)))
        self.living[entry.of], self.logged[entry.of] = (number, entry), number
        self._last.append(entry)
        if entry.kind == "found":
            self.found.append(entry.of)
        return None

    def _take_back(self, of: str) -> str | None:
        if not self._last or self._last[-1].of != of:
            return "takes back one that isn't the last before it"
        entry = self._last.pop()
        self._taken_at = entry.at
        del self.living[of], self.logged[of]
        if entry.replaces:  # what was to be replaced stands
            _, _, old = self.replaced.pop()
            self.living[entry.replaces] = old
        self.back += 1
        return None
