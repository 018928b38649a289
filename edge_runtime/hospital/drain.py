"""Take what a peer sends and the disk has no room for, so that the peer can be told so."""

from typing import Any


class Drained:
    """Stands for the file of an object, in place of one; of what is written only the length stays.

    It is what the protocol's library asks of a named temporary file.
    """

    def __init__(self, name: str, length: int = 0) -> None:
        self.name, self.file, self._length = name, self, length

    def write(self, data: bytes) -> int:
        """Count so many bytes."""
        self._length += len(data)
        return len(data)

    def tell(self) -> int:
        """Tell how many came."""
        return self._length

    def flush(self) -> None:
        """Do nothing, as nothing is kept."""

    def close(self) -> None:
        """Likewise."""


def is_drained(request: Any) -> bool:
    """Tell whether the object of a request went nowhere."""
    return isinstance(request._dataset_file, Drained)
