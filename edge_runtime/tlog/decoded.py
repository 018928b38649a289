"""Read the entries of a log."""

from collections.abc import Iterator

import msgspec
from msgspec import DecodeError

from edge_runtime.tlog.entry import Entry
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.stored import StoredLog

_decode = msgspec.json.Decoder(Entry).decode


def decoded(stored: StoredLog) -> Iterator[Entry]:
    """Read all entries of a log in their order, a bundle at a time.

    Raises:
        LogInvalidError: They aren't as they were written.
    """
    for bundle in range(stored.bundles + 1):
        try:
            read = [_decode(each) for each in stored.entries_of(bundle)]
        except DecodeError as error:
            raise LogInvalidError(stored.folder, f"an entry isn't one: {error}") from error
        yield from read
