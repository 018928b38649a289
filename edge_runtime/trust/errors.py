"""Errors of keys and signatures. Each takes values and builds its own sentence."""

from pathlib import Path

from edge_runtime.errors import FundusError, printable


class BundleUntrustedError(FundusError):
    """A bundle that isn't, to the last byte, what a trusted key signed.

    It is no ``ValueError``, which readers of its files take for damage.
    """

    def __init__(self, bundle: Path, cause: str) -> None:
        self.bundle, self.cause = bundle, cause
        super().__init__(f"bundle {printable(bundle)} refused: {printable(cause)}")


class KeyInvalidError(FundusError, ValueError):
    """A file that should hold a key and doesn't, or a folder without any."""

    def __init__(self, path: Path, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(f"{printable(path)}: {printable(cause)}")


class NoticeInvalidError(FundusError, ValueError):
    """A file that should replace or revoke keys and can't be relied on."""

    def __init__(self, path: Path, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(f"{printable(path)}: {printable(cause)}")
