"""Unpack what is deflated, into one piece of memory and no further than is asked for."""

import io
import zlib
from typing import BinaryIO

from edge_runtime.hospital.damage import ClauseError

_READ, _STEP = 1 << 16, 1 << 20


class Inflating:
    """The rest of a file that is unpacked bit by bit; ``unpacked`` has what came so far."""

    def __init__(self, file: BinaryIO) -> None:
        self.unpacked = io.BytesIO()
        self._file, self._packed = file, b""
        self._unpacker = zlib.decompressobj(-zlib.MAX_WBITS)

    def fits(self, most: int) -> bool:
        """Unpack up to ``most`` bytes in all; tell whether that is the whole.

        Raises:
            ClauseError: It is damaged, or ends too early.
        """
        self.unpacked.seek(0, io.SEEK_END)
        while not self._unpacker.eof and self.unpacked.tell() <= most:
            self._packed = self._packed or self._file.read(_READ)
            if not self._packed:
                raise ClauseError("is truncated")
            step = min(_STEP, most + 1 - self.unpacked.tell())
            try:
                self.unpacked.write(self._unpacker.decompress(self._packed, step))
            except zlib.error as error:
                raise ClauseError("is damaged: it can't be decompressed") from error
            self._packed = self._unpacker.unconsumed_tail
        return self._unpacker.eof and self.unpacked.tell() <= most


def inflated(file: BinaryIO, limit: int) -> bytes:
    """Unpack the rest of a file, up to ``limit`` bytes.

    Raises:
        ClauseError: There are more, or it is damaged.
    """
    inflating = Inflating(file)
    if not inflating.fits(limit):
        raise ClauseError(over(limit))
    return inflating.unpacked.getvalue()


def over(limit: int) -> str:
    """Give the clause of what unpacks to more than is allowed."""
    return f"unpacks to more than {limit} bytes; raise it with --max-pixels"
