"""Find an entry of a log by its hash."""

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
