"""Read a file that may lie about its lengths, without reserving memory for what isn't there."""

from typing import BinaryIO

from edge_runtime.hospital.damage import ClauseError

#: The clause of a header that doesn't end within so many MB.
TOO_LARGE = "has a header larger than {} MB or of endless parts; export the photo anew"
_MOST_READS = 300_000  # within a budget; each costs some 20 microseconds of building objects


class Bounded:
    """A file, or a part of memory, of which no more is read than there is, and than is allowed.

    ``budget`` is how many bytes may be read in all, None for any number. ``is_short`` tells whether
    something was looked for behind the end.
    """

    def __init__(self, file: BinaryIO, size: int, *, budget: int | None = None) -> None:
        self.file, self._budget, self._allowed = file, budget, budget
        self.size, self.is_short, self._reads = size, False, 0

    def read(self, size: int = -1) -> bytes:
        """Read up to ``size`` bytes, all of the rest for -1.

        Raises:
            ClauseError: More was read in all than is allowed.
        """
        left = max(0, self.size - self.file.tell())
        wanted = left if size is None or size < 0 else size
        self.is_short = self.is_short or wanted > left > 0
        if self._budget is not None and self._allowed is not None:
            self._budget -= min(wanted, left)
            self._reads += 1
            if self._budget < 0 or self._reads > _MOST_READS:
                raise ClauseError(TOO_LARGE.format(self._allowed >> 20))
        return self.file.read(min(wanted, left))

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go somewhere."""
        position = self.file.seek(offset, whence)
        self.is_short = self.is_short or position > self.size
        return position

    def tell(self) -> int:
        """Tell where it is."""
        return self.file.tell()
