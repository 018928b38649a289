"""Errors of what is sent. Each takes values and builds its own sentence."""

from pathlib import Path

from edge_runtime.errors import FundusError, printable


class NotSendableError(FundusError, ValueError):
    """A file that can't be sent; ``cause`` is a clause that says why and what to do."""

    def __init__(self, path: Path, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(f"{printable(path)}: not sent: {printable(cause)}")


class PeerInvalidError(FundusError, ValueError):
    """A peer's address, or what is needed to speak with it, that isn't one."""

    def __init__(self, address: str, cause: str) -> None:
        self.address, self.cause = address, cause
        super().__init__(f"{printable(address)}: {cause}")


class NotInQueueError(FundusError, LookupError):
    """A number that nothing in the queue has, or that can't be done to what has it."""

    def __init__(self, number: int, cause: str) -> None:
        self.number = number
        super().__init__(f"number {number}: {cause}")
