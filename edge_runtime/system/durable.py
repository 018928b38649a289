"""Put files in their places so that they are whole whatever happens."""

import os
from pathlib import Path


def put(partial: Path, target: Path) -> None:
    """Bring a file that was written under another name to the disk, and rename it.

    Without the first, a power cut may leave an empty file under the final name.

    Args:
        partial: The complete file, in the same folder.
        target: Its place; what stands there is replaced.
    """
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(target)
