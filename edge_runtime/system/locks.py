"""Keep other processes from what one is at work on, for as long as it lives."""

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

#: Whether an open file or folder can be locked, renamed and deleted: everywhere but on Windows.
LOCKS = fcntl is not None


def lock(handle: int, *, wait: bool) -> None:
    """Lock an open file or folder until its handle is closed or its process dies.

    Nothing is locked on Windows, and on a file system without locks.

    Raises:
        BlockingIOError: Another handle has it locked, and ``wait`` isn't asked for.
    """
    if not LOCKS:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise
    except OSError:
        pass  # a file system without locks
