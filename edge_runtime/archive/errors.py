"""What a run over an archive can fail of as a whole."""

from edge_runtime.errors import FundusError, printable


class SourceError(FundusError, ValueError):
    """Photographs, or a list of them, that can't be listed."""

    def __init__(self, source: str, cause: str) -> None:
        self.source, self.cause = source, cause
        super().__init__(f"{printable(source)}: {printable(cause)}")


class DestinationError(FundusError, OSError):
    """A place that records can't be written to, or in which they can't be used."""

    def __init__(self, place: str, cause: str) -> None:
        self.place, self.cause = place, cause
        super().__init__(f"{printable(place)}: {printable(cause)}")


class ClusterError(FundusError, RuntimeError):
    """A Ray cluster that can't be reached, or that broke off."""

    def __init__(self, cause: str) -> None:
        super().__init__(printable(cause))


class ArchiveStoppedError(FundusError, RuntimeError):
    """A run that was stopped before the last photograph."""

    def __init__(self, place: str, *, done: int, exit_status: int) -> None:
        self.place, self.exit_status = place, exit_status
        super().__init__(
            f"Stopped with {done} photos kept in {printable(place)}; the same command with "
            "--resume goes on."
        )
