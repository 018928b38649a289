"""Say in a sentence what is in the way of taking photographs in."""

import contextlib
from pathlib import Path

from edge_runtime.errors import FundusError, printable


def sentence_of(error: Exception, inbox: Path) -> str:
    """Say what is in the way as an operator understands it."""
    if isinstance(error, OSError) and not isinstance(error, FundusError):
        name = error.filename or inbox
        with contextlib.suppress(OSError):
            if not inbox.is_dir():
                return f"{inbox}: the inbox is gone; put the card back in, or connect the share"
        return f"{name}: {(error.strerror or str(error)).lower()}; it is tried again"
    return str(error) if isinstance(error, FundusError) else unforeseen(error)


def unforeseen(error: Exception) -> str:
    """Name an error of which nobody has thought."""
    said = printable(str(error)) or "no more is known"
    return f"something unforeseen went wrong ({type(error).__name__}: {said})"
