"""Find an entry of a log by its hash, and what was said of it later."""

from edge_runtime.tlog.entry import from_bytes
from edge_runtime.tlog.stored import StoredLog
from edge_runtime.tlog.tiles import WIDTH, has_bytes


def last_entry(stored: StoredLog, of: str) -> int | None:
    """Find the last entry of a hash, sought from the end, where what is asked for mostly stands.

    Args:
        stored: The log.
        of: The hash, or its first digits, hexadecimal.

    Returns:
        Its index; None where there is none.

    Raises:
        LogInvalidError: The log isn't as it was written.
    """
    wanted = f'"of":"{of}'.encode()
    for bundle in reversed(range(stored.bundles + 1)):
        if bundle < stored.bundles and not has_bytes(stored.folder, bundle, wanted):
            continue
        for at, entry in reversed([*enumerate(stored.entries_of(bundle))]):
            if wanted in entry:
                return bundle * WIDTH + at
    return None


def later_fate(stored: StoredLog, index: int) -> str | None:
    """Say in a clause whether the record of an entry was replaced or taken back later.

    Raises:
        LogInvalidError: The log isn't as it was written.
        ValueError: An entry isn't one.
    """
    of = from_bytes(stored.entry(index)).of
    wanted = of.encode()
    for bundle in range(index // WIDTH, stored.bundles + 1):
        if bundle < stored.bundles and not has_bytes(stored.folder, bundle, wanted):
            continue
        for number, raw in enumerate(stored.entries_of(bundle), bundle * WIDTH):
            if number <= index or wanted not in raw:
                continue
            entry = from_bytes(raw)
            if entry.replaces == of:
                return f"its result was replaced by entry {number} ({entry.at})"
            if entry.kind == "void":
                return f"it was taken back by entry {number} ({entry.at})"
    return None
