"""Errors of logs. Each takes values and builds its own sentence."""

from pathlib import Path

from edge_runtime.errors import FundusError, printable


class LogInvalidError(FundusError, ValueError):
    """A log, or something that was taken from one, that isn't as it was written."""

    def __init__(self, path: Path, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(f"{printable(path)}: {printable(cause)}")
